//! An order as the merchant keeps it.

use super::attempt::Attempt;
use contract::{OrderLine, OrderStatus, Rupiah};

/// An order and its attempts to be paid, oldest first.
#[derive(Debug, Clone)]
pub struct StoredOrder {
    /// Random.
    pub id: String,
    /// Whose it is.
    pub customer_id: String,
    /// What was ordered.
    pub lines: Vec<OrderLine>,
    /// What it costs.
    pub total: Rupiah,
    /// Unix milliseconds.
    pub created_at: i64,
    /// The fold over the evidence.
    pub status: OrderStatus,
    /// What the buyer shows at the counter, once it was paid.
    pub pickup_code: Option<String>,
    /// At least one.
    pub attempts: Vec<Attempt>,
}

/// An order to be written.
#[derive(Debug)]
pub struct NewOrder<'a> {
    /// Random.
    pub id: &'a str,
    /// Whose it is.
    pub customer_id: &'a str,
    /// Names the request.
    pub idempotency_key: &'a str,
    /// SHA-256 of what was asked for.
    pub fingerprint: &'a [u8],
    /// What was ordered.
    pub lines: &'a [OrderLine],
    /// What it costs.
    pub total: Rupiah,
}

/// An attempt to be written, before GoPay hears of it.
#[derive(Debug)]
pub struct NewAttempt<'a> {
    /// `X-EXTERNAL-ID`.
    pub external_id: &'a str,
    /// Names the request of the buyer's app.
    pub idempotency_key: &'a str,
    /// The body for GoPay, but for `chargeToken`.
    pub request: &'a str,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub valid_until: i64,
    /// Whoever writes it talks to GoPay until then; unix milliseconds.
    pub leased_until: i64,
}

/// What came of writing an order or an attempt.
#[derive(Debug)]
pub enum PlaceOutcome {
    /// Written; the writer holds the lease of the newest attempt.
    Created(StoredOrder),
    /// The same request made this one before.
    Replayed(StoredOrder),
    /// The key was used for something else.
    KeyConflict,
}
