//! GoPay is away, or makes no sense, or the merchant dies.

use crate::test_env::{TestEnv, problem};
use contract::{OrderStatus, ProblemCode};
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn an_order_goes_on_where_gopay_left_it() {
    for scenario in ["gopay-down", "garbage", "answer-lost"] {
        let env = TestEnv::new().await;
        let buyer = env.sign_in("budi").await;
        env.scenario(scenario).await;
        let refused = buyer.place(&env, "key").await;
        assert_eq!(
            refused.status(),
            StatusCode::SERVICE_UNAVAILABLE,
            "{scenario}"
        );
        assert_eq!(
            problem(refused).await.code,
            ProblemCode::GopayUnavailable,
            "{scenario}"
        );

        env.scenario("default").await;
        let order = buyer.place_until_it_works(&env, "key").await;
        assert_eq!(order.status, OrderStatus::AwaitingPayment, "{scenario}");
        assert_eq!(env.references().await.len(), 1, "{scenario}");
        env.act("pay").await;
        assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
    }
}

#[tokio::test]
async fn a_payment_whose_answer_was_lost_is_found_without_the_buyer() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.scenario("answer-lost").await;
    assert_eq!(
        buyer.place(&env, "key").await.status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
    env.scenario("default").await;
    env.act("pay").await;
    let list = buyer.orders(&env).await;
    assert_eq!(
        buyer.wait_for_the_end(&env, &list[0].id).await,
        OrderStatus::Paid
    );
}

/// F02
#[tokio::test]
async fn an_unreachable_gopay_changes_nothing() {
    let mut env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    drop(env.simulator.take());
    let refused = buyer.place(&env, "key").await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(problem(refused).await.code, ProblemCode::GopayUnavailable);
    let cancel = buyer.cancel(&env, &order.id).send().await.unwrap();
    assert_eq!(problem(cancel).await.code, ProblemCode::GopayUnavailable);
    let login = env.exchange("a-code").await;
    assert_eq!(problem(login).await.code, ProblemCode::GopayUnavailable);
    let seen = buyer.see(&env, &order.id).await;
    assert_eq!(seen.status, OrderStatus::AwaitingPayment);
    assert_eq!(seen.payment, order.payment);
}

#[tokio::test]
async fn a_merchant_that_was_killed_knows_its_orders() {
    let mut env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.restart_merchant().await;
    assert_eq!(
        buyer.status(&env, &order.id).await,
        OrderStatus::AwaitingPayment
    );
    env.act("pay").await;
    assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
}

/// F29
#[tokio::test]
async fn a_spent_access_token_is_renewed_without_the_buyer_noticing() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    buyer.order(&env).await;
    // GoPay's clock runs ahead: the token is over there, and still good here.
    env.control_post("clock/advance", json!({"seconds": 901}))
        .await;
    let order = buyer.order(&env).await;
    assert_eq!(order.status, OrderStatus::AwaitingPayment);
    assert_eq!(env.count("access_token_requested").await, 2);
}

#[tokio::test]
async fn many_orders_at_once_share_one_access_token() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let (a, b, c, d) = tokio::join!(
        buyer.order(&env),
        buyer.order(&env),
        buyer.order(&env),
        buyer.order(&env)
    );
    for order in [a, b, c, d] {
        assert_eq!(order.status, OrderStatus::AwaitingPayment);
    }
    assert_eq!(env.count("access_token_requested").await, 1);
}
