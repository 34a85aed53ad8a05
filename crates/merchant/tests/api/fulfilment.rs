//! What happens once an order is paid: a pick-up code for the buyer, and a word to the
//! merchant's own systems.

use crate::test_env::TestEnv;
use axum::{Router, body::Bytes, http::HeaderMap, routing::post};
use contract::OrderStatus;
use reqwest::{StatusCode, Url};
use serde_json::Value;
use std::future;
use test_kit::{WAIT_TIMEOUT, serve, within};
use tokio::sync::mpsc;

/// Somebody who listens, answers so, or not at all, and passes on what was heard.
pub(crate) async fn listener(
    answer: Option<StatusCode>,
) -> (Url, mpsc::UnboundedReceiver<(String, Value)>) {
    let (sender, heard) = mpsc::unbounded_channel();
    let hear = async move |headers: HeaderMap, body: Bytes| {
        let id = headers["webhook-id"].to_str().unwrap().to_owned();
        sender
            .send((id, serde_json::from_slice(&body).unwrap()))
            .unwrap();
        match answer {
            Some(answer) => answer,
            None => future::pending().await,
        }
    };
    let app = Router::new().route("/paid", post(hear));
    let url = format!("http://{}/paid", serve(app).await.0);
    (url.parse().unwrap(), heard)
}

pub(crate) async fn next(heard: &mut mpsc::UnboundedReceiver<(String, Value)>) -> (String, Value) {
    let next = within(WAIT_TIMEOUT, "a webhook", heard.recv());
    next.await.unwrap()
}

/// I-28: the buyer sees the code with the receipt, the webhook has the same.
#[tokio::test]
async fn a_paid_order_has_a_pickup_code_and_the_hook_hears_of_it() {
    let (url, mut heard) = listener(Some(StatusCode::NO_CONTENT)).await;
    let env = TestEnv::with_hook(url).await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    assert_eq!(order.pickup_code, None);
    env.act("pay").await;
    let paid = buyer.see(&env, &order.id).await;
    assert_eq!(paid.status, OrderStatus::Paid);
    let (_, message) = next(&mut heard).await;
    assert_eq!(message["data"]["order_id"], order.id.as_str());
    assert_eq!(message["data"]["total"], 50_000);
    assert_eq!(
        message["data"]["pickup_code"].as_str(),
        paid.pickup_code.as_deref()
    );
    assert_eq!(buyer.orders(&env).await[0].pickup_code, paid.pickup_code);
}

/// F70: a receiver that hangs holds up neither the payment nor the receipt, nor other orders.
#[tokio::test]
async fn a_hook_that_hangs_holds_nothing_up() {
    let (url, mut heard) = listener(None).await;
    let env = TestEnv::with_hook(url).await;
    let buyer = env.sign_in("budi").await;
    let mut codes = Vec::new();
    for _ in 0..2 {
        let order = buyer.order(&env).await;
        env.act("pay").await;
        let paid = buyer.see(&env, &order.id).await;
        assert_eq!(paid.status, OrderStatus::Paid);
        codes.push(paid.pickup_code.unwrap());
        if codes.len() == 1 {
            // From here on it hangs.
            next(&mut heard).await;
        }
    }
    assert_ne!(codes[0], codes[1]);
}

/// I-01, I-29, F53: notified again and again, before and after the merchant was killed, it is
/// one fulfilment under one name.
#[tokio::test]
async fn a_merchant_that_was_killed_fulfils_once() {
    let (url, mut heard) = listener(Some(StatusCode::OK)).await;
    let mut env = TestEnv::with_hook(url).await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.act("pay").await;
    let code = buyer.see(&env, &order.id).await.pickup_code;
    let reference = env.references().await.remove(0);
    for _ in 0..2 {
        env.restart_merchant().await;
        for status in ["00", "08", "00"] {
            env.control_post(
                &format!("notifications/{reference}/repeat"),
                serde_json::json!({"status": status}),
            )
            .await;
        }
    }
    let (first, _) = next(&mut heard).await;
    // A second order, heard of after it, shows that nothing of the first is to come.
    let second = buyer.order(&env).await;
    env.act("pay").await;
    loop {
        let (id, message) = next(&mut heard).await;
        if message["data"]["order_id"] == second.id.as_str() {
            break;
        }
        // Told twice, because the answer to the first was cut off: under the same name.
        assert_eq!(id, first);
    }
    assert_eq!(buyer.see(&env, &order.id).await.pickup_code, code);
}
