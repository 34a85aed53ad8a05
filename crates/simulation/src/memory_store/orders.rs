//! Orders and the start of their payment.

use super::{MemoryStore, StoreHooks, tables::Entry};
use contract::{CustomerId, IdempotencyKey, OrderId, OrderStatus};
use merchant::{
    domain::{
        attempt::Attempt,
        message_ids::is_id_of_order,
        operator_policy::OrderLimits,
        order::{NewAttempt, NewOrder, PlaceOutcome, StoredOrder},
        time::Timestamp,
    },
    ports::{Error, OrderRepository},
};
use std::sync::Arc;

impl<H: StoreHooks> OrderRepository for MemoryStore<H> {
    /// The simulation has no sign-in.
    async fn first_sign_in(&self, _: &CustomerId) -> Result<Timestamp, Error> {
        Err(Error::Internal("the simulation has no sign-in"))
    }

    async fn place_order(
        &self,
        new: &NewOrder<'_>,
        attempt: &NewAttempt<'_>,
    ) -> Result<PlaceOutcome, Error> {
        let rules = Arc::clone(&self.rules);
        self.access(|tables, hooks| {
            let before = tables.orders.iter().find(|entry| {
                entry.order.customer_id == *new.customer_id && entry.key == *new.idempotency_key
            });
            if let Some(entry) = before {
                return Ok(match entry.fingerprint == new.fingerprint {
                    true => PlaceOutcome::Replayed(entry.order.clone()),
                    false => PlaceOutcome::KeyConflict,
                });
            }
            let now = attempt.created_at;
            let customer = new.customer_id;
            let open = tables.count_orders(customer, |order| order.status.is_open());
            let within_an_hour =
                tables.count_orders(customer, |order| order.created_at > now - OrderLimits::HOUR);
            if !new.limits.allow(open, within_an_hour) {
                return Ok(PlaceOutcome::TooManyOrders);
            }
            let customer = tables.tokens.get(new.customer_id);
            let mini_app = customer.map(|token| token.mini_app.clone());
            let o = tables.orders.len();
            tables.orders.push(Entry {
                key: new.idempotency_key.clone(),
                fingerprint: new.fingerprint.to_owned(),
                order: StoredOrder {
                    id: new.id.clone(),
                    customer_id: new.customer_id.clone(),
                    mini_app: mini_app.ok_or(Error::CorruptRow("a customer"))?,
                    lines: new.lines.to_vec(),
                    total: new.total,
                    discount: new.discount.cloned(),
                    table: new.table.map(str::to_owned),
                    created_at: attempt.created_at,
                    status: OrderStatus::Checking,
                    confirmation: new.confirmation,
                    pickup_code: None,
                    rewards: Vec::new(),
                    attempts: Vec::new(),
                },
            });
            let order = tables
                .add_attempt(o, attempt)
                .ok_or(Error::CorruptRow("an order"))?;
            hooks.changed(None, &order);
            tables.enqueue(&order.id, rules.when_placed(&order), attempt.created_at);
            Ok(PlaceOutcome::Created(order))
        })
        .await?
    }

    async fn order_by_key(
        &self,
        customer_id: &CustomerId,
        key: &IdempotencyKey,
        fingerprint: &[u8],
    ) -> Result<Option<StoredOrder>, Error> {
        self.access(|tables, _| {
            let entry = tables.orders.iter().find(|entry| {
                entry.order.customer_id == *customer_id
                    && entry.key == *key
                    && entry.fingerprint == fingerprint
            });
            entry.map(|entry| entry.order.clone())
        })
        .await
    }

    async fn place_attempt(
        &self,
        order_id: &OrderId,
        number: u32,
        attempt: &NewAttempt<'_>,
        limits: OrderLimits,
    ) -> Result<PlaceOutcome, Error> {
        self.access(|tables, hooks| {
            let o = (tables.orders().position(|order| order.id == *order_id))
                .ok_or(Error::CorruptRow("an order that was there before"))?;
            let before = tables.orders[o].order.clone();
            let newest = before.attempt()?;
            if newest.number != number || newest.idempotency_key == *attempt.idempotency_key {
                return Ok(PlaceOutcome::Replayed(before));
            }
            let used = |old: &Attempt| old.idempotency_key == *attempt.idempotency_key;
            if before.attempts.iter().any(used) {
                return Ok(PlaceOutcome::KeyConflict);
            }
            if !matches!(before.status, OrderStatus::Failed | OrderStatus::Expired) {
                return Ok(PlaceOutcome::Replayed(before));
            }
            let open = tables.count_orders(&before.customer_id, |order| order.status.is_open());
            if !limits.allow_open(open) {
                return Ok(PlaceOutcome::TooManyOrders);
            }
            let order = tables
                .add_attempt(o, attempt)
                .ok_or(Error::CorruptRow("an order"))?;
            hooks.changed(Some(&before), &order);
            Ok(PlaceOutcome::Created(order))
        })
        .await?
    }

    async fn own_order_id(
        &self,
        customer_id: &CustomerId,
        id: &str,
    ) -> Result<Option<OrderId>, Error> {
        self.access(|tables, _| {
            let mut orders = tables.orders();
            let own =
                orders.find(|order| order.customer_id == *customer_id && is_id_of_order(id, order));
            own.map(|order| order.id.clone())
        })
        .await
    }

    async fn order(&self, id: &OrderId) -> Result<Option<StoredOrder>, Error> {
        self.access(|tables, _| tables.order(id).cloned()).await
    }
}
