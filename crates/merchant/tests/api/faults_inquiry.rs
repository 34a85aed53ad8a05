//! GoPay is asked what became of a payment, and the answer is late, wrong or none.

use crate::test_env::{Buyer, TestEnv, problem, read};
use contract::{Order, OrderStatus, ProblemCode};
use serde_json::{Value, json};

/// A paid order of which no notification has come, and what the next inquiries meet.
async fn paid_unheard(faults: Value) -> (TestEnv, Buyer, Order, String) {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.withhold().await;
    let order = buyer.order(&env).await;
    env.faults(faults).await;
    env.act("pay").await;
    let reference = env.references().await.remove(0);
    (env, buyer, order, reference)
}

/// Has the merchant ask at once, by a notification that says too little; until it has met
/// every fault of the plan.
async fn ask(env: &TestEnv, reference: &str) {
    let before = env.faults_met().await.len();
    let vague = json!({"status": "00", "without_amount": true});
    env.repeat(reference, vague).await;
    env.wait_for("fault_met", before).await;
}

/// F24, F36: GoPay's own records are late.
#[tokio::test]
async fn a_payment_that_gopay_does_not_know_yet_is_not_failed() {
    for harm in ["not_found", "not_found_404"] {
        let env = TestEnv::new().await;
        let buyer = env.sign_in("budi").await;
        env.withhold().await;
        env.faults(json!([
            {"on": "payment", "do": "timeout_504", "done": true, "times": null},
            {"on": "status", "do": harm, "times": null},
        ]))
        .await;
        for _ in 0..3 {
            buyer.place_in_vain(&env, "key").await;
        }
        env.act("pay").await;
        let order = buyer.orders(&env).await.remove(0);
        assert_eq!(order.status, OrderStatus::Checking, "{harm}");
        assert_eq!(env.references().await.len(), 1, "{harm}");
        env.faults(json!([])).await;
        buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
        env.reconciled().await;
    }
}

/// F36
#[tokio::test]
async fn a_payment_that_was_offered_stays_when_an_inquiry_does_not_find_it() {
    for harm in ["not_found", "not_found_404"] {
        let plan = json!([{"on": "status", "do": harm}]);
        let (env, buyer, order, reference) = paid_unheard(plan).await;
        ask(&env, &reference).await;
        let list = buyer.orders(&env).await;
        assert_eq!(list[0].status, OrderStatus::AwaitingPayment, "{harm}");
        buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
        assert_eq!(env.count("payment_requested").await, 1);
        env.reconciled().await;
    }
}

/// F24, F36: a "no" after an inquiry that was late proves nothing.
#[tokio::test]
async fn a_refusal_of_a_repeated_request_ends_nothing() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.withhold().await;
    env.faults(json!([
        {"on": "payment", "do": "answer_lost"},
        {"on": "status", "do": "not_found"},
        {"on": "payment", "do": "forbidden"},
    ]))
    .await;
    buyer.place_in_vain(&env, "key").await;
    buyer.place_in_vain(&env, "key").await;
    assert_eq!(env.faults_met().await.len(), 3);
    env.act("pay").await;
    let order = buyer.orders(&env).await.remove(0);
    assert_eq!(order.status, OrderStatus::Checking);
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    assert_eq!(env.references().await.len(), 1);
    env.reconciled().await;
}

/// F37
#[tokio::test]
async fn another_amount_than_the_orders_is_in_review() {
    let plan = json!([{"on": "status", "do": "other_amount"}]);
    let (env, buyer, order, reference) = paid_unheard(plan).await;
    ask(&env, &reference).await;
    buyer.wait_until(&env, &order.id, OrderStatus::Review).await;
    env.repeat(&reference, json!({})).await;
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Review);
}

/// F37: nobody knows what so many dollars are in rupiah.
#[tokio::test]
async fn money_of_another_currency_is_in_review() {
    let plan = json!([{"on": "status", "do": "other_currency"}]);
    let (env, buyer, order, reference) = paid_unheard(plan).await;
    ask(&env, &reference).await;
    buyer.wait_until(&env, &order.id, OrderStatus::Review).await;
}

/// F38
#[tokio::test]
async fn money_that_gopay_doubts_is_held() {
    let plan = json!([{"on": "status", "do": "fraud_deny"}]);
    let (env, buyer, order, reference) = paid_unheard(plan).await;
    ask(&env, &reference).await;
    buyer.wait_until(&env, &order.id, OrderStatus::Review).await;
    env.repeat(&reference, json!({})).await;
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Review);
    env.reconciled().await;
}

#[tokio::test]
async fn an_answer_about_another_payment_settles_nothing() {
    for harm in ["other_reference", "truncate", "html"] {
        let always = json!([{"on": "status", "do": harm, "times": null}]);
        let (env, buyer, order, reference) = paid_unheard(always).await;
        ask(&env, &reference).await;
        let list = buyer.orders(&env).await;
        assert_eq!(list[0].status, OrderStatus::AwaitingPayment, "{harm}");
        env.faults(json!([])).await;
        buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
        env.reconciled().await;
    }
}

/// F39: the cancellation never arrives, and the buyer pays.
#[tokio::test]
async fn a_payment_beats_a_cancellation_that_got_lost() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.faults(json!([{"on": "cancel", "do": "reset_before"}]))
        .await;
    let lost = buyer.cancel(&env, &order.id).send().await.unwrap();
    assert_eq!(problem(lost).await.code, ProblemCode::GopayUnavailable);
    env.act("pay").await;
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
    let late = buyer.cancel(&env, &order.id).send().await.unwrap();
    assert_eq!(problem(late).await.code, ProblemCode::OrderClosed);
    env.reconciled().await;
}

/// F39: the cancellation arrives, its answer does not.
#[tokio::test]
async fn a_cancellation_whose_answer_was_lost_is_found_out() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.withhold().await;
    let order = buyer.order(&env).await;
    env.faults(json!([{"on": "cancel", "do": "answer_lost"}]))
        .await;
    let cancelled: Order = read(buyer.cancel(&env, &order.id)).await;
    assert_eq!(cancelled.status, OrderStatus::Cancelled);
    assert_eq!(env.ledger().await["payments"][0]["state"], "cancelled");
    env.reconciled().await;
}

/// F47
#[tokio::test]
async fn an_order_that_nobody_notifies_of_is_paid_while_its_page_is_open() {
    let (env, buyer, order, _) = paid_unheard(json!([])).await;
    let began = std::time::Instant::now();
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    let seconds = began.elapsed().as_secs();
    assert!(seconds < 25, "{seconds} seconds");
    env.reconciled().await;
}
