//! The buyer's orders.

use super::{
    Context,
    api_document::{CancelProblems, OrderProblems, PayProblems, PlaceProblems, ReadProblems},
    api_error::ApiError,
    extract::{IdempotencyKeyHeader, Json, OrderPath, SessionToken, SignedInCustomer},
};
use crate::{
    adapters::database::Store,
    domain::{order::StoredOrder, order_response::to_response},
    service::OrderService,
};
use axum::{extract::State, http::StatusCode};
use contract::{Order, OrderId, OrderStatus, PlaceOrder};

const MAX_LISTED: u32 = 50;

fn answer(service: &OrderService<Store>, order: &StoredOrder) -> axum::Json<Order> {
    axum::Json(to_response(order, service.now()))
}

/// `POST /api/orders`: places an order and its first payment.
#[utoipa::path(
    post,
    path = "/orders",
    summary = "Places an order",
    description = "With its first payment.",
    params(IdempotencyKeyHeader),
    request_body = PlaceOrder,
    responses((status = 201, body = Order), PlaceProblems),
    security(("cookie" = []), ("bearer" = [])),
)]
pub(super) async fn place(
    State(context): State<Context>,
    SignedInCustomer(customer): SignedInCustomer,
    IdempotencyKeyHeader(key): IdempotencyKeyHeader,
    Json(order): Json<PlaceOrder>,
) -> Result<(StatusCode, axum::Json<Order>), ApiError> {
    context.rates.order()?;
    let order = context.service.place_order(&customer, &key, &order).await?;
    Ok((StatusCode::CREATED, answer(&context.service, &order)))
}

/// `GET /api/orders`: the buyer's newest orders.
#[utoipa::path(
    get,
    path = "/orders",
    summary = "The buyer's orders",
    description = "The newest 50, the newest first.",
    responses((status = 200, body = Vec<Order>), ReadProblems),
    security(("cookie" = []), ("bearer" = [])),
)]
pub(super) async fn list(
    State(context): State<Context>,
    SignedInCustomer(customer): SignedInCustomer,
) -> Result<axum::Json<Vec<Order>>, ApiError> {
    let orders = context.service.orders(&customer, MAX_LISTED).await?;
    let now = context.service.now();
    Ok(axum::Json(
        orders.iter().map(|order| to_response(order, now)).collect(),
    ))
}

/// `GET /api/orders/{id}`: one order, by its own id or any of its payment's: GoPay's order history
/// may link by either. Another buyer's order is not found.
#[utoipa::path(
    get,
    path = "/orders/{id}",
    summary = "One order",
    description = "Another buyer's order is not found.",
    params(
        ("id" = String, Path, description = "The order's id, or one of its payment's.",
            example = "0123456789abcdef0123456789abcdef"),
    ),
    responses((status = 200, body = Order), OrderProblems),
    security(("cookie" = []), ("bearer" = [])),
)]
pub(super) async fn show(
    State(context): State<Context>,
    SessionToken(token): SessionToken,
    OrderPath(id): OrderPath,
) -> Result<axum::Json<Order>, ApiError> {
    let service = &context.service;
    // What pages ask for again and again while they wait for a payment.
    let order = match service.order_in_session(&token, &id).await? {
        Some(order) => {
            context.rates.request_of(&order.customer_id)?;
            service.inquired(order).await?
        }
        None => {
            let SignedInCustomer(customer) = SignedInCustomer::of(&token, &context).await?;
            service.order_by_any_id(&customer, id.as_str()).await?
        }
    };
    let order = order.ok_or_else(ApiError::not_found)?;
    Ok(answer(service, &order))
}

/// `POST /api/orders/{id}/payment`: the order with its live payment, or with a new one where
/// the last can no longer be paid.
#[utoipa::path(
    post,
    path = "/orders/{id}/payment",
    summary = "Renews an order's payment",
    description = "The order with its live payment, or with a new one where the last can no longer be paid.",
    params(
        ("id" = OrderId, Path, description = "The order's id.", example = "0123456789abcdef0123456789abcdef"),
        IdempotencyKeyHeader,
    ),
    responses((status = 200, body = Order), PayProblems),
    security(("cookie" = []), ("bearer" = [])),
)]
pub(super) async fn pay(
    State(context): State<Context>,
    SignedInCustomer(customer): SignedInCustomer,
    IdempotencyKeyHeader(key): IdempotencyKeyHeader,
    OrderPath(id): OrderPath,
) -> Result<axum::Json<Order>, ApiError> {
    let order = context.service.order(&customer, &id).await?;
    let status = order.ok_or_else(ApiError::not_found)?.status;
    if matches!(
        status,
        OrderStatus::Failed | OrderStatus::Expired | OrderStatus::Checking
    ) {
        context.rates.order()?;
    }
    let order = context.service.pay_again(&customer, &id, &key).await?;
    Ok(answer(&context.service, &order))
}

/// `POST /api/orders/{id}/cancel`: calls the payment off at GoPay. Answers with the order as
/// it is then: a payment that was faster wins.
#[utoipa::path(
    post,
    path = "/orders/{id}/cancel",
    summary = "Cancels an order",
    description = "Calls the payment off at GoPay. A payment that was faster wins.",
    params(
        ("id" = OrderId, Path, description = "The order's id.", example = "0123456789abcdef0123456789abcdef"),
    ),
    responses((status = 200, body = Order), CancelProblems),
    security(("cookie" = []), ("bearer" = [])),
)]
pub(super) async fn cancel(
    State(context): State<Context>,
    SignedInCustomer(customer): SignedInCustomer,
    OrderPath(id): OrderPath,
) -> Result<axum::Json<Order>, ApiError> {
    let order = context.service.cancel(&customer, &id).await?;
    Ok(answer(&context.service, &order))
}
