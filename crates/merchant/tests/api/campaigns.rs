//! What a campaign address adds to an order.

use crate::{
    fulfilment::{listener, next},
    test_env::{Buyer, TestEnv, coffee, problem, read},
};
use contract::{Order, ProblemCode};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::json;

/// Two milk coffees, with a table.
fn at_table(env: &TestEnv, buyer: &Buyer, table: &str) -> RequestBuilder {
    let mut order = coffee();
    order["table"] = json!(table);
    let request = buyer.post(env, "/api/orders").json(&order);
    request.header(
        "idempotency-key",
        format!("at table {table}").replace(' ', "-"),
    )
}

#[tokio::test]
async fn an_orders_table_is_on_the_receipt_and_in_the_webhook() {
    let (url, mut heard) = listener(Some(StatusCode::NO_CONTENT)).await;
    let env = TestEnv::with_hook(url).await;
    let buyer = env.sign_in("budi").await;
    let order: Order = read(at_table(&env, &buyer, "7")).await;
    assert_eq!(order.table.as_deref(), Some("7"));
    env.act("pay").await;
    assert_eq!(buyer.see(&env, &order.id).await.table, order.table);
    assert_eq!(buyer.orders(&env).await[0].table, order.table);
    let (_, message) = next(&mut heard).await;
    assert_eq!(message["data"]["table"], "7");
}

#[tokio::test]
async fn a_table_that_the_shop_does_not_have_is_refused() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    for table in ["13", "0", "", "7 "] {
        let answer = at_table(&env, &buyer, table).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{table}");
        assert_eq!(problem(answer).await.code, ProblemCode::UnknownTable);
    }
    assert_eq!(env.count("payment_requested").await, 0);
}
