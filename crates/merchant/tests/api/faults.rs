//! GoPay is away, or makes no sense, or the merchant dies.

use crate::town::{Town, pause, problem};
use contract::{Order, OrderStatus, ProblemCode};
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn an_order_goes_on_where_gopay_left_it() {
    for scenario in ["gopay-down", "garbage", "answer-lost"] {
        let town = Town::new().await;
        let buyer = town.sign_in("budi").await;
        town.scenario(scenario).await;
        let refused = buyer.place(&town, "key").await;
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

        town.scenario("default").await;
        let order = loop {
            let answer = buyer.place(&town, "key").await;
            if answer.status() == StatusCode::CREATED {
                break answer.json::<Order>().await.unwrap();
            }
            pause().await;
        };
        assert_eq!(order.status, OrderStatus::AwaitingPayment, "{scenario}");
        assert_eq!(town.references().await.len(), 1, "{scenario}");
        town.act("pay").await;
        assert_eq!(buyer.status(&town, &order.id).await, OrderStatus::Paid);
    }
}

#[tokio::test]
async fn a_payment_whose_answer_was_lost_is_found_without_the_buyer() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    town.scenario("answer-lost").await;
    assert_eq!(
        buyer.place(&town, "key").await.status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
    town.scenario("default").await;
    town.act("pay").await;
    let list = buyer.orders(&town).await;
    assert_eq!(
        buyer.wait_for_the_end(&town, &list[0].id).await,
        OrderStatus::Paid
    );
}

/// F02
#[tokio::test]
async fn an_unreachable_gopay_changes_nothing() {
    let mut town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    drop(town.simulator.take());
    let refused = buyer.place(&town, "key").await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(problem(refused).await.code, ProblemCode::GopayUnavailable);
    let cancel = buyer.cancel(&town, &order.id).send().await.unwrap();
    assert_eq!(problem(cancel).await.code, ProblemCode::GopayUnavailable);
    let login = town.exchange("a-code").await;
    assert_eq!(problem(login).await.code, ProblemCode::GopayUnavailable);
    let seen = buyer.see(&town, &order.id).await;
    assert_eq!(seen.status, OrderStatus::AwaitingPayment);
    assert_eq!(seen.payment, order.payment);
}

#[tokio::test]
async fn a_merchant_that_was_killed_knows_its_orders() {
    let mut town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    town.restart_merchant().await;
    assert_eq!(
        buyer.status(&town, &order.id).await,
        OrderStatus::AwaitingPayment
    );
    town.act("pay").await;
    assert_eq!(buyer.status(&town, &order.id).await, OrderStatus::Paid);
}

/// F29
#[tokio::test]
async fn a_spent_access_token_is_renewed_without_the_buyer_noticing() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    buyer.order(&town).await;
    // GoPay's clock runs ahead: the token is over there, and still good here.
    town.control_post("clock/advance", json!({"seconds": 901}))
        .await;
    let order = buyer.order(&town).await;
    assert_eq!(order.status, OrderStatus::AwaitingPayment);
    assert_eq!(town.count("access_token_requested").await, 2);
}

#[tokio::test]
async fn many_orders_at_once_share_one_access_token() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let (a, b, c, d) = tokio::join!(
        buyer.order(&town),
        buyer.order(&town),
        buyer.order(&town),
        buyer.order(&town)
    );
    for order in [a, b, c, d] {
        assert_eq!(order.status, OrderStatus::AwaitingPayment);
    }
    assert_eq!(town.count("access_token_requested").await, 1);
}
