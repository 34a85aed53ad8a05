//! The access token for GoPay's payments goes wrong.

use crate::test_env::TestEnv;
use contract::OrderStatus;
use serde_json::json;
use std::sync::Arc;
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually};
use tokio::task::JoinSet;

const ASKED: &str = "access_token_requested";

/// F16: 401 case 01 is proof that nothing was done, so the same request goes out again.
#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_request_stays_the_same() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.faults(json!([{"on": "payment", "do": "token_invalid"}]))
        .await;
    let order = buyer.order(&env).await;
    assert_eq!(order.status, OrderStatus::AwaitingPayment);
    assert_eq!(env.count(ASKED).await, 2);
    let refused = env.faults_met().await.remove(0);
    let made = env.entries("payment_requested").await;
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["external_id"], refused["id"]);
    env.reconciled().await;
}

/// F16b: the token runs out while nobody knows what became of the payment.
#[tokio::test]
async fn an_unknown_outcome_is_inquired_about_first_under_a_new_token() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.faults(json!([{"on": "payment", "do": "answer_lost"}]))
        .await;
    buyer.place_in_vain(&env, "key").await;
    env.control_post("clock/advance", json!({"seconds": 890}))
        .await;
    env.faults(json!([{"on": "status", "do": "token_invalid"}]))
        .await;
    buyer.place_until_it_works(&env, "key").await;
    let ledger = env.ledger().await;
    let kinds: Vec<_> = ledger["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["kind"].as_str().unwrap())
        .filter(|kind| kind.ends_with("_requested"))
        .collect();
    assert_eq!(
        kinds,
        [
            ASKED,
            "payment_requested",
            ASKED,
            "status_requested",
            "payment_requested"
        ]
    );
    let id = &ledger["payments"][0]["external_id"];
    let inquiry = env.entries("status_requested").await.remove(0);
    assert_eq!(&inquiry["external_id"], id);
    assert_eq!(env.references().await.len(), 1);
}

/// F17
#[tokio::test]
async fn a_gopay_that_takes_no_token_is_not_asked_for_one_after_the_other() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.faults(json!([
        {"on": "payment", "do": "token_invalid", "times": null},
        {"on": "status", "do": "token_invalid", "times": null},
    ]))
    .await;
    for _ in 0..5 {
        buyer.place_in_vain(&env, "key").await;
    }
    assert_eq!(env.count(ASKED).await, 2);
    assert_eq!(env.references().await.len(), 0);
    env.faults(json!([])).await;
    buyer.place_until_it_works(&env, "key").await;
    assert_eq!(env.references().await.len(), 1);
    env.reconciled().await;
}

/// F18: 401 case 00 may mean the token as well, so a payment is tried with a new one, once.
#[tokio::test]
async fn a_refused_signature_is_not_tried_again_at_once() {
    for (on, tries) in [("payment", 2), ("token", 1)] {
        let env = TestEnv::new().await;
        let buyer = env.sign_in("budi").await;
        env.faults(json!([{"on": on, "do": "signature_invalid", "times": tries}]))
            .await;
        buyer.place_in_vain(&env, "key").await;
        assert_eq!(env.faults_met().await.len(), tries, "{on}");
        assert_eq!(env.references().await.len(), 0, "{on}");
        buyer.place_until_it_works(&env, "key").await;
        assert_eq!(env.references().await.len(), 1, "{on}");
        env.reconciled().await;
    }
}

/// F28: everybody waits for the one token that is on its way.
#[tokio::test]
async fn fifty_checkouts_at_once_ask_for_one_token() {
    const CHECKOUTS: usize = 50;
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.faults(json!([{"on": "token", "do": "hold"}])).await;
    let (env, buyer) = (Arc::new(env), Arc::new(buyer));
    let mut checkouts = JoinSet::new();
    for _ in 0..CHECKOUTS {
        let (env, buyer) = (env.clone(), buyer.clone());
        checkouts.spawn(async move { buyer.order(&env).await });
    }
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let orders = buyer.orders(&env).await.len();
        (orders == CHECKOUTS).then_some(()).ok_or(orders)
    })
    .await;
    assert_eq!(env.references().await.len(), 0);
    env.control_post("faults/release", json!({})).await;
    for order in checkouts.join_all().await {
        assert_eq!(order.status, OrderStatus::AwaitingPayment);
    }
    assert_eq!(env.count(ASKED).await, 1);
    assert_eq!(env.references().await.len(), CHECKOUTS);
}

/// F30
#[tokio::test]
async fn a_token_with_an_odd_lifetime_is_used_all_the_same() {
    for fault in [
        json!({"on": "token", "do": "expires_in"}),
        json!({"on": "token", "do": "expires_in", "value": "0"}),
        json!({"on": "token", "do": "expires_in", "value": "-1"}),
        json!({"on": "token", "do": "expires_in", "value": "999999999"}),
        json!({"on": "token", "do": "expires_in", "value": 900}),
    ] {
        let env = TestEnv::new().await;
        let buyer = env.sign_in("budi").await;
        env.faults(json!([fault])).await;
        for _ in 0..2 {
            let order = buyer.order(&env).await;
            assert_eq!(order.status, OrderStatus::AwaitingPayment, "{fault}");
        }
        assert_eq!(env.count(ASKED).await, 1, "{fault}");
        env.reconciled().await;
    }
}

#[tokio::test]
async fn an_answer_without_a_token_sends_nothing() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.faults(json!([{"on": "token", "do": "no_token"}])).await;
    buyer.place_in_vain(&env, "key").await;
    assert_eq!(env.count("payment_requested").await, 0);
    buyer.place_until_it_works(&env, "key").await;
    assert_eq!(env.references().await.len(), 1);
    env.reconciled().await;
}
