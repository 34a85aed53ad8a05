//! An order as the merchant keeps it, and what is written to place one.

use super::{
    attempt::Attempt,
    mini_app_id::MiniAppId,
    operator_policy::{Confirmation, OrderLimits},
    time::Timestamp,
};
use contract::{
    CustomerId, Discount, IdempotencyKey, OrderId, OrderLine, OrderStatus, Reward, Rupiah,
};
use gopay_protocol::ExternalId;

/// An order and its attempts to be paid, oldest first.
#[derive(Debug, Clone)]
pub struct StoredOrder {
    pub id: OrderId,
    pub customer_id: CustomerId,
    /// The one that its buyer is a buyer of.
    pub mini_app: MiniAppId,
    pub lines: Vec<OrderLine>,
    pub total: Rupiah,
    /// What a promo code took off the lines.
    pub discount: Option<Discount>,
    /// The table that it is brought to.
    pub table: Option<String>,
    pub created_at: Timestamp,
    /// The fold over the events of its attempts.
    pub status: OrderStatus,
    pub confirmation: Confirmation,
    /// From the moment it was paid.
    pub pickup_code: Option<String>,
    /// What the buyer is given for it.
    pub rewards: Vec<Reward>,
    /// At least one.
    pub attempts: Vec<Attempt>,
}

impl StoredOrder {
    /// The attempt with this `X-EXTERNAL-ID`.
    pub fn find_attempt(&self, external_id: &ExternalId) -> Option<&Attempt> {
        let mut attempts = self.attempts.iter();
        attempts.find(|attempt| attempt.external_id == *external_id)
    }

    /// How many events tell of money.
    pub fn money_events(&self) -> usize {
        let events = self.attempts.iter().flat_map(|attempt| &attempt.events);
        events.filter(|received| received.event.is_money()).count()
    }

    /// Whether it is paid, and not handed over before an inquiry says so too.
    pub fn awaits_confirmation(&self) -> bool {
        self.status == OrderStatus::Paid && self.confirmation == Confirmation::Awaited
    }
}

#[derive(Debug)]
pub struct NewOrder<'a> {
    pub id: &'a OrderId,
    pub customer_id: &'a CustomerId,
    pub idempotency_key: &'a IdempotencyKey,
    /// SHA-256 of the app's request.
    pub fingerprint: &'a [u8],
    pub lines: &'a [OrderLine],
    pub total: Rupiah,
    pub discount: Option<&'a Discount>,
    pub table: Option<&'a str>,
    /// Whether it is to be confirmed.
    pub confirmation: Confirmation,
    pub limits: OrderLimits,
}

/// An attempt, written before its first byte is sent to GoPay.
#[derive(Debug)]
pub struct NewAttempt<'a> {
    /// `X-EXTERNAL-ID`.
    pub external_id: &'a ExternalId,
    pub idempotency_key: &'a IdempotencyKey,
    /// The body without `chargeToken`.
    pub request: &'a str,
    pub created_at: Timestamp,
    pub valid_until: Timestamp,
    /// The writer's lease.
    pub leased_until: Timestamp,
}

#[derive(Debug)]
pub enum PlaceOutcome {
    /// Written; the writer holds the lease of the newest attempt.
    Created(StoredOrder),
    /// The same key has made this one before.
    Replayed(StoredOrder),
    /// The key was used for another request.
    KeyConflict,
    /// The buyer has as many orders as they may.
    TooManyOrders,
}
