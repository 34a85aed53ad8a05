//! Several merchants: what belongs to one is unknown to the others.

use crate::{
    merchant::{CANCEL, Merchant, PAYMENT, REFUND, STATUS, order, text},
    receiver::Receiver,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use gopay_protocol::{Secret, SigningKey, VerifyingKey, signature::body_hash};
use reqwest::Method;
use serde_json::{Value, json};
use simulator::{FurtherMerchant, MerchantSecrets, MiniApp, account::Account};

const SECRET: &str = "the second client secret";

/// The first merchant, with the mini app `kedai`, and the second, with `teh`; notified at these addresses.
async fn merchants(first: &str, second: &str) -> (Merchant, Merchant) {
    let key = SigningKey::generate().unwrap();
    let public_key = VerifyingKey::from_pem(&key.public_pem().unwrap()).unwrap();
    let account = Account::of_merchant("G2");
    let further = FurtherMerchant {
        account: account.clone(),
        secrets: MerchantSecrets {
            client_secret: Secret::new(SECRET),
            public_key,
        },
        notify: second.parse().unwrap(),
    };
    let first = Merchant::with(first, |simulator| {
        let simulator = simulator.with_merchant(further).unwrap();
        simulator.with_mini_app(teh("G2")).unwrap()
    })
    .await;
    let second = first.other(account, key, Secret::new(SECRET));
    (first, second)
}

fn teh(merchant_id: &str) -> MiniApp {
    let app = "http://teh.localhost:8080".parse().unwrap();
    MiniApp::new(
        "teh".parse().unwrap(),
        app,
        Secret::new("credentials of teh"),
    )
    .with_point_of_purchase("pop-of-teh")
    .of_merchant(merchant_id)
}

/// A good payment of the second merchant's.
fn order_of_second(token: &str) -> Value {
    let mut order = order(token);
    order["merchantId"] = json!("G2");
    order["additionalInfo"]["pointOfPurchaseId"] = json!("pop-of-teh");
    order
}

#[tokio::test]
async fn a_payment_is_known_to_its_merchant_only() {
    let nowhere = "http://127.0.0.1:9";
    let (first, second) = merchants(nowhere, nowhere).await;
    let reference_no = first.reference().await;
    let token = second.token().await;
    let original = json!({"originalReferenceNo": reference_no, "serviceCode": "54"});
    let (status, found) = second
        .send(second.transaction(STATUS, &token, &original))
        .await;
    assert_eq!(
        (status, &found["latestTransactionStatus"]),
        (200, &json!("07")),
        "{found}"
    );
    for path in [CANCEL, REFUND] {
        let body = json!({"originalReferenceNo": reference_no, "partnerRefundNo": "r-1"});
        let (status, answer) = second.send(second.transaction(path, &token, &body)).await;
        assert_eq!(status, 404, "{path}: {answer}");
    }
    assert_eq!(
        first.status(original).await["latestTransactionStatus"],
        "03"
    );

    // The same order and the same X-EXTERNAL-ID of two merchants are two payments.
    let mut payments = Vec::new();
    for (merchant, order) in [
        (&first, order as fn(&str) -> Value),
        (&second, order_of_second),
    ] {
        let token = merchant.token().await;
        let request = merchant.transaction(PAYMENT, &token, &order(&token));
        let (status, paid) = merchant.send(request.set("X-EXTERNAL-ID", "same")).await;
        assert_eq!(status, 200, "{paid}");
        payments.push(text(&paid["referenceNo"]));
    }
    assert_ne!(payments[0], payments[1]);
    let by_id = json!({"originalExternalId": "same", "serviceCode": "54"});
    for (merchant, reference_no) in [(&first, &payments[0]), (&second, &payments[1])] {
        let found = merchant.status(by_id.clone()).await;
        assert_eq!(found["originalReferenceNo"], json!(reference_no));
    }
    let (_, ledger) = first.ask(Method::GET, "/control/ledger").await;
    let ids = |list: &str| -> Vec<Value> {
        let list = ledger[list].as_array().unwrap().iter();
        list.map(|it| it["merchant_id"].clone()).collect()
    };
    assert_eq!(ids("merchants"), ["G000000001", "G2"]);
    assert_eq!(ids("mini_apps"), ["G000000001", "G2"]);
    assert_eq!(ids("payments"), ["G000000001", "G000000001", "G2"]);
}

#[tokio::test]
async fn a_mini_app_opens_payments_of_its_own_merchant_only() {
    let nowhere = "http://127.0.0.1:9";
    let (first, second) = merchants(nowhere, nowhere).await;
    let token = second.token().await;
    let request = second.transaction(PAYMENT, &token, &order_of_second(&token));
    let reference_no = text(&second.send(request).await.1["referenceNo"]);
    let launch = json!({
        "class": "GP",
        "method": "launchPayment",
        "params": {"deeplink": format!("gopay://merchanttransfer?tref={reference_no}")},
    });
    let call = async |origin: &str| {
        let request = first.http.post(format!("{}/bridge/call", first.url));
        let request = request.header("origin", origin).json(&launch);
        request.send().await.unwrap().json::<Value>().await.unwrap()
    };
    let refused = call("http://localhost:8080").await;
    assert_eq!(refused["reply"]["errorCode"], "202", "{refused}");
    let why = "the payment of `deeplink` is another merchant's than the mini app";
    assert_eq!(refused["why"], why);
    let (_, ledger) = first.ask(Method::GET, "/control/ledger").await;
    assert_eq!(ledger["payments"][0]["buyer"], Value::Null);
    assert_eq!(call("http://teh.localhost:8080").await["kind"], "show");
}

#[tokio::test]
async fn each_merchant_is_notified_and_paid_by_its_own_name() {
    let receivers = [
        Receiver::answering(200).await,
        Receiver::answering(200).await,
    ];
    let (first, second) = merchants(&receivers[0].url, &receivers[1].url).await;
    let token = second.token().await;
    let request = second.transaction(PAYMENT, &token, &order_of_second(&token));
    let (_, paid) = second.send(request).await;
    let reference_no = text(&paid["referenceNo"]);
    let sheet = first
        .ask(Method::GET, &format!("/bridge/payments/{reference_no}"))
        .await
        .1;
    assert_eq!(sheet["merchant_name"], "G2");
    assert_eq!(first.act(&reference_no, "pay").await.0, 200);
    assert_eq!(receivers[1].received().len(), 1);
    assert!(receivers[0].received().is_empty());
    let notified = &receivers[1].received()[0];
    assert_eq!(notified.header("x-partner-id"), "G2");
    assert_eq!(notified.json()["merchantId"], "G2");
    let string = format!(
        "POST:{}:{}:{}",
        notified.path,
        body_hash(notified.body.as_bytes()),
        notified.header("x-timestamp")
    );
    assert!(first.gopay.verify(&string, notified.header("x-signature")));
}

#[tokio::test]
async fn what_is_anothers_is_refused_with_the_rule() {
    let nowhere = "http://127.0.0.1:9";
    let (first, second) = merchants(nowhere, nowhere).await;
    let token = second.token().await;
    let good = || second.transaction(PAYMENT, &token, &order_of_second(&token));
    for (request, code) in [
        (good().set("X-PARTNER-ID", "G000000001"), "4015400"),
        (
            second.transaction(PAYMENT, &token, &order(&token)),
            "4005402",
        ),
        (
            {
                let mut order = order_of_second(&token);
                order["additionalInfo"] = super::merchant::order(&token)["additionalInfo"].clone();
                second.transaction(PAYMENT, &token, &order)
            },
            "4035415",
        ),
        // Under the secret of the other.
        (
            first
                .transaction(PAYMENT, &token, &order_of_second(&token))
                .set("X-PARTNER-ID", "G2"),
            "4015400",
        ),
    ] {
        let (_, answer) = second.send(request).await;
        assert_eq!(answer["responseCode"], code, "{answer}");
    }
    let (status, _) = second.send(good()).await;
    assert_eq!(status, 200);

    let snap = json!({
        "transaction_details": {"order_id": "S-1", "gross_amount": 25000},
        "gopay": {"pop_id": "pop-of-teh"},
    });
    let path = "/snap/v1/transactions";
    let (status, refused) = first.call_api(Method::POST, path, &snap).await;
    assert_eq!(
        (status, &refused["error_messages"][0]),
        (400, &json!("gopay.pop_id is unknown"))
    );
    let (status, made) = second.call_api(Method::POST, path, &snap).await;
    assert_eq!(status, 201, "{made}");
    let open = format!("/web/payments/{}/open", text(&made["token"]));
    let key = |key: &str| json!({"client_key": key});
    assert_eq!(
        first
            .web(Method::POST, &open, key(&first.account.snap_client_key))
            .await
            .0,
        401
    );
    assert_eq!(
        first.web(Method::POST, &open, key("Mid-client-G2")).await.0,
        200
    );
    for (merchant, code) in [(&first, "404"), (&second, "201")] {
        let status = merchant
            .call_api(Method::GET, "/v2/S-1/status", &Value::Null)
            .await;
        assert_eq!(status.1["status_code"], code);
    }
}

#[tokio::test]
async fn a_mistake_in_a_signature_is_found_by_the_keys_of_its_merchant() {
    let nowhere = "http://127.0.0.1:9";
    let (first, second) = merchants(nowhere, nowhere).await;
    let token = second.token().await;
    let good = second.transaction(PAYMENT, &token, &order_of_second(&token));
    let signature = good.headers.iter().find(|(name, _)| *name == "X-SIGNATURE");
    let truncated = signature.unwrap().1.trim_end_matches('=').to_owned();
    let (_, refused) = second.send(good.set("X-SIGNATURE", &truncated)).await;
    assert_eq!(refused["responseCode"], "4015400");
    let (_, exchanges) = first.ask(Method::GET, "/control/exchanges?last=1").await;
    let mistake = text(&exchanges[0]["mistake"]);
    assert!(
        mistake.contains("padding") || mistake.contains('='),
        "{mistake}"
    );
}

#[tokio::test]
async fn a_setting_and_a_key_are_changed_for_one_merchant() {
    let nowhere = "http://127.0.0.1:9";
    let (first, second) = merchants(nowhere, nowhere).await;
    let unknown = json!({"merchant_id": "G3", "notify": "http://localhost:1"});
    let (status, refused) = first
        .control(Method::PUT, "/control/merchant", unknown)
        .await;
    assert_eq!(
        (status, text(&refused["error"]).as_str()),
        (
            404,
            "there is no merchant \"G3\"; the simulator plays G000000001, G2"
        )
    );
    let change = json!({"merchant_id": "G2", "client_secret": "changed"});
    assert_eq!(
        first.control(Method::PUT, "/control/keys", change).await.0,
        200
    );
    let token = second.token().await;
    let (_, refused) = second
        .send(second.transaction(PAYMENT, &token, &order_of_second(&token)))
        .await;
    assert_eq!(refused["responseCode"], "4015400");
    assert_eq!(first.pay().await["responseCode"], "2005400");
}

#[tokio::test]
async fn a_fault_meets_a_merchant_by_its_own_ids() {
    let nowhere = "http://127.0.0.1:9";
    let (first, second) = merchants(nowhere, nowhere).await;
    let token = first.token().await;
    let request = first.transaction(PAYMENT, &token, &order(&token));
    let (status, _) = first.send(request.set("X-EXTERNAL-ID", "same")).await;
    assert_eq!(status, 200);
    // The second merchant has not used the id before.
    let refused = json!([{"on": "payment", "do": "repeat_refused", "times": null}]);
    first.control(Method::PUT, "/control/faults", refused).await;
    let token = second.token().await;
    for expected in ["2005400", "4095400"] {
        let request = second.transaction(PAYMENT, &token, &order_of_second(&token));
        let (_, answer) = second.send(request.set("X-EXTERNAL-ID", "same")).await;
        assert_eq!(answer["responseCode"], expected, "{answer}");
    }
}

#[tokio::test]
async fn the_inspector_goes_by_the_keys_of_the_caller() {
    let nowhere = "http://127.0.0.1:9";
    let (first, second) = merchants(nowhere, nowhere).await;
    let last = async || first.ask(Method::GET, "/control/exchanges?last=1").await.1[0].clone();
    // The signature is right, the partner id the first merchant's.
    let token = second.token().await;
    let request = second.transaction(PAYMENT, &token, &order_of_second(&token));
    second.send(request.set("X-PARTNER-ID", "G000000001")).await;
    assert_eq!(last().await["signature"]["verifies"], true);

    let path = format!("{}/snap/v1/transactions", second.apis);
    let key = STANDARD.encode("Mid-server-G2");
    let request = second.http.post(path).json(&json!({}));
    let request = request.header("authorization", format!("Basic {key}"));
    assert_eq!(request.send().await.unwrap().status(), 401);
    let mistake = text(&last().await["mistake"]);
    assert!(
        mistake.contains("the colon after the server key is missing"),
        "{mistake}"
    );
}

#[tokio::test]
async fn a_recorded_notification_is_replayed_to_its_merchant() {
    let receivers = [
        Receiver::answering(200).await,
        Receiver::answering(200).await,
    ];
    let (first, second) = merchants(&receivers[0].url, &receivers[1].url).await;
    for switches in [
        json!({"notification_fields": "sample"}),
        json!({"notification_body": "text"}),
        json!({"snap_notification": "classic"}),
    ] {
        let before = receivers[1].received().len();
        first
            .control(Method::PUT, "/control/checkout", switches.clone())
            .await;
        let order_id = format!("S-{before}");
        let snap = json!({
            "transaction_details": {"order_id": order_id, "gross_amount": 25000},
            "gopay": {"pop_id": "pop-of-teh"},
        });
        let (status, made) = second
            .call_api(Method::POST, "/snap/v1/transactions", &snap)
            .await;
        assert_eq!(status, 201, "{made}");
        first.act(&order_id, "pay").await;
        let sent = receivers[1].received().len() - before;
        assert!(sent > 0, "{switches}");
        let recorded = first
            .ask(Method::GET, "/control/exchanges?last=1&secrets=show")
            .await
            .1;
        let (status, _) = first
            .control(Method::POST, "/control/notifications/replay", recorded)
            .await;
        assert_eq!(status, 200);
        assert_eq!(
            receivers[1].received().len(),
            before + sent + 1,
            "{switches}"
        );
    }
    assert!(receivers[0].received().is_empty());
}

#[tokio::test]
async fn addresses_and_credentials_are_changed_for_one_merchant() {
    let nowhere = "http://127.0.0.1:9";
    let (first, _) = merchants(nowhere, nowhere).await;
    let moved = json!({"merchant_id": "G2", "app": "http://moved.localhost:8080"});
    assert_eq!(
        first
            .control(Method::PUT, "/control/merchant", moved)
            .await
            .0,
        200
    );
    let ledger = first.ask(Method::GET, "/control/ledger").await.1;
    assert_eq!(ledger["mini_apps"][0]["app"], "http://localhost:8080/");
    assert_eq!(
        ledger["mini_apps"][1]["app"],
        "http://moved.localhost:8080/"
    );
    let change = json!({"merchant_id": "G2", "auth_credentials": "changed"});
    assert_eq!(
        first.control(Method::PUT, "/control/keys", change).await.0,
        200
    );
    // Those of the first are as they were.
    first.auth_token("budi").await;
    let taken = json!({"merchant_id": "G2", "server_key": first.server_key});
    let (status, refused) = first.control(Method::PUT, "/control/keys", taken).await;
    assert_eq!(
        (status, text(&refused["error"]).as_str()),
        (422, "another merchant has this server key")
    );
}
