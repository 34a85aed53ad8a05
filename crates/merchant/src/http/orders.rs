//! The buyer's orders.

use super::{
    Context,
    extract::{IdempotencyKey, Json, OrderId, SignedInCustomer},
    problem::Refusal,
};
use crate::{
    shop::{Shop, describe},
    store::StoredOrder,
};
use axum::{extract::State, http::StatusCode};
use contract::{Order, PlaceOrder};

/// How many orders a list has at most.
const LISTED: u32 = 50;

fn answer(shop: &Shop, order: &StoredOrder) -> axum::Json<Order> {
    axum::Json(describe(order, shop.now()))
}

/// `POST /api/orders`: places an order and its first payment. Problems:
/// `idempotency_key_required`, `idempotency_key_reused`, `invalid_request`,
/// `unknown_product`, `sold_out`, `invalid_quantity`, `price_changed`, `gopay_unavailable`,
/// `session_required`.
pub(super) async fn place(
    State(context): State<Context>,
    SignedInCustomer(customer): SignedInCustomer,
    IdempotencyKey(key): IdempotencyKey,
    Json(order): Json<PlaceOrder>,
) -> Result<(StatusCode, axum::Json<Order>), Refusal> {
    let order = context.shop.place_order(&customer, &key, &order).await?;
    Ok((StatusCode::CREATED, answer(&context.shop, &order)))
}

/// `GET /api/orders`: the buyer's newest orders. Problems: `session_required`.
pub(super) async fn list(
    State(context): State<Context>,
    SignedInCustomer(customer): SignedInCustomer,
) -> Result<axum::Json<Vec<Order>>, Refusal> {
    let orders = context.shop.store.orders_of(&customer, LISTED).await?;
    let now = context.shop.now();
    Ok(axum::Json(
        orders.iter().map(|order| describe(order, now)).collect(),
    ))
}

/// `GET /api/orders/{id}`: one order. Problems: `not_found`, for somebody else's order too;
/// `session_required`.
pub(super) async fn show(
    State(context): State<Context>,
    SignedInCustomer(customer): SignedInCustomer,
    OrderId(id): OrderId,
) -> Result<axum::Json<Order>, Refusal> {
    let order = context.shop.order(&customer, &id).await?;
    Ok(answer(
        &context.shop,
        &order.ok_or_else(Refusal::not_found)?,
    ))
}

/// `POST /api/orders/{id}/payment`: the order with its live payment, or with a new one where
/// the last can no longer be paid. Problems: `idempotency_key_required`,
/// `idempotency_key_reused`, `not_found`, `order_closed`, `gopay_unavailable`,
/// `session_required`.
pub(super) async fn pay(
    State(context): State<Context>,
    SignedInCustomer(customer): SignedInCustomer,
    IdempotencyKey(key): IdempotencyKey,
    OrderId(id): OrderId,
) -> Result<axum::Json<Order>, Refusal> {
    let order = context.shop.pay_again(&customer, &id, &key).await?;
    Ok(answer(&context.shop, &order))
}

/// `POST /api/orders/{id}/cancel`: calls the payment off at GoPay. Answers with the order as
/// it is then: a payment that was faster wins. Problems: `not_found`, `order_closed`,
/// `gopay_unavailable`, `session_required`.
pub(super) async fn cancel(
    State(context): State<Context>,
    SignedInCustomer(customer): SignedInCustomer,
    OrderId(id): OrderId,
) -> Result<axum::Json<Order>, Refusal> {
    let order = context.shop.cancel(&customer, &id).await?;
    Ok(answer(&context.shop, &order))
}
