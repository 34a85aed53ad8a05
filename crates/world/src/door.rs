//! The way from a phone to the merchant and back.

use crate::{
    harm::Harm,
    process::Process,
    time::{SECOND, pass},
    watch::Rare,
    world::World,
};
use contract::{Order, ProblemCode};
use merchant::{
    domain::{catalogue::QuoteError, order::StoredOrder, order_view::describe},
    service::{CancelError, PlaceError},
};
use mini_app::{
    checkout::{Attempt, Key, OrderSnapshot},
    user_error::UserError,
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// The app waits no longer for an answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a phone asks the merchant.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    Place(Attempt),
    Read(String),
    Renew(String, Key),
    CallOff(String),
}

/// Asks for all orders, and brings them back, if there is an answer.
pub(crate) async fn list(world: &Arc<World>, customer: &str) -> Result<Vec<Order>, UserError> {
    if world.strikes(Harm::Offline, 6) {
        pass(world.between(1, 3 * SECOND)).await;
        return Err(UserError::Offline);
    }
    pass(world.between(20, 900)).await;
    let process = world.process().ok_or(UserError::ShopDown)?;
    let now = process.shop.clock.now();
    let orders: Vec<Order> = (world.pages().orders_of(customer).into_iter())
        .map(|order| describe(order, now))
        .collect();
    process.life.goes_on().await;
    pass(world.between(20, 900)).await;
    Ok(orders)
}

/// Asks, and brings the answer back, if there is one.
pub(crate) async fn ask(
    world: &Arc<World>,
    customer: &str,
    ask: Ask,
) -> Result<OrderSnapshot, UserError> {
    if world.strikes(Harm::Offline, 6) {
        pass(world.between(1, 3 * SECOND)).await;
        return Err(UserError::Offline);
    }
    if world.strikes(Harm::SessionLost, 2) {
        // The app signs in and asks the same again.
        pass(world.between(200, 3 * SECOND)).await;
        if matches!(ask, Ask::Place(_) | Ask::Renew(..)) {
            world.watch().saw(Rare::SignedInAnew);
        }
    }
    let seen = timeout(PATIENCE, there_and_back(world, customer, ask))
        .await
        .unwrap_or(Err(UserError::TimedOut))?;
    if world.strikes(Harm::PhoneAnswerLost, 6) {
        pass(world.between(SECOND, 15 * SECOND)).await;
        return Err(UserError::TimedOut);
    }
    Ok(seen)
}

async fn there_and_back(
    world: &Arc<World>,
    customer: &str,
    ask: Ask,
) -> Result<OrderSnapshot, UserError> {
    pass(world.between(20, 900)).await;
    let process = world.process().ok_or(UserError::ShopDown)?;
    let answer = handle(&process, customer, &ask).await;
    process.life.goes_on().await;
    if let Ok(order) = &answer {
        let mut watch = world.watch();
        if order.customer_id != customer {
            watch.violated("I-34", format!("{customer} was told of {}", order.id));
        }
        match &ask {
            Ask::Place(attempt) => watch.told(customer, &attempt.key.0, &order.id),
            Ask::Renew(_, key) => watch.told(customer, &key.0, &order.id),
            Ask::Read(_) | Ask::CallOff(_) => {}
        }
    }
    let answer = answer.map(|order| describe(&order, process.shop.clock.now()));
    pass(world.between(20, 900)).await;
    let order = answer.map_err(UserError::from_problem)?;
    Ok(OrderSnapshot {
        order,
        received_at: world.time.elapsed(),
    })
}

/// As the merchant's HTTP does it.
async fn handle(process: &Process, customer: &str, ask: &Ask) -> Result<StoredOrder, ProblemCode> {
    let shop = &process.shop;
    match ask {
        Ask::Place(attempt) => shop
            .place_order(customer, &attempt.key.0, &attempt.order)
            .await
            .map_err(|error| placing(&error)),
        Ask::Renew(id, key) => shop
            .pay_again(customer, id, &key.0)
            .await
            .map_err(|error| placing(&error)),
        Ask::Read(id) => shop
            .order(customer, id)
            .await
            .map_err(|_| ProblemCode::Internal)?
            .ok_or(ProblemCode::NotFound),
        Ask::CallOff(id) => shop
            .cancel(customer, id)
            .await
            .map_err(|error| match error {
                CancelError::NotFound => ProblemCode::NotFound,
                CancelError::Closed => ProblemCode::OrderClosed,
                CancelError::GoPay => ProblemCode::GopayUnavailable,
                CancelError::Store(_) => ProblemCode::Internal,
            }),
    }
}

fn placing(error: &PlaceError) -> ProblemCode {
    match error {
        PlaceError::Quote(QuoteError::SoldOut(_)) => ProblemCode::SoldOut,
        PlaceError::Quote(_) => ProblemCode::PriceChanged,
        PlaceError::KeyReused => ProblemCode::IdempotencyKeyReused,
        PlaceError::NotFound => ProblemCode::NotFound,
        PlaceError::Closed => ProblemCode::OrderClosed,
        PlaceError::GoPay => ProblemCode::GopayUnavailable,
        PlaceError::UnderWay => ProblemCode::UnderWay,
        PlaceError::Store(_) => ProblemCode::Internal,
    }
}
