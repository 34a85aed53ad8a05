//! The ways of a payment.

use crate::town::{Town, pause, problem, read};
use contract::{Order, OrderStatus, ProblemCode, Rupiah};
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn an_order_is_paid_by_gopays_notification() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    assert_eq!(order.status, OrderStatus::AwaitingPayment);
    assert_eq!(order.total, Rupiah::new(50_000));
    let reference = town.references().await.remove(0);
    assert_eq!(
        order.payment.unwrap().deeplink,
        format!("gopay://merchanttransfer?tref={reference}")
    );

    town.act("pay").await;
    let paid = buyer.see(&town, &order.id).await;
    assert_eq!(paid.status, OrderStatus::Paid);
    assert!(paid.paid_at.is_some() && paid.payment.is_none());
    assert_eq!(town.count("payment_requested").await, 1);
    town.reconciled().await;
}

#[tokio::test]
async fn an_inquiry_settles_an_order_when_no_notification_comes() {
    let town = Town::new().await;
    town.control_put("notifications", json!({"mode": "withhold"}))
        .await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    town.act("pay").await;
    assert_eq!(
        buyer.wait_for_the_end(&town, &order.id).await,
        OrderStatus::Paid
    );
    assert!(town.count("status_requested").await >= 1);
    town.reconciled().await;
}

#[tokio::test]
async fn an_order_whose_buyer_went_away_is_settled_all_the_same() {
    let town = Town::new().await;
    town.control_put("notifications", json!({"mode": "withhold"}))
        .await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    town.act("pay").await;
    // The list of orders asks nobody: what it shows, the merchant found out by itself.
    loop {
        let list = buyer.orders(&town).await;
        assert_eq!(list[0].id, order.id);
        if list[0].status == OrderStatus::Paid {
            break;
        }
        pause().await;
    }
    town.reconciled().await;
}

#[tokio::test]
async fn an_unpaid_end_is_told_apart_and_can_be_paid_again() {
    for (act, end) in [
        ("fail", OrderStatus::Failed),
        ("expire", OrderStatus::Expired),
    ] {
        let town = Town::new().await;
        let buyer = town.sign_in("budi").await;
        let order = buyer.order(&town).await;
        town.act(act).await;
        assert_eq!(buyer.status(&town, &order.id).await, end);

        let again: Order = read(buyer.pay_again(&town, &order.id, "second")).await;
        assert_eq!(again.status, OrderStatus::AwaitingPayment);
        assert_eq!(again.id, order.id);
        let repeated: Order = read(buyer.pay_again(&town, &order.id, "second")).await;
        assert_eq!(repeated.payment, again.payment);
        assert_eq!(town.references().await.len(), 2);

        town.act("pay").await;
        assert_eq!(buyer.status(&town, &order.id).await, OrderStatus::Paid);
        town.reconciled().await;
    }
}

#[tokio::test]
async fn a_payment_runs_out_by_gopays_clock() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    town.control_post("clock/advance", json!({"seconds": 16 * 60}))
        .await;
    assert_eq!(
        buyer.wait_for_the_end(&town, &order.id).await,
        OrderStatus::Expired
    );
    town.reconciled().await;
}

#[tokio::test]
async fn a_cancelled_order_is_cancelled_at_gopay_first() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    let cancelled: Order = read(buyer.cancel(&town, &order.id)).await;
    assert_eq!(cancelled.status, OrderStatus::Cancelled);
    assert_eq!(town.ledger().await["payments"][0]["state"], "cancelled");
    let again = buyer.pay_again(&town, &order.id, "again").send().await;
    let again = again.unwrap();
    assert_eq!(again.status(), StatusCode::CONFLICT);
    assert_eq!(problem(again).await.code, ProblemCode::OrderClosed);
    town.reconciled().await;
}

#[tokio::test]
async fn a_payment_that_was_faster_than_its_cancellation_wins() {
    let town = Town::new().await;
    town.control_put("notifications", json!({"mode": "withhold"}))
        .await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    town.act("pay").await;
    let answer: Order = read(buyer.cancel(&town, &order.id)).await;
    assert_eq!(answer.status, OrderStatus::Paid);
    town.reconciled().await;
}

#[tokio::test]
async fn the_same_request_under_the_same_key_has_one_effect() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let (first, second) = tokio::join!(buyer.place(&town, "key"), buyer.place(&town, "key"));
    let mut orders = Vec::new();
    for answer in [first, second, buyer.place(&town, "key").await] {
        // The slower twin may be told to ask again; it is never given another order.
        if answer.status() == StatusCode::CREATED {
            orders.push(answer.json::<Order>().await.unwrap());
        } else {
            assert_eq!(answer.status(), StatusCode::CONFLICT);
        }
    }
    assert!(orders.len() >= 2);
    assert!(orders.iter().all(|order| order.id == orders[0].id));
    assert_eq!(town.references().await.len(), 1);

    let other = json!({"lines": [{"product": "klepon", "quantity": 1}], "expected_total": 12_000});
    let reused = buyer
        .post(&town, "/api/orders")
        .header("idempotency-key", "key")
        .json(&other)
        .send()
        .await
        .unwrap();
    assert_eq!(reused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        problem(reused).await.code,
        ProblemCode::IdempotencyKeyReused
    );
    town.reconciled().await;
}

#[tokio::test]
async fn the_open_order_comes_with_the_session() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let order = buyer.order(&town).await;
    let session = town.session("budi").await;
    assert_eq!(session.open_order.unwrap().id, order.id);
    let second = buyer.order(&town).await;
    town.act("pay").await;
    assert_eq!(buyer.status(&town, &second.id).await, OrderStatus::Paid);
    let session = town.session("budi").await;
    assert_eq!(session.open_order.unwrap().id, order.id);
    buyer.cancel(&town, &order.id).send().await.unwrap();
    let session = town.session("budi").await;
    assert_eq!(session.open_order, None);
    town.reconciled().await;
}
