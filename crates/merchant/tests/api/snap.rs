//! Snap Checkout behind the same orders: paid, cancelled, refunded, and asked about.

use crate::test_database::run_past;
use crate::test_env::{Buyer, TestEnv};
use contract::{Order, OrderId, OrderStatus, PaymentWay};
use merchant::domain::{
    operator_policy::PaymentPolicy, payment_request::Checkout, refund::RefundState,
};
use reqwest::StatusCode;
use serde_json::{Value, json};
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually};

async fn shop() -> (TestEnv, Buyer) {
    let mut env = TestEnv::new().await;
    env.has_snap = true;
    env.payment = PaymentPolicy {
        checkout: Checkout::Snap,
        sends_items: true,
        ..PaymentPolicy::default()
    };
    env.restart_merchant().await;
    let buyer = env.sign_in("budi").await;
    (env, buyer)
}

fn token(order: &Order) -> String {
    match &order.payment.as_ref().unwrap().way {
        PaymentWay::SnapToken(token) => token.clone(),
        way => panic!("{way:?}"),
    }
}

/// The buyer opens the page and chooses GoPay.
async fn open(env: &TestEnv, order: &Order) {
    let path = format!("http://{}/web/payments/{}/open", env.gopay, token(order));
    let answer = env.http.post(path).json(&json!({})).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

async fn pay(env: &TestEnv, buyer: &Buyer) -> Order {
    let order = buyer.order(env).await;
    open(env, &order).await;
    env.act("pay").await;
    buyer.wait_until(env, &order.id, OrderStatus::Paid).await;
    order
}

async fn requests(env: &TestEnv, on: &str) -> Vec<Value> {
    let all = env.ledger().await["entries"].as_array().unwrap().clone();
    all.into_iter().filter(|it| it["on"] == on).collect()
}

#[tokio::test]
async fn an_order_is_paid_through_snap() {
    let (env, buyer) = shop().await;
    let order = pay(&env, &buyer).await;
    assert!(buyer.see(&env, &order.id).await.pickup_code.is_some());
    let payments = env.ledger().await["payments"].as_array().unwrap().clone();
    assert_eq!(payments.len(), 1);
    assert_eq!(payments[0]["partner_reference_no"], order.id.as_str());
    assert_eq!(payments[0]["amount"]["value"], "50000.00");
    env.reconciled().await;
}

#[tokio::test]
async fn a_page_that_was_not_opened_keeps_the_order_waiting() {
    let (env, buyer) = shop().await;
    let order = buyer.order(&env).await;
    assert_eq!(order.status, OrderStatus::AwaitingPayment);
    assert_eq!(
        buyer.status(&env, &order.id).await,
        OrderStatus::AwaitingPayment,
        "a 404 is no proof"
    );
    open(&env, &order).await;
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
}

#[tokio::test]
async fn without_a_notification_an_inquiry_finds_the_payment() {
    let (env, buyer) = shop().await;
    let order = buyer.order(&env).await;
    env.withhold().await;
    open(&env, &order).await;
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
}

/// Its signature does not cover the status: it is a reason to ask, and no proof.
#[tokio::test]
async fn a_notification_in_the_older_form_leads_to_an_inquiry() {
    let (env, buyer) = shop().await;
    let classic = json!({"snap_notification": "classic"});
    env.control_put("checkout", classic).await;
    let order = buyer.order(&env).await;
    open(&env, &order).await;
    env.act("pay").await;
    let listed = buyer.wait_until_listed(&env, OrderStatus::Paid).await;
    assert_eq!(listed.id, order.id);
}

#[tokio::test]
async fn a_cancelled_order_can_be_paid_no_more() {
    let (env, buyer) = shop().await;
    // Not opened: its page ends. Opened: the transaction does.
    for is_opened in [false, true] {
        let order = buyer.order(&env).await;
        if is_opened {
            open(&env, &order).await;
        }
        let answer = buyer.cancel(&env, &order.id).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{is_opened}");
        let seen = buyer.status(&env, &order.id).await;
        assert_eq!(seen, OrderStatus::Cancelled, "{is_opened}");
    }
}

#[tokio::test]
async fn an_order_that_failed_is_paid_by_another_transaction() {
    let (env, buyer) = shop().await;
    let order = buyer.order(&env).await;
    open(&env, &order).await;
    env.act("fail").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Failed).await;
    let again = buyer.pay_again(&env, &order.id, "again").send().await;
    let again: Order = again.unwrap().json().await.unwrap();
    assert_ne!(token(&again), token(&order));
    open(&env, &again).await;
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    let payments = env.ledger().await["payments"].as_array().unwrap().clone();
    let name = format!("{}-2", order.id);
    assert_eq!(payments[1]["partner_reference_no"], name);
}

async fn refunded(env: &TestEnv, buyer: &Buyer, id: &OrderId) {
    let staff = env.staff().await;
    staff.refund(id.as_str(), None).await.unwrap();
    buyer.wait_until(env, id, OrderStatus::Refunded).await;
    let store = env.store().await;
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let done = store.refunds(RefundState::Done).await.unwrap();
        (done.len() == 1).then_some(()).ok_or(done)
    })
    .await;
    let payments = env.ledger().await["payments"].as_array().unwrap().clone();
    assert_eq!(payments[0]["refunded"], 50_000);
    env.reconciled().await;
}

#[tokio::test]
async fn a_refund_goes_back_through_the_core_api() {
    let (env, buyer) = shop().await;
    let order = pay(&env, &buyer).await;
    refunded(&env, &buyer, &order.id).await;
}

#[tokio::test]
async fn a_refund_whose_answer_was_lost_moves_money_once() {
    let (env, buyer) = shop().await;
    let order = pay(&env, &buyer).await;
    env.faults(json!([
        {"on": "snap_refund", "do": "answer_lost"},
        {"on": "snap_status", "do": "timeout_504"},
    ]))
    .await;
    refunded(&env, &buyer, &order.id).await;
}

/// A transaction whose answer was lost has a token that nobody knows: it is called off, and the
/// order is paid by another one.
#[tokio::test]
async fn a_transaction_whose_answer_was_lost_is_not_paid_twice() {
    let (env, buyer) = shop().await;
    env.faults(json!([{"on": "snap", "do": "answer_lost"}]))
        .await;
    buyer.place_in_vain(&env, "key").await;
    // What GoPay does not know two minutes after it could have come was never made.
    let mut database = env.database().await;
    let older = "update attempts set created_at = created_at - 180000";
    run_past(
        &mut database,
        "attempts_stay_what_they_are",
        "attempts",
        older,
    )
    .await;
    let order = eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        buyer.place(&env, "key").await;
        let order = buyer.orders(&env).await.remove(0);
        let is_over = order.status == OrderStatus::Failed || order.status == OrderStatus::Expired;
        is_over.then_some(order.clone()).ok_or(order.status)
    })
    .await;
    let again = buyer.pay_again(&env, &order.id, "again").send().await;
    let again: Order = again.unwrap().json().await.unwrap();
    open(&env, &again).await;
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    assert_eq!(requests(&env, "snap_session").await, Vec::<Value>::new());
}

#[tokio::test]
async fn orders_of_either_way_to_pay_are_settled_after_a_change_of_the_configuration() {
    let (mut env, buyer) = shop().await;
    let through_snap = buyer.order(&env).await;
    open(&env, &through_snap).await;
    env.payment = PaymentPolicy::default();
    env.restart_merchant().await;
    env.act("pay").await;
    let id = &through_snap.id;
    buyer.wait_until(&env, id, OrderStatus::Paid).await;
    let through_bi_snap = buyer.order(&env).await;
    assert!(matches!(
        through_bi_snap.payment.unwrap().way,
        PaymentWay::Deeplink(_)
    ));
    refunded(&env, &buyer, id).await;
}
