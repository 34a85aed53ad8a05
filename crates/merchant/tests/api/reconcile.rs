//! `merchant reconcile`: GoPay and the merchant say the same, or it is told what they do not.

use crate::test_env::TestEnv;
use contract::OrderStatus;
use merchant::cli::reconcile::{Report, Scope, reconcile};
use serde_json::json;

async fn compared(env: &TestEnv) -> Report {
    compared_in(env, false).await
}

async fn compared_in(env: &TestEnv, settled: bool) -> Report {
    let scope = Scope { days: 7, settled };
    reconcile(env.config(), scope).await.unwrap()
}

/// The differences, each without its order and payment.
fn told(report: &Report) -> Vec<&str> {
    let lines = report.differences.iter();
    lines.map(|line| line.split_once(": ").unwrap().1).collect()
}

#[tokio::test]
async fn orders_that_ended_in_every_way_are_the_same_on_both_sides() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    for act in ["pay", "cancel", "fail", "expire", "leave"] {
        buyer.order(&env).await;
        env.act(act).await;
    }
    let report = compared(&env).await;
    assert_eq!(report.to_string(), "payments: 5\ndifferences: 0");
}

/// I-05
#[tokio::test]
async fn money_that_the_merchant_has_not_heard_of_is_told() {
    let mut env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.stop_merchant().await;
    env.act("pay").await;
    let report = compared(&env).await;
    assert_eq!(
        told(&report),
        ["GoPay has the money, here it is awaiting_payment"]
    );
    assert!(
        report.differences[0].contains(order.id.as_str()),
        "{report}"
    );
    assert!(report.to_string().ends_with("\ndifferences: 1"), "{report}");
    // Nothing was written: it is still to be told.
    assert_eq!(compared(&env).await, report);
    env.restart_merchant().await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    assert_eq!(compared(&env).await.differences, Vec::<String>::new());
}

#[tokio::test]
async fn another_amount_a_doubt_and_a_refund_are_told() {
    let mut env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    // Whether GoPay doubts it.
    env.wait_for("status_requested", 0).await;
    env.stop_merchant().await;
    for (harm, what) in [
        (
            "other_amount",
            "GoPay says 1.00 IDR were paid, here it is 50000.00 IDR",
        ),
        ("fraud_deny", "GoPay doubts the payment, here it counts"),
        ("not_found", "GoPay does not know it, here it is paid"),
        ("other_reference", "GoPay answers about another payment"),
        (
            "timeout_504",
            "cannot be compared: GoPay's answer says nothing certain: neither done nor refused",
        ),
    ] {
        env.faults(json!([{"on": "status", "do": harm, "times": 2}]))
            .await;
        assert_eq!(told(&compared(&env).await), [what], "{harm}");
    }
    let reference = env.references().await.remove(0);
    // Only once: the second answer is right.
    env.faults(json!([{"on": "status", "do": "not_found"}]))
        .await;
    assert_eq!(compared(&env).await.differences, Vec::<String>::new());
    env.withhold().await;
    let part = json!({"amount": 10_000});
    env.control_post(&format!("payments/{reference}/refund"), part)
        .await;
    assert_eq!(
        told(&compared(&env).await),
        ["GoPay says that 10000 rupiah went back, here it is 0"]
    );
    env.restart_merchant().await;
    env.repeat(&reference, json!({})).await;
    assert_eq!(compared(&env).await.differences, Vec::<String>::new());
}

#[tokio::test]
async fn a_payment_that_could_still_be_made_for_an_order_that_is_over_is_told() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    buyer.order(&env).await;
    let reference = env.references().await.remove(0);
    env.repeat(&reference, json!({"status": "05"})).await;
    assert_eq!(
        told(&compared(&env).await),
        ["GoPay says 03 (Pending), here it is cancelled"]
    );
}

#[tokio::test]
async fn open_payments_can_be_left_out() {
    let mut env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    buyer.order(&env).await;
    env.withhold().await;
    env.stop_merchant().await;
    env.act("pay").await;
    assert_eq!(compared(&env).await.differences.len(), 1);
    let settled = compared_in(&env, true).await;
    assert_eq!(settled.to_string(), "payments: 1\ndifferences: 0");
    // Somebody is faster in the dashboard than the merchant, which is to send a refund yet.
    let first = env.references().await.remove(0);
    env.control_post(&format!("payments/{first}/refund"), json!({}))
        .await;
    assert_eq!(compared_in(&env, true).await.differences.len(), 1);
    env.staff()
        .await
        .refund(order.id.as_str(), None)
        .await
        .unwrap();
    let settled = compared_in(&env, true).await;
    assert_eq!(settled.to_string(), "payments: 0\ndifferences: 0");
}

/// I-30
#[tokio::test]
async fn gopay_is_asked_no_faster_than_five_times_in_a_second() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    for _ in 0..7 {
        buyer.order(&env).await;
        env.act("pay").await;
    }
    let began = std::time::Instant::now();
    assert_eq!(compared(&env).await.payments, 7);
    assert!(began.elapsed().as_millis() >= 1_200);
}
