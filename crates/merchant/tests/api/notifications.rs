//! What GoPay says, and what others say in its name.

use crate::test_env::TestEnv;
use contract::{Order, OrderStatus};
use jiff::Timestamp;
use merchant::adapters::database::sql;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

async fn code(answer: Response) -> (StatusCode, String) {
    let status = answer.status();
    assert!(answer.headers().contains_key("x-timestamp"));
    let body: Value = answer.json().await.unwrap();
    (status, body["responseCode"].as_str().unwrap().to_owned())
}

async fn ordered() -> (TestEnv, crate::test_env::Buyer, Order, String) {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    let reference = env.references().await.remove(0);
    (env, buyer, order, reference)
}

pub(crate) fn paid(reference: &str, order: &Order) -> Value {
    json!({
        "originalReferenceNo": reference,
        "originalPartnerReferenceNo": order.id,
        "amount": {"value": "50000.00", "currency": "IDR"},
        "latestTransactionStatus": "00",
        "additionalInfo": {}
    })
}

/// TM01
#[tokio::test]
async fn a_forged_notification_changes_nothing() {
    let (env, buyer, order, reference) = ordered().await;
    for (how, status) in [("unsigned", 400), ("foreign_key", 401), ("tampered", 401)] {
        let answer = env
            .control_post(
                "notifications/forge",
                json!({"ref": reference, "how": how, "status": "00"}),
            )
            .await;
        assert_eq!(answer["http_status"], status, "{how}");
        assert!(answer["body"].as_str().unwrap().contains("56"), "{how}");
    }
    assert_eq!(
        buyer.status(&env, &order.id).await,
        OrderStatus::AwaitingPayment
    );
}

/// There is no such feature, and the body holds a token: it is refused unread, and in words.
#[tokio::test]
async fn a_notification_of_a_linked_account_is_refused_as_unsupported() {
    let env = TestEnv::new().await;
    let url = env.merchant(gopay_protocol::message::notify::LINKING_PATH);
    let body = json!({"additionalInfo": {"accessToken": "x", "accountStatus": "ENABLED"}});
    let answer = env.http.post(url).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(answer.headers().contains_key("x-timestamp"));
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["responseCode"], "4038815");
    let words = body["responseMessage"].as_str().unwrap();
    assert!(words.contains("are not supported"), "{words}");
}

/// TM02
#[tokio::test]
async fn the_same_notification_a_hundred_times_is_one() {
    let (env, buyer, order, reference) = ordered().await;
    let body = paid(&reference, &order).to_string();
    let at = Timestamp::now();
    for _ in 0..50 {
        let (one, other) = tokio::join!(env.notify(at, &body), env.notify(at, &body));
        assert_eq!(one.status(), StatusCode::OK);
        assert_eq!(other.status(), StatusCode::OK);
    }
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
}

#[tokio::test]
async fn a_late_pending_or_failure_does_not_unpay_an_order() {
    let (env, buyer, order, reference) = ordered().await;
    env.act("pay").await;
    for status in ["03", "06", "08", "05", "42"] {
        env.control_post(
            &format!("notifications/{reference}/repeat"),
            json!({"status": status}),
        )
        .await;
        assert_eq!(
            buyer.status(&env, &order.id).await,
            OrderStatus::Paid,
            "{status}"
        );
    }
}

#[tokio::test]
async fn a_refund_made_elsewhere_is_understood_when_gopay_notifies_it() {
    let (env, buyer, order, reference) = ordered().await;
    env.act("pay").await;
    for (refunded, status) in [
        ("20000.00", OrderStatus::PartiallyRefunded),
        ("50000.00", OrderStatus::Refunded),
    ] {
        let mut refund = paid(&reference, &order);
        refund["latestTransactionStatus"] = json!("04");
        refund["additionalInfo"]["refundHistory"] = json!([{
            "refundNo": "1",
            "refundStatus": "00",
            "refundAmount": {"value": refunded, "currency": "IDR"}
        }]);
        let answer = env.notify(Timestamp::now(), &refund.to_string()).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(buyer.status(&env, &order.id).await, status);
    }
}

/// TM03
#[tokio::test]
async fn a_notification_that_cannot_be_placed_with_certainty_pays_nothing() {
    let (env, buyer, order, reference) = ordered().await;
    let second = buyer.order(&env).await;
    let good = paid(&reference, &order);
    let with = |key: &str, value: Value| {
        let mut body = good.clone();
        body[key] = value;
        body
    };
    for (what, body) in [
        (
            "an unknown payment",
            with("originalReferenceNo", json!("A0")),
        ),
        ("another merchant", with("merchantId", json!("G999"))),
        (
            "two orders at once",
            with("originalPartnerReferenceNo", json!(second.id)),
        ),
    ] {
        let answer = env.notify(Timestamp::now(), &body.to_string()).await;
        let taken = (StatusCode::OK, "2005600".to_owned());
        assert_eq!(code(answer).await, taken, "{what}");
    }
    for id in [&order.id, &second.id] {
        assert_eq!(buyer.status(&env, id).await, OrderStatus::AwaitingPayment);
    }
}

/// I-40: whatever comes, signed or not, and with the database out of reach.
#[tokio::test]
async fn no_answer_to_a_notification_is_an_internal_error() {
    let (env, buyer, order, reference) = ordered().await;
    let good = paid(&reference, &order).to_string();
    let mut bodies: Vec<String> = (0..good.len())
        .step_by(13)
        .flat_map(|at| {
            [
                good[..at].to_owned(),
                [&good[..at], &good[at + 1..]].concat(),
            ]
        })
        .collect();
    let nonsense = [
        json!(null),
        json!(-1),
        json!("x"),
        json!([]),
        json!({}),
        json!(1e300),
    ];
    for field in [
        "originalReferenceNo",
        "originalPartnerReferenceNo",
        "amount",
        "latestTransactionStatus",
        "additionalInfo",
    ] {
        for value in &nonsense {
            let mut body = paid(&reference, &order);
            body[field] = value.clone();
            bodies.push(body.to_string());
        }
    }
    for amount in ["", "-1.00", "1", "99999999999999999999.00", "0.00", "x"] {
        let mut body = paid("A0", &order);
        body["amount"]["value"] = json!(amount);
        bodies.push(body.to_string());
    }
    assert!(bodies.len() > 60);
    for body in &bodies {
        for answer in [
            env.notify(Timestamp::now(), body).await,
            (env.notification("2026-01-01T00:00:00+07:00", "c2ln", body)
                .send()
                .await)
                .unwrap(),
        ] {
            let (status, code) = code(answer).await;
            assert!(status.as_u16() < 500, "{status} {code} to {body}");
            assert_eq!(&code[..5], format!("{}56", status.as_u16()));
        }
    }
    for method in ["PUT", "DELETE", "OPTIONS", "PATCH"] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = env.merchant(gopay_protocol::message::notify::PATH);
        let answer = env.http.request(method, url).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{}", answer.status());
    }

    // GoPay is to come back when the database is there again.
    let mut database = env.database().await;
    for (from, to) in [("amount", "away"), ("away", "amount")] {
        let rename = format!("alter table evidence rename column {from} to {to}");
        let rename = sql(rename.leak());
        rename.execute(&mut database).await.unwrap();
        let answer = env.notify(Timestamp::now(), &good).await;
        let expected = if to == "away" { "5035600" } else { "2005600" };
        assert_eq!(code(answer).await.1, expected);
    }
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
}
