//! GoPay's notifications, genuine and yet not what one would like.

use crate::town::{Buyer, Town};
use contract::{Order, OrderStatus};
use serde_json::json;

async fn ordered() -> (Town, Buyer, Order, String) {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    let reference = town.references().await.remove(0);
    (town, buyer, order, reference)
}

/// F41
#[tokio::test]
async fn a_notification_a_hundred_times_at_once_is_one() {
    let (town, buyer, order, reference) = ordered().await;
    town.withhold().await;
    town.act("pay").await;
    let town = std::sync::Arc::new(town);
    let mut notices = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (town, reference) = (town.clone(), reference.clone());
        notices.spawn(async move { town.repeat(&reference, json!({})).await });
    }
    for answer in notices.join_all().await {
        assert_eq!(answer["http_status"], 200, "{answer}");
        assert!(answer["body"].as_str().unwrap().contains("2005600"));
    }
    let paid = buyer.see(&town, &order.id).await;
    assert_eq!(paid.status, OrderStatus::Paid);
    town.reconciled().await;
}

/// F43: it stays paid, and nobody is bothered.
#[tokio::test]
async fn a_late_pending_changes_nothing() {
    let (town, buyer, order, reference) = ordered().await;
    town.act("pay").await;
    town.wait_for("status_requested", 0).await;
    let answer = town.repeat(&reference, json!({"status": "03"})).await;
    assert_eq!(answer["http_status"], 200);
    assert_eq!(buyer.status(&town, &order.id).await, OrderStatus::Paid);
    assert_eq!(town.count("status_requested").await, 1);
    town.reconciled().await;
}

/// F38: a notification does not say whether GoPay doubts that it was the buyer; the merchant
/// asks at once.
#[tokio::test]
async fn a_notified_payment_that_gopay_doubts_is_for_a_person_to_look_at() {
    let (town, buyer, order, _) = ordered().await;
    town.faults(json!([{"on": "status", "do": "fraud_deny"}]))
        .await;
    town.act("pay").await;
    buyer
        .wait_until(&town, &order.id, OrderStatus::Review)
        .await;
    town.reconciled().await;
}

/// F44
#[tokio::test]
async fn a_payment_that_was_called_dead_and_then_paid_is_paid() {
    for (status, meanwhile) in [
        ("08", OrderStatus::Expired),
        ("05", OrderStatus::Cancelled),
        ("06", OrderStatus::Failed),
        ("09", OrderStatus::Failed),
    ] {
        let (town, buyer, order, reference) = ordered().await;
        town.repeat(&reference, json!({"status": status})).await;
        assert_eq!(buyer.status(&town, &order.id).await, meanwhile);
        town.act("pay").await;
        assert_eq!(buyer.status(&town, &order.id).await, OrderStatus::Paid);
        town.reconciled().await;
    }
}

/// F45: it stays paid, and GoPay is asked what it means.
#[tokio::test]
async fn a_notification_that_contradicts_a_payment_makes_the_merchant_ask() {
    for status in ["05", "06", "08", "09"] {
        let (town, buyer, order, reference) = ordered().await;
        town.act("pay").await;
        town.wait_for_inquiry(0).await;
        let answer = town.repeat(&reference, json!({"status": status})).await;
        assert_eq!(answer["http_status"], 200);
        town.wait_for("status_requested", 1).await;
        let inquiry = town.entries("status_requested").await.remove(1);
        assert_eq!(inquiry["latest_transaction_status"], "00");
        assert_eq!(buyer.status(&town, &order.id).await, OrderStatus::Paid);
        town.reconciled().await;
    }
}

/// F45: the answer that is on its way may be older than the contradiction.
#[tokio::test]
async fn a_contradiction_during_an_inquiry_is_asked_about_after_it() {
    let (town, buyer, order, reference) = ordered().await;
    town.faults(json!([{"on": "status", "do": "hold"}])).await;
    town.act("pay").await;
    town.wait_for("fault_met", 0).await;
    let asked = town.count("status_requested").await;
    town.repeat(&reference, json!({"status": "06"})).await;
    town.control_post("faults/release", json!({})).await;
    town.wait_for("status_requested", asked).await;
    assert_eq!(buyer.status(&town, &order.id).await, OrderStatus::Paid);
    town.reconciled().await;
}

/// F46
#[tokio::test]
async fn a_refund_that_is_heard_of_before_its_payment_counts() {
    for (rupiah, status) in [
        (20_000, OrderStatus::PartiallyRefunded),
        (50_000, OrderStatus::Refunded),
    ] {
        let (town, buyer, order, reference) = ordered().await;
        let refund = json!({"status": "04", "refunded": rupiah});
        town.repeat(&reference, refund).await;
        assert_eq!(buyer.status(&town, &order.id).await, status);
        town.act("pay").await;
        assert_eq!(buyer.status(&town, &order.id).await, status);
        assert!(buyer.see(&town, &order.id).await.paid_at.is_some());
    }
}

/// F48, F49: what does not say enough, or was said long ago, is a reason to ask.
#[tokio::test]
async fn a_notification_that_proves_nothing_leads_to_an_inquiry_that_does() {
    for change in [
        json!({"without_amount": true}),
        json!({"seconds_old": 5 * 3600}),
    ] {
        let (town, buyer, order, reference) = ordered().await;
        town.withhold().await;
        town.faults(json!([{"on": "status", "do": "hold"}])).await;
        town.act("pay").await;
        let answer = town.repeat(&reference, change).await;
        assert_eq!(answer["http_status"], 200);
        town.wait_for("fault_met", 0).await;
        let list = buyer.orders(&town).await;
        assert_eq!(list[0].status, OrderStatus::AwaitingPayment);
        town.control_post("faults/release", json!({})).await;
        buyer.wait_until(&town, &order.id, OrderStatus::Paid).await;
        town.reconciled().await;
    }
}

/// F50, F51
#[tokio::test]
async fn a_notification_for_another_merchant_or_order_changes_nothing_by_itself() {
    for change in [
        json!({"status": "00", "merchant_id": "G999999999"}),
        json!({"status": "00", "unknown_order": true}),
    ] {
        let (town, buyer, order, reference) = ordered().await;
        let answer = town.repeat(&reference, change).await;
        assert_eq!(answer["http_status"], 200);
        let status = buyer.status(&town, &order.id).await;
        assert_eq!(status, OrderStatus::AwaitingPayment);
        town.reconciled().await;
    }
}

/// F50: the signature does not cover `X-PARTNER-ID`, and GoPay's sample has it empty: nothing
/// is decided by it.
#[tokio::test]
async fn the_partner_id_of_a_notification_decides_nothing() {
    for partner_id in ["", "G999999999"] {
        let (town, buyer, order, reference) = ordered().await;
        let change = json!({"status": "00", "partner_id": partner_id});
        let answer = town.repeat(&reference, change).await;
        assert_eq!(answer["http_status"], 200);
        assert_eq!(buyer.status(&town, &order.id).await, OrderStatus::Paid);
    }
}

/// F57
#[tokio::test]
async fn gopays_key_is_changed_without_losing_a_notification() {
    let (mut town, buyer, order, reference) = ordered().await;
    let (current, next) = (
        town.public_key("current").await,
        town.public_key("next").await,
    );
    for (keys, taken) in [
        (vec![current.clone()], [200, 401]),
        (vec![current, next.clone()], [200, 200]),
        (vec![next], [401, 200]),
    ] {
        town.public_keys = Some(keys);
        town.restart_merchant().await;
        for (key, http_status) in ["current", "next"].into_iter().zip(taken) {
            let pending = json!({"status": "03", "key": key});
            let answer = town.repeat(&reference, pending).await;
            assert_eq!(answer["http_status"], http_status, "{key}");
        }
    }
    town.repeat(&reference, json!({"status": "00"})).await;
    let status = buyer.status(&town, &order.id).await;
    assert_eq!(status, OrderStatus::AwaitingPayment);
    town.repeat(&reference, json!({"status": "00", "key": "next"}))
        .await;
    assert_eq!(buyer.status(&town, &order.id).await, OrderStatus::Paid);
}
