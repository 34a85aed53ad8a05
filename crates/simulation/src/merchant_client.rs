//! A phone's requests to the merchant.

use crate::{
    checker::CoveragePoint,
    fault::Fault,
    memory_store::account_hash,
    process::{Merchant, Process},
    simulation::Simulation,
    time::{SECOND, sleep},
};
use contract::{CustomerId, IdempotencyKey, OpenOrder, Order, OrderId, ProblemCode};
use gopay_protocol::Secret;
use merchant::{
    domain::{catalogue::QuoteError, order::StoredOrder, order_response::to_response},
    service::{CancelError, PlaceError},
};
use mini_app::{
    checkout::{Attempt, OrderSnapshot},
    user_error::UserError,
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long the app waits for a response.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

#[derive(Debug, Clone)]
pub(crate) enum Request {
    Place(Attempt),
    Read(OrderId),
    Renew(OrderId, IdempotencyKey),
    Cancel(OrderId),
}

/// The merchant, as one customer's phone reaches it.
#[derive(Clone)]
pub(crate) struct MerchantClient {
    pub(crate) sim: Arc<Simulation>,
    pub(crate) merchant: Merchant,
    pub(crate) customer: CustomerId,
}

impl MerchantClient {
    /// The customer's open order, read without the network.
    pub(crate) fn open_order(&self) -> Option<OpenOrder> {
        let process = self.merchant.process(&self.sim)?;
        let tables = self.sim.tables();
        let order = tables.open_order_of(&self.customer)?;
        to_response(order, process.payments.clock.now()).open()
    }

    pub(crate) async fn list_orders(&self) -> Result<Vec<Order>, UserError> {
        let sim = &self.sim;
        self.connect().await?;
        self.travel().await;
        let process = self.merchant.process(sim).ok_or(UserError::ShopDown)?;
        let now = process.payments.clock.now();
        let orders: Vec<Order> = (sim.tables().orders_of(&self.customer).into_iter())
            .map(|order| to_response(order, now))
            .collect();
        process.state.stop_if_crashed().await;
        self.travel().await;
        Ok(orders)
    }

    pub(crate) async fn send(&self, request: Request) -> Result<OrderSnapshot, UserError> {
        let sim = &self.sim;
        self.connect().await?;
        if sim.should_inject(Fault::SessionLost, 2) {
            // The app signs in and sends the same request again.
            sleep(sim.between(200, 3 * SECOND)).await;
            if matches!(request, Request::Place(_) | Request::Renew(..)) {
                sim.checker().cover(CoveragePoint::SignedInAnew);
            }
        }
        let seen = timeout(REQUEST_TIMEOUT, self.round_trip(request))
            .await
            .unwrap_or(Err(UserError::TimedOut))?;
        if sim.should_inject(Fault::PhoneAnswerLost, 6) {
            sleep(sim.between(SECOND, 15 * SECOND)).await;
            return Err(UserError::TimedOut);
        }
        Ok(seen)
    }

    async fn connect(&self) -> Result<(), UserError> {
        if self.sim.should_inject(Fault::Offline, 6) {
            sleep(self.sim.between(1, 3 * SECOND)).await;
            return Err(UserError::Offline);
        }
        Ok(())
    }

    /// Signs in where the merchant asks for it, which brings it another token.
    fn sign_in(&self, process: &Process) -> Result<(), UserError> {
        let (sim, customer) = (&self.sim, &self.customer);
        if !sim.tables().needs_sign_in(customer) {
            return Ok(());
        }
        let token = sim.gopay(|gopay, _| gopay.mini_app.issue_token(customer.as_str()));
        let owner = hex::encode(account_hash(customer));
        let service = process.service(customer).ok_or(UserError::ShopDown)?;
        let sealed =
            (service.vault.seal(&owner, &Secret::new(token))).map_err(|_| UserError::ShopDown)?;
        let mini_app = service.mini_app.id.clone();
        sim.tables().sign_in(customer, mini_app, sealed);
        Ok(())
    }

    async fn travel(&self) {
        sleep(self.sim.between(20, 900)).await;
    }

    async fn round_trip(&self, request: Request) -> Result<OrderSnapshot, UserError> {
        let (sim, customer) = (&self.sim, &self.customer);
        self.travel().await;
        let process = self.merchant.process(sim).ok_or(UserError::ShopDown)?;
        self.sign_in(&process)?;
        let response = handle(&process, customer, &request).await;
        process.state.stop_if_crashed().await;
        if let Ok(order) = &response {
            let mut checker = sim.checker();
            if order.customer_id != *customer {
                checker.violation("I-34", format!("{customer} was told of {}", order.id));
            }
            if let Request::Place(Attempt { key, .. }) | Request::Renew(_, key) = &request {
                checker.answered(customer, key, &order.id);
            }
        }
        let response = response.map(|order| to_response(&order, process.payments.clock.now()));
        self.travel().await;
        let order = response.map_err(UserError::from_problem)?;
        Ok(OrderSnapshot {
            order,
            received_at: sim.time.elapsed(),
        })
    }
}

/// The merchant's HTTP handlers do the same.
async fn handle(
    process: &Process,
    customer: &CustomerId,
    request: &Request,
) -> Result<StoredOrder, ProblemCode> {
    let service = process.service(customer).ok_or(ProblemCode::Internal)?;
    match request {
        Request::Place(attempt) => service
            .place_order(customer, &attempt.key, &attempt.order)
            .await
            .map_err(|error| place_problem(&error)),
        Request::Renew(id, key) => service
            .pay_again(customer, id, key)
            .await
            .map_err(|error| place_problem(&error)),
        Request::Read(id) => service
            .order(customer, id)
            .await
            .map_err(|_| ProblemCode::Internal)?
            .ok_or(ProblemCode::NotFound),
        Request::Cancel(id) => service
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

fn place_problem(error: &PlaceError) -> ProblemCode {
    match error {
        PlaceError::Quote(QuoteError::SoldOut(_)) => ProblemCode::SoldOut,
        PlaceError::Quote(_) => ProblemCode::PriceChanged,
        PlaceError::TooManyOrders => ProblemCode::TooManyOrders,
        PlaceError::KeyConflict => ProblemCode::IdempotencyKeyReused,
        PlaceError::NotFound => ProblemCode::NotFound,
        PlaceError::Closed => ProblemCode::OrderClosed,
        PlaceError::GoPay => ProblemCode::GopayUnavailable,
        PlaceError::UnderWay => ProblemCode::UnderWay,
        PlaceError::Store(_) => ProblemCode::Internal,
    }
}
