//! The ways of a payment.

use crate::test_env::{TestEnv, problem, read};
use contract::{Order, OrderStatus, PaymentWay, ProblemCode, Rupiah};
use merchant::adapters::database::sql;
use merchant::domain::operator_policy::PaymentPolicy;
use reqwest::StatusCode;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn an_order_is_paid_by_gopays_notification() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    assert_eq!(order.status, OrderStatus::AwaitingPayment);
    assert_eq!(order.total, Rupiah::new(50_000));
    let reference = env.references().await.remove(0);
    assert_eq!(
        order.payment.unwrap().way,
        PaymentWay::Deeplink(format!("gopay://merchanttransfer?tref={reference}"))
    );

    env.act("pay").await;
    let paid = buyer.see(&env, &order.id).await;
    assert_eq!(paid.status, OrderStatus::Paid);
    assert!(paid.paid_at.is_some() && paid.payment.is_none());
    assert_eq!(env.count("payment_requested").await, 1);
    env.reconciled().await;
}

/// I-02: with the policy, the buyer sees nothing of a notification alone.
#[tokio::test]
async fn an_order_is_checked_until_an_inquiry_has_confirmed_it() {
    let env = TestEnv::paying(PaymentPolicy {
        confirm_from: Some(Rupiah::ZERO),
        ..PaymentPolicy::default()
    })
    .await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.faults(json!([{"on": "status", "do": "error_500", "times": null}]))
        .await;
    env.act("pay").await;
    let held = buyer.see(&env, &order.id).await;
    assert_eq!(held.status, OrderStatus::Checking);
    assert_eq!((held.paid_at, held.pickup_code), (None, None));
    // The app that is opened anew finds it, as every order that waits.
    let session = env.session("budi").await;
    assert_eq!(
        session.open_order.map(|open| open.id),
        Some(order.id.clone())
    );

    env.faults(json!([])).await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    let paid = buyer.see(&env, &order.id).await;
    assert!(paid.paid_at.is_some() && paid.pickup_code.is_some());
    env.reconciled().await;
}

#[tokio::test]
async fn an_inquiry_settles_an_order_when_no_notification_comes() {
    let env = TestEnv::new().await;
    env.control_put("notifications", json!({"mode": "withhold"}))
        .await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.act("pay").await;
    assert_eq!(
        buyer.wait_for_the_end(&env, &order.id).await,
        OrderStatus::Paid
    );
    assert!(env.count("status_requested").await >= 1);
    env.reconciled().await;
}

#[tokio::test]
async fn an_order_whose_buyer_went_away_is_settled_all_the_same() {
    let env = TestEnv::new().await;
    env.control_put("notifications", json!({"mode": "withhold"}))
        .await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.act("pay").await;
    // The list of orders asks nobody: what it shows, the merchant found out by itself.
    let listed = buyer.wait_until_listed(&env, OrderStatus::Paid).await;
    assert_eq!(listed.id, order.id);
    env.reconciled().await;
}

#[tokio::test]
async fn an_unpaid_end_is_told_apart_and_can_be_paid_again() {
    for (act, end) in [
        ("fail", OrderStatus::Failed),
        ("expire", OrderStatus::Expired),
    ] {
        let env = TestEnv::new().await;
        let buyer = env.sign_in("budi").await;
        let order = buyer.order(&env).await;
        env.act(act).await;
        assert_eq!(buyer.status(&env, &order.id).await, end);

        let again: Order = read(buyer.pay_again(&env, &order.id, "second")).await;
        assert_eq!(again.status, OrderStatus::AwaitingPayment);
        assert_eq!(again.id, order.id);
        let repeated: Order = read(buyer.pay_again(&env, &order.id, "second")).await;
        assert_eq!(repeated.payment, again.payment);
        assert_eq!(env.references().await.len(), 2);

        env.act("pay").await;
        assert_eq!(buyer.status(&env, &order.id).await, OrderStatus::Paid);
        env.reconciled().await;
    }
}

#[tokio::test]
async fn a_payment_runs_out_by_gopays_clock() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.control_post("clock/advance", json!({"seconds": 16 * 60}))
        .await;
    assert_eq!(
        buyer.wait_for_the_end(&env, &order.id).await,
        OrderStatus::Expired
    );
    env.reconciled().await;
}

#[tokio::test]
async fn a_cancelled_order_is_cancelled_at_gopay_first() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    let cancelled: Order = read(buyer.cancel(&env, &order.id)).await;
    assert_eq!(cancelled.status, OrderStatus::Cancelled);
    assert_eq!(env.ledger().await["payments"][0]["state"], "cancelled");
    let again = buyer.pay_again(&env, &order.id, "again").send().await;
    let again = again.unwrap();
    assert_eq!(again.status(), StatusCode::CONFLICT);
    assert_eq!(problem(again).await.code, ProblemCode::OrderClosed);
    env.reconciled().await;
}

#[tokio::test]
async fn a_payment_that_was_faster_than_its_cancellation_wins() {
    let env = TestEnv::new().await;
    env.control_put("notifications", json!({"mode": "withhold"}))
        .await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.act("pay").await;
    let answer: Order = read(buyer.cancel(&env, &order.id)).await;
    assert_eq!(answer.status, OrderStatus::Paid);
    env.reconciled().await;
}

#[tokio::test]
async fn the_same_request_under_the_same_key_has_one_effect() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let (first, second) = tokio::join!(buyer.place(&env, "key"), buyer.place(&env, "key"));
    let mut orders = Vec::new();
    for answer in [first, second, buyer.place(&env, "key").await] {
        // The slower twin may be told to ask again; it is never given another order.
        if answer.status() == StatusCode::CREATED {
            orders.push(answer.json::<Order>().await.unwrap());
        } else {
            assert_eq!(answer.status(), StatusCode::CONFLICT);
        }
    }
    assert!(orders.len() >= 2);
    assert!(orders.iter().all(|order| order.id == orders[0].id));
    assert_eq!(env.references().await.len(), 1);

    let other = json!({"lines": [{"product": "klepon", "quantity": 1}], "expected_total": 12_000});
    let reused = buyer
        .post(&env, "/api/orders")
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
    env.reconciled().await;
}

#[tokio::test]
async fn the_open_order_comes_with_the_session() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    let session = env.session("budi").await;
    assert_eq!(session.open_order.unwrap().id, order.id);
    let second = buyer.order(&env).await;
    env.act("pay").await;
    assert_eq!(buyer.status(&env, &second.id).await, OrderStatus::Paid);
    let session = env.session("budi").await;
    assert_eq!(session.open_order.unwrap().id, order.id);
    buyer.cancel(&env, &order.id).send().await.unwrap();
    let session = env.session("budi").await;
    assert_eq!(session.open_order, None);
    env.reconciled().await;
}

#[tokio::test]
async fn gopay_is_told_what_gopay_later_needs_also_when_it_is_paid_again() {
    let env = TestEnv::paying(PaymentPolicy {
        offers_gopay_later: true,
        ..PaymentPolicy::default()
    })
    .await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.act("expire").await;
    let again: Order = read(buyer.pay_again(&env, &order.id, "again")).await;
    assert_eq!(again.status, OrderStatus::AwaitingPayment);
    let requests = env.payment_requests().await;
    let customer: String = sql("select id from customers")
        .fetch_value(&mut env.database().await)
        .await
        .unwrap();
    assert_eq!(requests.len(), 2);
    for request in requests {
        let metadata = &request["additionalInfo"]["metadata"];
        let sub_order = &metadata["order_info"]["sub_orders"][0];
        assert_eq!(sub_order["sku_id"], "kopi-susu");
        assert_eq!(sub_order["category_id"], "minuman");
        assert_eq!(sub_order["amount"], "50000.0");
        assert_eq!(sub_order["merchant_id"], request["merchantId"]);
        assert_eq!(metadata["user_info"]["id"], customer.as_str());
        let since = metadata["user_info"]["registration_date"].as_str().unwrap();
        let since: jiff::Timestamp = since.parse().unwrap();
        let age = order.created_at.0 - since.as_second();
        assert!((0..60).contains(&age), "{age} s");
    }
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    env.reconciled().await;
}

#[tokio::test]
async fn gopay_is_told_what_is_bought_and_how_long_it_can_be_paid() {
    let env = TestEnv::paying(PaymentPolicy {
        time_to_pay: Duration::from_mins(30),
        sends_items: true,
        ..PaymentPolicy::default()
    })
    .await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    let valid_until = order.payment.unwrap().valid_until;
    let seconds = valid_until.0 - order.created_at.0;
    assert!((1_799..=1_800).contains(&seconds), "{seconds} s");
    let [request] = &*env.payment_requests().await else {
        panic!("more than one request");
    };
    let item = json!({
        "id": "kopi-susu",
        "price": {"value": "25000.00", "currency": "IDR"},
        "quantity": "2",
        "name": "Kopi Susu Senja",
    });
    assert_eq!(request["additionalInfo"]["items"], json!([item]));
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    env.reconciled().await;
}
