//! A payment is asked for, and something goes wrong on the way or at GoPay.

use crate::test_env::{Buyer, TestEnv, problem, read};
use contract::{Order, OrderStatus, ProblemCode};
use reqwest::StatusCode;
use serde_json::{Value, json};
use simulator::Url;
use std::time::{Duration, Instant};
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually};

pub(crate) async fn buyer_in(faults: Value) -> (TestEnv, Buyer) {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.faults(faults).await;
    (env, buyer)
}

/// The one payment that GoPay made, and that every request about it had its id.
pub(crate) async fn only_payment(env: &TestEnv) -> Value {
    let ledger = env.ledger().await;
    let payments = ledger["payments"].as_array().unwrap();
    assert_eq!(payments.len(), 1, "{payments:?}");
    for met in env.faults_met().await {
        if met["on"] == "payment" {
            assert_eq!(met["id"], payments[0]["external_id"]);
        }
    }
    payments[0].clone()
}

pub(crate) async fn pay(env: &TestEnv, buyer: &Buyer, order: &Order) {
    env.act("pay").await;
    assert_eq!(buyer.status(env, &order.id).await, OrderStatus::Paid);
}

/// F01: nobody knows the name of GoPay's host.
#[tokio::test]
async fn an_order_that_never_left_is_placed_when_gopay_is_found_again() {
    let (mut env, buyer) = buyer_in(json!([])).await;
    env.bi_snap_url = Some(Url::parse("http://gopay.invalid").unwrap());
    env.restart_merchant().await;
    let began = Instant::now();
    buyer.place_in_vain(&env, "key").await;
    assert!(began.elapsed() < Duration::from_secs(4));
    assert_eq!(env.count("payment_requested").await, 0);

    env.bi_snap_url = None;
    env.restart_merchant().await;
    let order = buyer.place_until_it_works(&env, "key").await;
    only_payment(&env).await;
    pay(&env, &buyer, &order).await;
    env.reconciled().await;
}

/// F05, F06, F23: whatever is lost, before GoPay acted or after.
#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_is_one_payment() {
    for fault in [
        json!({"on": "payment", "do": "reset_before"}),
        json!({"on": "payment", "do": "answer_lost"}),
        json!({"on": "payment", "do": "error_500"}),
        json!({"on": "payment", "do": "error_500", "done": true}),
        json!({"on": "payment", "do": "timeout_504", "done": true}),
    ] {
        let (env, buyer) = buyer_in(json!([fault])).await;
        buyer.place_in_vain(&env, "key").await;
        let order = buyer.place_until_it_works(&env, "key").await;
        assert_eq!(order.status, OrderStatus::AwaitingPayment, "{fault}");
        only_payment(&env).await;
        pay(&env, &buyer, &order).await;
        env.reconciled().await;
    }
}

/// F07
#[tokio::test]
async fn an_order_is_checking_for_as_long_as_gopay_cannot_be_asked() {
    let (env, buyer) = buyer_in(json!([
        {"on": "payment", "do": "answer_lost", "times": null},
        {"on": "status", "do": "answer_lost", "times": null},
    ]))
    .await;
    env.withhold().await;
    for _ in 0..3 {
        buyer.place_in_vain(&env, "key").await;
    }
    env.act("pay").await;
    let order = buyer.orders(&env).await.remove(0);
    assert_eq!(order.status, OrderStatus::Checking);

    env.faults(json!([])).await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    only_payment(&env).await;
    env.reconciled().await;
}

/// F09, F42: a twin of the request comes, and then the notification, while GoPay's answer is
/// still on its way.
#[tokio::test]
async fn a_late_answer_meets_what_is_known_by_then() {
    let (env, buyer) = buyer_in(json!([{"on": "payment", "do": "hold"}])).await;
    let meanwhile = async {
        env.wait_for("payment_requested", 0).await;
        let twin = buyer.place(&env, "key").await;
        assert_eq!(twin.status(), StatusCode::CONFLICT);
        assert_eq!(problem(twin).await.code, ProblemCode::UnderWay);
        env.act("pay").await;
        let seen = buyer.orders(&env).await;
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].status, OrderStatus::Paid);
        env.control_post("faults/release", json!({})).await;
    };
    let (answer, ()) = tokio::join!(buyer.place(&env, "key"), meanwhile);
    assert_eq!(answer.status(), StatusCode::CREATED);
    let order: Order = answer.json().await.unwrap();
    assert_eq!(order.status, OrderStatus::Paid);
    assert_eq!(env.count("payment_requested").await, 1);
    only_payment(&env).await;
    env.reconciled().await;
}

/// F19, F20
#[tokio::test]
async fn a_refused_order_can_be_paid_by_a_new_attempt() {
    for refusal in [
        json!({"on": "payment", "do": "forbidden"}),
        json!({"on": "payment", "do": "forbidden", "case": 14}),
        json!({"on": "payment", "do": "forbidden", "case": 3}),
        json!({"on": "payment", "do": "inconsistent_404"}),
    ] {
        let (env, buyer) = buyer_in(json!([refusal])).await;
        let order = buyer.order(&env).await;
        assert_eq!(order.status, OrderStatus::Failed, "{refusal}");
        let again: Order = read(buyer.pay_again(&env, &order.id, "again")).await;
        assert_eq!(again.status, OrderStatus::AwaitingPayment);
        let refused = env.faults_met().await.remove(0);
        let ledger = env.ledger().await;
        assert_eq!(ledger["payments"].as_array().unwrap().len(), 1);
        assert_ne!(ledger["payments"][0]["external_id"], refused["id"]);
        pay(&env, &buyer, &order).await;
        env.reconciled().await;
    }
}

/// F21
#[tokio::test]
async fn a_conflict_is_asked_about_and_never_sent_under_a_new_id() {
    for (case, done) in [(0, false), (1, false), (0, true), (1, true)] {
        let fault = json!({"on": "payment", "do": "conflict_409", "case": case, "done": done});
        let (env, buyer) = buyer_in(json!([fault])).await;
        buyer.place_in_vain(&env, "key").await;
        let order = buyer.place_until_it_works(&env, "key").await;
        assert!(env.count("status_requested").await >= 1);
        only_payment(&env).await;
        pay(&env, &buyer, &order).await;
        env.reconciled().await;
    }
}

/// F22
#[tokio::test]
async fn a_throttled_merchant_leaves_gopay_alone_for_as_long_as_it_was_told() {
    let throttle = json!([{"on": "payment", "do": "throttle_429", "retry_after": 3600}]);
    let (env, buyer) = buyer_in(throttle).await;
    for _ in 0..5 {
        buyer.place_in_vain(&env, "key").await;
    }
    let order = buyer.orders(&env).await.remove(0);
    assert_eq!(order.status, OrderStatus::Checking);
    assert_eq!(env.faults_met().await.len(), 1);
    assert_eq!(env.count("payment_requested").await, 0);
}

/// F22: what GoPay throttles is one of its APIs.
#[tokio::test]
async fn throttled_inquiries_keep_no_buyer_from_paying() {
    let throttle = json!([{"on": "status", "do": "throttle_429", "retry_after": 3600}]);
    let (env, buyer) = buyer_in(throttle).await;
    let waiting = buyer.order(&env).await;
    buyer.see(&env, &waiting.id).await;
    env.act("pay").await;
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let met = env.faults_met().await.len();
        (met == 1).then_some(()).ok_or(met)
    })
    .await;
    let order = env.sign_in("siti").await.order(&env).await;
    assert_eq!(order.status, OrderStatus::AwaitingPayment);
    buyer.wait_until(&env, &waiting.id, OrderStatus::Paid).await;
}

/// F22
#[tokio::test]
async fn a_throttled_order_goes_on_when_the_rest_is_over() {
    for throttle in [
        json!({"on": "payment", "do": "throttle_429", "retry_after": 1}),
        json!({"on": "payment", "do": "throttle_429"}),
    ] {
        let (env, buyer) = buyer_in(json!([throttle])).await;
        buyer.place_in_vain(&env, "key").await;
        let order = buyer.place_until_it_works(&env, "key").await;
        assert_eq!(env.count("payment_requested").await, 1);
        only_payment(&env).await;
        pay(&env, &buyer, &order).await;
        env.reconciled().await;
    }
}
