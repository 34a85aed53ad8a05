//! One attempt to place an order, as it is kept until it is answered. PURE.

use contract::PlaceOrder;
use serde::Serialize;

/// How long an attempt is worth finishing without the buyer's asking, in milliseconds.
/// Who comes back later has moved on; if the merchant did get the order, the session's
/// open order shows it.
const WORTH_FINISHING: u64 = 15 * 60 * 1000;

/// Names a request to the merchant, so that repeating it has no second effect.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Key(pub String);

/// An order that was sent, or is about to be. Holds nothing secret: it goes into storage.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Attempt {
    /// The same for every sending of it.
    pub key: Key,
    /// Whose it is; see [`contract::Customer::id`].
    pub customer: String,
    /// What is sent, the same each time.
    pub order: PlaceOrder,
    /// When it was made, in milliseconds by the phone's own clock.
    pub made_at: u64,
    /// The one that the buyer changed instead of waiting for its answer. The merchant may have it, so
    /// it is called off before this one is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Box<Attempt>>,
}

impl Attempt {
    /// Whether it is too old to be finished. A clock that was set back says as little about its age
    /// as one that was set forward.
    pub fn is_outdated(&self, now: u64) -> bool {
        self.made_at.abs_diff(now) > WORTH_FINISHING
    }

    /// Whether to finish it by itself for this buyer at this moment of the phone's clock.
    pub fn is_worth_finishing(&self, customer: &str, now: u64) -> bool {
        self.customer == customer && !self.is_outdated(now)
    }

    /// All attempts that have to be called off before this one is sent, the oldest first.
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
