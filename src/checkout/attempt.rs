//! One attempt to place an order, stored until it is answered. PURE.

use contract::{CustomerId, IdempotencyKey, PlaceOrder};
use serde::Serialize;

/// An older attempt is not finished unasked, however long its payment can be made: the buyer has turned
/// to something else. If the merchant has the order, the session's open order shows it.
const FINISH_WITHIN_MS: u64 = 15 * 60 * 1000;

/// An order that is being sent. Holds no secret: it is stored on the phone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Attempt {
    /// The same each time the attempt is sent.
    pub key: IdempotencyKey,
    pub customer: CustomerId,
    /// The request body, the same each time.
    pub order: PlaceOrder,
    /// Milliseconds of the phone's wall clock.
    pub made_at: u64,
    /// The unconfirmed attempt that the buyer changed. The merchant may have its order, which is
    /// cancelled before this one is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Box<Attempt>>,
}

impl Attempt {
    /// Whether the attempt is too old to be finished. The phone's clock may have been set back or
    /// forward.
    pub fn is_outdated(&self, now: u64) -> bool {
        self.made_at.abs_diff(now) > FINISH_WITHIN_MS
    }

    /// Whether the app finishes the attempt unasked, for this customer at this time.
    pub fn is_worth_finishing(&self, customer: &CustomerId, now: u64) -> bool {
        self.customer == *customer && !self.is_outdated(now)
    }

    /// The attempts that are cancelled before this one is sent, the oldest first.
    pub fn replaced(&self) -> Vec<&Self> {
        let mut replaced = Vec::new();
        let mut next = &self.replaces;
        while let Some(attempt) = next {
            replaced.insert(0, &**attempt);
            next = &attempt.replaces;
        }
        replaced
    }
}
