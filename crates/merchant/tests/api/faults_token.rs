//! The access token for GoPay's payments goes wrong.

use crate::town::{Town, pause};
use contract::OrderStatus;
use serde_json::json;
use std::sync::Arc;
use tokio::task::JoinSet;

const ASKED: &str = "access_token_requested";

/// F16: 401 case 01 is proof that nothing was done, so the same request goes out again.
#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_request_stays_the_same() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    town.faults(json!([{"on": "payment", "do": "token_invalid"}]))
        .await;
    let order = buyer.order(&town).await;
    assert_eq!(order.status, OrderStatus::AwaitingPayment);
    assert_eq!(town.count(ASKED).await, 2);
    let refused = town.faults_met().await.remove(0);
    let made = town.entries("payment_requested").await;
    assert_eq!(made.len(), 1);
    assert_eq!(made[0]["external_id"], refused["id"]);
    town.reconciled().await;
}

/// F16b: the token runs out while nobody knows what became of the payment.
#[tokio::test]
async fn what_hangs_in_the_air_is_asked_about_first_under_a_new_token() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    town.faults(json!([{"on": "payment", "do": "answer_lost"}]))
        .await;
    buyer.place_in_vain(&town, "key").await;
    town.control_post("clock/advance", json!({"seconds": 890}))
        .await;
    town.faults(json!([{"on": "status", "do": "token_invalid"}]))
        .await;
    buyer.place_until_it_works(&town, "key").await;
    let ledger = town.ledger().await;
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
    let inquiry = town.entries("status_requested").await.remove(0);
    assert_eq!(&inquiry["external_id"], id);
    assert_eq!(town.references().await.len(), 1);
}

/// F17
#[tokio::test]
async fn a_gopay_that_takes_no_token_is_not_asked_for_one_after_the_other() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    town.faults(json!([
        {"on": "payment", "do": "token_invalid", "times": null},
        {"on": "status", "do": "token_invalid", "times": null},
    ]))
    .await;
    for _ in 0..5 {
        buyer.place_in_vain(&town, "key").await;
    }
    assert_eq!(town.count(ASKED).await, 2);
    assert_eq!(town.references().await.len(), 0);
    town.faults(json!([])).await;
    buyer.place_until_it_works(&town, "key").await;
    assert_eq!(town.references().await.len(), 1);
    town.reconciled().await;
}

/// F18: 401 case 00 may mean the token as well, so a payment is tried with a new one, once.
#[tokio::test]
async fn a_refused_signature_is_not_tried_again_at_once() {
    for (on, tries) in [("payment", 2), ("token", 1)] {
        let town = Town::new().await;
        let buyer = town.sign_in("budi").await;
        town.faults(json!([{"on": on, "do": "signature_invalid", "times": tries}]))
            .await;
        buyer.place_in_vain(&town, "key").await;
        assert_eq!(town.faults_met().await.len(), tries, "{on}");
        assert_eq!(town.references().await.len(), 0, "{on}");
        buyer.place_until_it_works(&town, "key").await;
        assert_eq!(town.references().await.len(), 1, "{on}");
        town.reconciled().await;
    }
}

/// F28: everybody waits for the one token that is on its way.
#[tokio::test]
async fn fifty_checkouts_at_once_ask_for_one_token() {
    const CHECKOUTS: usize = 50;
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    town.faults(json!([{"on": "token", "do": "hold"}])).await;
    let (town, buyer) = (Arc::new(town), Arc::new(buyer));
    let mut checkouts = JoinSet::new();
    for _ in 0..CHECKOUTS {
        let (town, buyer) = (town.clone(), buyer.clone());
        checkouts.spawn(async move { buyer.order(&town).await });
    }
    while buyer.orders(&town).await.len() < CHECKOUTS {
        pause().await;
    }
    assert_eq!(town.references().await.len(), 0);
    town.control_post("faults/release", json!({})).await;
    for order in checkouts.join_all().await {
        assert_eq!(order.status, OrderStatus::AwaitingPayment);
    }
    assert_eq!(town.count(ASKED).await, 1);
    assert_eq!(town.references().await.len(), CHECKOUTS);
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
        let town = Town::new().await;
        let buyer = town.sign_in("budi").await;
        town.faults(json!([fault])).await;
        for _ in 0..2 {
            let order = buyer.order(&town).await;
            assert_eq!(order.status, OrderStatus::AwaitingPayment, "{fault}");
        }
        assert_eq!(town.count(ASKED).await, 1, "{fault}");
        town.reconciled().await;
    }
}

#[tokio::test]
async fn an_answer_without_a_token_sends_nothing() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    town.faults(json!([{"on": "token", "do": "no_token"}]))
        .await;
    buyer.place_in_vain(&town, "key").await;
    assert_eq!(town.count("payment_requested").await, 0);
    buyer.place_until_it_works(&town, "key").await;
    assert_eq!(town.references().await.len(), 1);
    town.reconciled().await;
}
