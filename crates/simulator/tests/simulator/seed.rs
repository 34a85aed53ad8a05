//! Ids, codes and tokens that follow from a seed.

use crate::{
    merchant::{Merchant, PAYMENT, REFUND, TOKEN, order, text},
    receiver::Receiver,
};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

/// What one of each call is answered, and the id of the notifications, in order.
async fn run(merchant: &Merchant, receiver: &Receiver) -> Vec<String> {
    let code = merchant.auth_code().await;
    let auth_token = merchant.auth_token("siti").await;
    let token = merchant.token().await;
    let (_, paid) = merchant
        .send(merchant.transaction(PAYMENT, &token, &order(&token)))
        .await;
    let reference = text(&paid["referenceNo"]);
    merchant.act(&reference, "pay").await;
    let refund = json!({
        "originalReferenceNo": reference,
        "originalPartnerReferenceNo": "ORDER-1",
        "partnerRefundNo": "R-1",
        "refundAmount": {"value": "5000.00", "currency": "IDR"},
        "reason": "sold out",
    });
    let (_, refunded) = merchant
        .send(merchant.transaction(REFUND, &token, &refund))
        .await;
    let mut snap_order = json!({"transaction_details": {"order_id": "S-1", "gross_amount": 1000}});
    snap_order["gopay"] = json!({"pop_id": simulator::account::POINT_OF_PURCHASE_ID});
    let path = "/snap/v1/transactions";
    let (_, session) = merchant.call_api(Method::POST, path, &snap_order).await;
    let path = "/v2/unknown/status";
    let (_, unknown) = merchant.call_api(Method::GET, path, &Value::Null).await;
    let headers = merchant.token_headers(Timestamp::UNIX_EPOCH);
    let (_, refused) = merchant.post(TOKEN, &headers, "{}".to_owned()).await;
    merchant
        .ask(Method::POST, "/control/notifications/release")
        .await;
    let notified = receiver.received();
    let notified = notified.iter().map(|it| it.header("X-EXTERNAL-ID"));
    [
        code,
        auth_token,
        token,
        reference,
        text(&refunded["refundNo"]),
        text(&session["token"]),
        text(&unknown["id"]),
        text(&refused["referenceNo"]),
    ]
    .into_iter()
    .chain(notified.map(str::to_owned))
    .collect()
}

async fn new_run(seed: Option<u32>) -> Vec<String> {
    let receiver = Receiver::answering(200).await;
    let with_seed = |simulator: simulator::Simulator| match seed {
        Some(seed) => simulator.with_seed(seed),
        None => simulator,
    };
    let merchant = Merchant::with(&receiver.url, with_seed).await;
    run(&merchant, &receiver).await
}

#[tokio::test]
async fn two_runs_of_one_seed_have_the_same_ids() {
    let first = new_run(Some(7)).await;
    assert_eq!(first, new_run(Some(7)).await);
    for (one, other) in [
        (&first, new_run(Some(8)).await),
        (&new_run(None).await, new_run(None).await),
    ] {
        assert_eq!(one.len(), 10);
        assert!(
            other.iter().all(|id| !one.contains(id)),
            "{one:?} {other:?}"
        );
    }
}

#[tokio::test]
async fn a_reset_begins_the_ids_of_the_seed_anew() {
    let merchant = Merchant::with("http://127.0.0.1:9", |it| it.with_seed(7)).await;
    let (first, second) = (merchant.reference().await, merchant.reference().await);
    assert_ne!(first, second);
    let set_up = async |setup: Value| {
        let path = "/control/setup";
        let (status, answer) = merchant.control(Method::PUT, path, setup).await;
        assert_eq!(status, 200, "{answer}");
    };
    let setup = merchant.ask(Method::GET, "/control/setup").await.1;
    assert_eq!(setup["seed"], 7);
    set_up(setup).await;
    assert!(![first.clone(), second].contains(&merchant.reference().await));
    merchant.ask(Method::POST, "/control/reset").await;
    assert_eq!(merchant.reference().await, first);
    merchant.ask(Method::POST, "/control/reset").await;
    set_up(json!({"seed": 8})).await;
    assert_ne!(merchant.reference().await, first);
}

#[tokio::test]
async fn a_setup_without_a_seed_keeps_it_and_null_removes_it() {
    let merchant = Merchant::with("http://127.0.0.1:9", |it| it.with_seed(7)).await;
    for (setup, seed) in [
        (json!({"notifications": "delay"}), json!(7)),
        (json!({"seed": 8}), json!(8)),
        (json!({}), json!(8)),
        (json!({"seed": null}), Value::Null),
        (json!({}), Value::Null),
    ] {
        let path = "/control/setup";
        let (status, answer) = merchant.control(Method::PUT, path, setup.clone()).await;
        assert_eq!(status, 200, "{answer}");
        let found = merchant.ask(Method::GET, path).await.1;
        assert_eq!(found["seed"], seed, "{setup}");
    }
    merchant.ask(Method::POST, "/control/reset").await;
    let restored = merchant.ask(Method::GET, "/control/setup").await.1;
    assert_eq!(restored["seed"], 7);
}
