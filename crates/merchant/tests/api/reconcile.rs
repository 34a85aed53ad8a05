//! `merchant reconcile`: GoPay and the merchant say the same, or it is told what they do not.

use crate::town::Town;
use contract::OrderStatus;
use merchant::cli::reconcile::{Report, Scope, reconcile};
use serde_json::json;

async fn compared(town: &Town) -> Report {
    compared_in(town, false).await
}

async fn compared_in(town: &Town, settled: bool) -> Report {
    let scope = Scope { days: 7, settled };
    reconcile(town.config(), scope).await.unwrap()
}

/// The differences, each without its order and payment.
fn told(report: &Report) -> Vec<&str> {
    let lines = report.differences.iter();
    lines.map(|line| line.split_once(": ").unwrap().1).collect()
}

#[tokio::test]
async fn orders_that_ended_in_every_way_are_the_same_on_both_sides() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    for act in ["pay", "cancel", "fail", "expire", "leave"] {
        buyer.order(&town).await;
        town.act(act).await;
    }
    let report = compared(&town).await;
    assert_eq!(report.to_string(), "payments: 5\ndifferences: 0");
}

/// I-05
#[tokio::test]
async fn money_that_the_merchant_has_not_heard_of_is_told() {
    let mut town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    town.stop_merchant().await;
    town.act("pay").await;
    let report = compared(&town).await;
    assert_eq!(
        told(&report),
        ["GoPay has the money, here it is awaiting_payment"]
    );
    assert!(report.differences[0].contains(&order.id), "{report}");
    assert!(report.to_string().ends_with("\ndifferences: 1"), "{report}");
    // Nothing was written: it is still to be told.
    assert_eq!(compared(&town).await, report);
    town.restart_merchant().await;
    buyer.wait_until(&town, &order.id, OrderStatus::Paid).await;
    assert_eq!(compared(&town).await.differences, Vec::<String>::new());
}

#[tokio::test]
async fn another_amount_a_doubt_and_a_refund_are_told() {
    let mut town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    town.act("pay").await;
    buyer.wait_until(&town, &order.id, OrderStatus::Paid).await;
    // Whether GoPay doubts it.
    town.wait_for("status_requested", 0).await;
    town.stop_merchant().await;
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
        town.faults(json!([{"on": "status", "do": harm, "times": 2}]))
            .await;
        assert_eq!(told(&compared(&town).await), [what], "{harm}");
    }
    let reference = town.references().await.remove(0);
    // Only once: the second answer is right.
    town.faults(json!([{"on": "status", "do": "not_found"}]))
        .await;
    assert_eq!(compared(&town).await.differences, Vec::<String>::new());
    town.withhold().await;
    let part = json!({"amount": 10_000});
    town.control_post(&format!("payments/{reference}/refund"), part)
        .await;
    assert_eq!(
        told(&compared(&town).await),
        ["GoPay says that 10000 rupiah went back, here it is 0"]
    );
    town.restart_merchant().await;
    town.repeat(&reference, json!({})).await;
    assert_eq!(compared(&town).await.differences, Vec::<String>::new());
}

#[tokio::test]
async fn a_payment_that_could_still_be_made_for_an_order_that_is_over_is_told() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    buyer.order(&town).await;
    let reference = town.references().await.remove(0);
    town.repeat(&reference, json!({"status": "05"})).await;
    assert_eq!(
        told(&compared(&town).await),
        ["GoPay says 03 (Pending), here it is cancelled"]
    );
}

#[tokio::test]
async fn what_the_merchant_still_waits_for_can_be_left_out() {
    let mut town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    town.act("pay").await;
    buyer.wait_until(&town, &order.id, OrderStatus::Paid).await;
    buyer.order(&town).await;
    town.withhold().await;
    town.stop_merchant().await;
    town.act("pay").await;
    assert_eq!(compared(&town).await.differences.len(), 1);
    let settled = compared_in(&town, true).await;
    assert_eq!(settled.to_string(), "payments: 1\ndifferences: 0");
    // Somebody is faster in the dashboard than the merchant, which is to send a refund yet.
    let first = town.references().await.remove(0);
    town.control_post(&format!("payments/{first}/refund"), json!({}))
        .await;
    assert_eq!(compared_in(&town, true).await.differences.len(), 1);
    town.staff().await.refund(&order.id, None).await.unwrap();
    let settled = compared_in(&town, true).await;
    assert_eq!(settled.to_string(), "payments: 0\ndifferences: 0");
}

/// I-30
#[tokio::test]
async fn gopay_is_asked_no_faster_than_five_times_in_a_second() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    for _ in 0..7 {
        buyer.order(&town).await;
        town.act("pay").await;
    }
    let began = std::time::Instant::now();
    assert_eq!(compared(&town).await.payments, 7);
    assert!(began.elapsed().as_millis() >= 1_200);
}
