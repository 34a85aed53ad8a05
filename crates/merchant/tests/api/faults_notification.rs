//! GoPay's notifications, genuine and yet not what one would like.

use crate::test_env::{Buyer, TestEnv};
use contract::{Order, OrderStatus};
use serde_json::json;

async fn ordered() -> (TestEnv, Buyer, Order, String) {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    let reference = env.references().await.remove(0);
    (env, buyer, order, reference)
}

/// F41
#[tokio::test]
async fn a_notification_a_hundred_times_at_once_is_one() {
    let (env, buyer, order, reference) = ordered().await;
    env.withhold().await;
    env.act("pay").await;
    let env = std::sync::Arc::new(env);
    let mut notices = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (env, reference) = (env.clone(), reference.clone());
        notices.spawn(async move { env.repeat(&reference, json!({})).await });
    }
    // A merchant that is too busy to record one in time has it sent again.
    for answer in notices.join_all().await {
        let code = match answer["http_status"].as_u64() {
            Some(503) => "5035600",
            _ => "2005600",
        };
        assert!(answer["body"].as_str().unwrap().contains(code), "{answer}");
    }
    let again = env.repeat(&reference, json!({})).await;
    assert_eq!(again["http_status"], 200, "{again}");
    let paid = buyer.see(&env, &order.id).await;
    assert_eq!(paid.status, OrderStatus::Paid);
    env.reconciled().await;
}

/// F43: it stays paid, and nobody is bothered.
#[tokio::test]
async fn a_late_pending_changes_nothing() {
    let (env, buyer, order, reference) = ordered().await;
    env.act("pay").await;
    env.wait_for("status_requested", 0).await;
    let answer = env.repeat(&reference, json!({"status": "03"})).await;
    assert_eq!(answer["http_status"], 200);
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
    assert_eq!(env.count("status_requested").await, 1);
    env.reconciled().await;
}

/// F38: a notification does not say whether GoPay doubts that it was the buyer; the merchant
/// asks at once.
#[tokio::test]
async fn a_notified_payment_that_gopay_doubts_is_in_review() {
    let (env, buyer, order, _) = ordered().await;
    env.faults(json!([{"on": "status", "do": "fraud_deny"}]))
        .await;
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Review).await;
    env.reconciled().await;
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
        let (env, buyer, order, reference) = ordered().await;
        env.repeat(&reference, json!({"status": status})).await;
        assert_eq!(buyer.status(&env, &order.id).await, meanwhile);
        env.act("pay").await;
        assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
        env.reconciled().await;
    }
}

/// F45: it stays paid, and GoPay is asked what it means.
#[tokio::test]
async fn a_notification_that_contradicts_a_payment_makes_the_merchant_ask() {
    for status in ["05", "06", "08", "09"] {
        let (env, buyer, order, reference) = ordered().await;
        env.act("pay").await;
        env.wait_for_inquiry(0).await;
        let answer = env.repeat(&reference, json!({"status": status})).await;
        assert_eq!(answer["http_status"], 200);
        env.wait_for("status_requested", 1).await;
        let inquiry = env.entries("status_requested").await.remove(1);
        assert_eq!(inquiry["latest_transaction_status"], "00");
        assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
        env.reconciled().await;
    }
}

/// F45: the answer that is on its way may be older than the contradiction.
#[tokio::test]
async fn a_contradiction_during_an_inquiry_is_asked_about_after_it() {
    let (env, buyer, order, reference) = ordered().await;
    env.faults(json!([{"on": "status", "do": "hold"}])).await;
    env.act("pay").await;
    env.wait_for("fault_met", 0).await;
    let asked = env.count("status_requested").await;
    env.repeat(&reference, json!({"status": "06"})).await;
    env.control_post("faults/release", json!({})).await;
    env.wait_for("status_requested", asked).await;
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
    env.reconciled().await;
}

/// F46
#[tokio::test]
async fn a_refund_that_is_heard_of_before_its_payment_counts() {
    for (rupiah, status) in [
        (20_000, OrderStatus::PartiallyRefunded),
        (50_000, OrderStatus::Refunded),
    ] {
        let (env, buyer, order, reference) = ordered().await;
        let refund = json!({"status": "04", "refunded": rupiah});
        env.repeat(&reference, refund).await;
        assert_eq!(buyer.status(&env, &order.id).await, status);
        env.act("pay").await;
        assert_eq!(buyer.status(&env, &order.id).await, status);
        assert!(buyer.see(&env, &order.id).await.paid_at.is_some());
    }
}

/// F48, F49: what does not say enough, or was said long ago, is a reason to ask.
#[tokio::test]
async fn a_notification_that_proves_nothing_leads_to_an_inquiry_that_does() {
    for change in [
        json!({"without_amount": true}),
        json!({"seconds_old": 5 * 3600}),
    ] {
        let (env, buyer, order, reference) = ordered().await;
        env.withhold().await;
        env.faults(json!([{"on": "status", "do": "hold"}])).await;
        env.act("pay").await;
        let answer = env.repeat(&reference, change).await;
        assert_eq!(answer["http_status"], 200);
        env.wait_for("fault_met", 0).await;
        let list = buyer.orders(&env).await;
        assert_eq!(list[0].status, OrderStatus::AwaitingPayment);
        env.control_post("faults/release", json!({})).await;
        buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
        env.reconciled().await;
    }
}

/// TM03, F50, F51
#[tokio::test]
async fn a_notification_for_another_merchant_or_order_leads_to_an_inquiry() {
    for change in [
        json!({"status": "00", "merchant_id": "G999999999"}),
        json!({"status": "00", "unknown_order": true}),
    ] {
        let (env, buyer, order, reference) = ordered().await;
        let answer = env.repeat(&reference, change).await;
        assert_eq!(answer["http_status"], 200);
        let status = buyer.status(&env, &order.id).await;
        assert_eq!(status, OrderStatus::AwaitingPayment);
        env.reconciled().await;
    }
}

/// F50: the signature does not cover `X-PARTNER-ID`, and GoPay's sample has it empty: nothing
/// is decided by it.
#[tokio::test]
async fn the_partner_id_of_a_notification_decides_nothing() {
    for partner_id in ["", "G999999999"] {
        let (env, buyer, order, reference) = ordered().await;
        let change = json!({"status": "00", "partner_id": partner_id});
        let answer = env.repeat(&reference, change).await;
        assert_eq!(answer["http_status"], 200);
        assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
    }
}

/// TM23, F57
#[tokio::test]
async fn gopays_key_is_changed_without_losing_a_notification() {
    let (mut env, buyer, order, reference) = ordered().await;
    let (current, next) = (
        env.public_key("current").await,
        env.public_key("next").await,
    );
    for (keys, taken) in [
        (vec![current.clone()], [200, 401]),
        (vec![current, next.clone()], [200, 200]),
        (vec![next], [401, 200]),
    ] {
        env.public_keys = Some(keys);
        env.restart_merchant().await;
        for (key, http_status) in ["current", "next"].into_iter().zip(taken) {
            let pending = json!({"status": "03", "key": key});
            let answer = env.repeat(&reference, pending).await;
            assert_eq!(answer["http_status"], http_status, "{key}");
        }
    }
    env.repeat(&reference, json!({"status": "00"})).await;
    let status = buyer.status(&env, &order.id).await;
    assert_eq!(status, OrderStatus::AwaitingPayment);
    env.repeat(&reference, json!({"status": "00", "key": "next"}))
        .await;
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
}
