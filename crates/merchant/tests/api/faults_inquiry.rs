//! GoPay is asked what became of a payment, and the answer is late, wrong or none.

use crate::town::{Buyer, Town, problem, read};
use contract::{Order, OrderStatus, ProblemCode};
use serde_json::{Value, json};

/// A paid order of which no notification has come, and what the next inquiries meet.
async fn paid_unheard(faults: Value) -> (Town, Buyer, Order, String) {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    town.withhold().await;
    let order = buyer.order(&town).await;
    town.faults(faults).await;
    town.act("pay").await;
    let reference = town.references().await.remove(0);
    (town, buyer, order, reference)
}

/// Has the merchant ask at once, by a notification that says too little; until it has met
/// every fault of the plan.
async fn ask(town: &Town, reference: &str) {
    let before = town.faults_met().await.len();
    let vague = json!({"status": "00", "without_amount": true});
    town.repeat(reference, vague).await;
    town.wait_for("fault_met", before).await;
}

/// F24, F36: GoPay's own books are late.
#[tokio::test]
async fn a_payment_that_gopay_does_not_know_yet_is_neither_failed_nor_asked_for_anew() {
    for harm in ["not_found", "not_found_404"] {
        let town = Town::new().await;
        let buyer = town.sign_in("budi").await;
        town.withhold().await;
        town.faults(json!([
            {"on": "payment", "do": "timeout_504", "done": true, "times": null},
            {"on": "status", "do": harm, "times": null},
        ]))
        .await;
        for _ in 0..3 {
            buyer.place_in_vain(&town, "key").await;
        }
        town.act("pay").await;
        let order = buyer.orders(&town).await.remove(0);
        assert_eq!(order.status, OrderStatus::Checking, "{harm}");
        assert_eq!(town.references().await.len(), 1, "{harm}");
        town.faults(json!([])).await;
        buyer.wait_until(&town, &order.id, OrderStatus::Paid).await;
        town.reconciled().await;
    }
}

/// F36
#[tokio::test]
async fn a_payment_that_was_offered_stays_when_an_inquiry_does_not_find_it() {
    for harm in ["not_found", "not_found_404"] {
        let plan = json!([{"on": "status", "do": harm}]);
        let (town, buyer, order, reference) = paid_unheard(plan).await;
        ask(&town, &reference).await;
        let list = buyer.orders(&town).await;
        assert_eq!(list[0].status, OrderStatus::AwaitingPayment, "{harm}");
        buyer.wait_until(&town, &order.id, OrderStatus::Paid).await;
        assert_eq!(town.count("payment_requested").await, 1);
        town.reconciled().await;
    }
}

/// F24, F36: a "no" after an inquiry that was late proves nothing.
#[tokio::test]
async fn a_refusal_of_a_repeated_request_ends_nothing() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    town.withhold().await;
    town.faults(json!([
        {"on": "payment", "do": "answer_lost"},
        {"on": "status", "do": "not_found"},
        {"on": "payment", "do": "forbidden"},
    ]))
    .await;
    buyer.place_in_vain(&town, "key").await;
    buyer.place_in_vain(&town, "key").await;
    assert_eq!(town.faults_met().await.len(), 3);
    town.act("pay").await;
    let order = buyer.orders(&town).await.remove(0);
    assert_eq!(order.status, OrderStatus::Checking);
    buyer.wait_until(&town, &order.id, OrderStatus::Paid).await;
    assert_eq!(town.references().await.len(), 1);
    town.reconciled().await;
}

/// F37
#[tokio::test]
async fn another_amount_than_the_orders_is_for_a_person_to_look_at() {
    let plan = json!([{"on": "status", "do": "other_amount"}]);
    let (town, buyer, order, reference) = paid_unheard(plan).await;
    ask(&town, &reference).await;
    buyer
        .wait_until(&town, &order.id, OrderStatus::Review)
        .await;
    town.repeat(&reference, json!({})).await;
    assert_eq!(buyer.status(&town, &order.id).await, OrderStatus::Review);
}

/// F37: nobody knows what so many dollars are in rupiah.
#[tokio::test]
async fn money_of_another_currency_is_for_a_person_to_look_at() {
    let plan = json!([{"on": "status", "do": "other_currency"}]);
    let (town, buyer, order, reference) = paid_unheard(plan).await;
    ask(&town, &reference).await;
    buyer
        .wait_until(&town, &order.id, OrderStatus::Review)
        .await;
}

/// F38
#[tokio::test]
async fn money_that_gopay_doubts_is_held() {
    let plan = json!([{"on": "status", "do": "fraud_deny"}]);
    let (town, buyer, order, reference) = paid_unheard(plan).await;
    ask(&town, &reference).await;
    buyer
        .wait_until(&town, &order.id, OrderStatus::Review)
        .await;
    town.repeat(&reference, json!({})).await;
    assert_eq!(buyer.status(&town, &order.id).await, OrderStatus::Review);
    town.reconciled().await;
}

#[tokio::test]
async fn an_answer_about_another_payment_settles_nothing() {
    for harm in ["other_reference", "truncate", "html"] {
        let always = json!([{"on": "status", "do": harm, "times": null}]);
        let (town, buyer, order, reference) = paid_unheard(always).await;
        ask(&town, &reference).await;
        let list = buyer.orders(&town).await;
        assert_eq!(list[0].status, OrderStatus::AwaitingPayment, "{harm}");
        town.faults(json!([])).await;
        buyer.wait_until(&town, &order.id, OrderStatus::Paid).await;
        town.reconciled().await;
    }
}

/// F39: the cancellation never arrives, and the buyer pays.
#[tokio::test]
async fn a_payment_beats_a_cancellation_that_got_lost() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    town.faults(json!([{"on": "cancel", "do": "reset_before"}]))
        .await;
    let lost = buyer.cancel(&town, &order.id).send().await.unwrap();
    assert_eq!(problem(lost).await.code, ProblemCode::GopayUnavailable);
    town.act("pay").await;
    assert_eq!(buyer.status(&town, &order.id).await, OrderStatus::Paid);
    let late = buyer.cancel(&town, &order.id).send().await.unwrap();
    assert_eq!(problem(late).await.code, ProblemCode::OrderClosed);
    town.reconciled().await;
}

/// F39: the cancellation arrives, its answer does not.
#[tokio::test]
async fn a_cancellation_whose_answer_was_lost_is_found_out() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    town.withhold().await;
    let order = buyer.order(&town).await;
    town.faults(json!([{"on": "cancel", "do": "answer_lost"}]))
        .await;
    let cancelled: Order = read(buyer.cancel(&town, &order.id)).await;
    assert_eq!(cancelled.status, OrderStatus::Cancelled);
    assert_eq!(town.ledger().await["payments"][0]["state"], "cancelled");
    town.reconciled().await;
}

/// F47
#[tokio::test]
async fn an_order_that_nobody_notifies_of_is_paid_while_its_page_is_open() {
    let (town, buyer, order, _) = paid_unheard(json!([])).await;
    let began = std::time::Instant::now();
    buyer.wait_until(&town, &order.id, OrderStatus::Paid).await;
    let seconds = began.elapsed().as_secs();
    assert!(seconds < 25, "{seconds} seconds");
    town.reconciled().await;
}
