//! A run that is recorded and played again.

use crate::{
    merchant::{Merchant, PAYMENT, order, text},
    receiver::Receiver,
    snap::SNAP,
};
use reqwest::Method;
use serde_json::{Value, json};
use simulator::account::SANDBOX_SNAP_CLIENT_KEY;

/// The merchant makes its payment of this order.
async fn make(merchant: &Merchant, order_id: &str) -> String {
    let token = merchant.token().await;
    let mut order = order(&token);
    order["partnerReferenceNo"] = json!(order_id);
    let request = merchant.transaction(PAYMENT, &token, &order);
    let (status, answer) = merchant.send(request).await;
    assert_eq!(status, 200, "{answer}");
    text(&answer["referenceNo"])
}

async fn done(merchant: &Merchant, method: Method, path: &str, body: Value) -> Value {
    let (status, answer) = merchant.control(method, path, body).await;
    assert_eq!(status, 200, "{path}: {answer}");
    answer
}

async fn recording(merchant: &Merchant) -> Value {
    merchant.ask(Method::GET, "/control/recording").await.1
}

/// Returns what is left.
async fn replay(merchant: &Merchant, recording: Value) -> Value {
    let path = "/control/recording/replay";
    done(merchant, Method::POST, path, recording).await
}

/// What the merchant has received: the id of each notification, its order and its status.
fn received(receiver: &Receiver) -> Vec<[String; 3]> {
    let received = receiver.received();
    let notified = received.iter().map(|it| {
        let body = it.json();
        [
            it.header("X-EXTERNAL-ID").to_owned(),
            text(&body["originalPartnerReferenceNo"]),
            text(&body["latestTransactionStatus"]),
        ]
    });
    notified.collect()
}

async fn states(merchant: &Merchant) -> Vec<[Value; 4]> {
    let ledger = merchant.ask(Method::GET, "/control/ledger").await.1;
    let payments = ledger["payments"].as_array().unwrap().iter();
    let names = ["reference_no", "state", "refunded", "buyer"];
    payments
        .map(|payment| names.map(|name| payment[name].clone()))
        .collect()
}

#[tokio::test]
async fn a_recorded_run_is_played_against_a_fresh_simulator() {
    let (put, post) = (Method::PUT, Method::POST);
    let receiver = Receiver::answering(200).await;
    let first = Merchant::with(&receiver.url, |it| it.with_seed(7)).await;
    let siti = json!({"balance": 30_000});
    done(&first, put.clone(), "/control/buyers/siti", siti).await;
    let reference = make(&first, "ORDER-1").await;
    let deeplink = json!({"deeplink": format!("gopay://merchanttransfer?tref={reference}")});
    let launch =
        json!({"class": "GP", "method": "launchPayment", "params": deeplink, "buyer": "siti"});
    done(&first, post.clone(), "/bridge/call", launch).await;
    let path = format!("/bridge/payments/{reference}/pay");
    done(&first, post.clone(), &path, json!({})).await;
    let later = json!({"seconds": 60});
    done(&first, post.clone(), "/control/clock/advance", later).await;
    let refund = json!({"amount": 5000});
    done(
        &first,
        post.clone(),
        "/control/payments/ORDER-1/refund",
        refund,
    )
    .await;
    let second = make(&first, "ORDER-2").await;
    first.act(&second, "cancel").await;
    let path = "/control/notifications/ORDER-2/repeat";
    done(&first, post.clone(), path, json!({"status": "00"})).await;
    let forged = json!({"ref": reference, "how": "unsigned"});
    done(&first, post, "/control/notifications/forge", forged).await;

    let recorded = recording(&first).await;
    assert_eq!(
        recorded,
        json!({
            "setup": {"seed": 7},
            "steps": [
                {"call": "PUT /control/buyers/siti", "payments": 0, "body": {"balance": 30_000}},
                {"call": "POST /control/payments/{1}/open", "payments": 1, "body": {"buyer": "siti"}},
                {"call": "POST /bridge/payments/{1}/pay", "payments": 1},
                {"call": "POST /control/clock/advance", "payments": 1, "body": {"seconds": 60}},
                {"call": "POST /control/payments/{1}/refund", "payments": 1, "body": {"amount": 5000}},
                {"call": "POST /control/payments/{2}/cancel", "payments": 2},
                {"call": "POST /control/notifications/{2}/repeat", "payments": 2, "body": {"status": "00"}},
                {"call": "POST /control/notifications/forge", "payments": 2, "body": {"ref": "{1}", "how": "unsigned"}},
            ],
        })
    );

    let receiver_again = Receiver::answering(200).await;
    let again = Merchant::notified_at(&receiver_again.url).await;
    // Of a run before, which ends.
    make(&again, "ORDER-0").await;
    let left = replay(&again, recorded.clone()).await;
    assert_eq!(left["steps"].as_array().unwrap().len(), 7);
    make(&again, "ORDER-1").await;
    let left = replay(&again, left).await;
    assert_eq!(
        left["steps"][0]["call"],
        "POST /control/payments/{2}/cancel"
    );
    make(&again, "ORDER-2").await;
    let left = replay(&again, left).await;
    assert_eq!(left, json!({"steps": []}));
    assert_eq!(states(&again).await, states(&first).await);
    assert_eq!(
        states(&again).await[0][1..],
        [json!("paid"), json!(5000), json!("siti")]
    );
    let notified = received(&receiver_again);
    assert_eq!(notified, received(&receiver));
    assert_eq!(notified.len(), 5);
    assert_eq!(recording(&again).await, recorded);
}

#[tokio::test]
async fn a_recording_without_a_seed_is_played_with_that_of_the_start() {
    let merchant = Merchant::with("http://127.0.0.1:9", |it| it.with_seed(7)).await;
    let first = make(&merchant, "ORDER-1").await;
    for (setup, seed) in [(json!({}), json!(7)), (json!({"seed": null}), Value::Null)] {
        replay(&merchant, json!({"setup": setup, "steps": []})).await;
        assert_eq!(
            make(&merchant, "ORDER-1").await == first,
            !seed.is_null(),
            "{setup}"
        );
        assert_eq!(
            recording(&merchant).await["setup"]
                .get("seed")
                .unwrap_or(&Value::Null),
            &seed
        );
    }
}

#[tokio::test]
async fn a_recording_holds_neither_secrets_nor_what_had_no_effect() {
    let merchant = Merchant::new().await;
    let (put, post) = (Method::PUT, Method::POST);
    let keys = json!({"client_secret": "secret of a test"});
    done(&merchant, put.clone(), "/control/keys", keys).await;
    let moved = json!({"notify": "http://127.0.0.1:9"});
    done(&merchant, put.clone(), "/control/merchant", moved).await;
    merchant.auth_code().await;
    merchant.act("ORDER-1", "pay").await;
    merchant.ask(Method::GET, "/control/ledger").await;
    done(
        &merchant,
        post.clone(),
        "/control/notifications/replay",
        json!([]),
    )
    .await;
    let nothing = json!({"setup": {}, "steps": []});
    assert_eq!(recording(&merchant).await, nothing);
    let request = merchant
        .http
        .put(format!("{}/control/scenario", merchant.url));
    request.body("name=outside").send().await.unwrap();
    let step = json!({"call": "PUT /control/scenario", "payments": 0, "body": {"name": "outside"}});
    assert_eq!(recording(&merchant).await["steps"], json!([step]));
    merchant.ask(post, "/control/reset").await;
    assert_eq!(recording(&merchant).await, nothing);
}

#[tokio::test]
async fn the_buyers_of_snap_and_of_the_sandbox_are_recorded_too() {
    let merchant = Merchant::in_sandbox("http://127.0.0.1:9").await;
    let make = async |merchant: &Merchant| {
        let order = json!({"transaction_details": {"order_id": "S-1", "gross_amount": 1000}});
        let (status, session) = merchant.call_api(Method::POST, SNAP, &order).await;
        assert_eq!(status, 201, "{session}");
        text(&session["token"])
    };
    let token = make(&merchant).await;
    let key = json!({"client_key": SANDBOX_SNAP_CLIENT_KEY});
    for (act, body) in [("open", key), ("pay", json!({"pin": "123456"}))] {
        let path = format!("/web/payments/{token}/{act}");
        assert_eq!(merchant.web(Method::POST, &path, body).await.0, 200);
    }
    let recorded = recording(&merchant).await;
    assert_eq!(
        recorded["steps"][0],
        json!({"call": "POST /sandbox/web/payments/{1}/open", "payments": 1})
    );
    assert!(!recorded.to_string().contains(SANDBOX_SNAP_CLIENT_KEY));
    let again = Merchant::in_sandbox("http://127.0.0.1:9").await;
    let left = replay(&again, recorded.clone()).await;
    assert_eq!(left["steps"], recorded["steps"]);
    make(&again).await;
    assert_eq!(replay(&again, left).await, json!({"steps": []}));
    assert_eq!(again.payment("S-1").await["state"], "paid");
    assert_eq!(recording(&again).await, recorded);
}

#[tokio::test]
async fn a_written_step_names_an_order_and_a_wrong_one_is_named() {
    let merchant = Merchant::new().await;
    make(&merchant, "ORDER-1").await;
    let play = async |steps: Value| {
        let path = "/control/recording/replay";
        let recording = json!({"steps": steps});
        merchant.control(Method::POST, path, recording).await
    };
    let open = json!({"call": "POST /control/payments/ORDER-1/open"});
    let pay = json!({"call": "POST /control/payments/{1}/pay"});
    let (status, left) = play(json!([open, pay])).await;
    assert_eq!((status, left), (200, json!({"steps": []})));
    let payment = merchant.payment("ORDER-1").await;
    assert_eq!(
        (&payment["state"], &payment["buyer"]),
        (&json!("paid"), &json!("budi"))
    );
    for (steps, status, words) in [
        (
            json!([{"call": "PUT /control/buyers/siti"}, pay]),
            409,
            "step 2, POST /control/payments/{1}/pay, ended with 409 Conflict: the payment is paid",
        ),
        (json!([open]), 409, "the payment is paid"),
        (
            json!([{"call": "POST /control/payments/none/pay"}]),
            409,
            "ended with 404 Not Found: there is no payment",
        ),
        (json!([{"call": "POST /healthz"}]), 409, "no such call"),
        (
            json!([{"call": "pay"}]),
            422,
            "write it as POST /control/payments/{1}/pay",
        ),
        (
            json!([{"do": "pay"}]),
            422,
            "steps[0].do: unknown field `do`",
        ),
    ] {
        let (found, answer) = play(steps).await;
        assert_eq!(found, status, "{answer}");
        let error = answer["error"].as_str().unwrap();
        assert!(error.contains(words), "{error}");
    }
}
