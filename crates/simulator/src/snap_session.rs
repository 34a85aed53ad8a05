//! A Snap session: the page on which a buyer chooses how to pay. Pure: the time is an argument.
//!
//! Unverified: there is a transaction, which the Core API knows and notifications tell of, only once
//! the buyer has chosen. Merchants report it (midtrans-php issues 61, 94), and the pages say that
//! nothing is notified when the page expires `[expire-a-snap-session]`. The sheet of the simulator is
//! that choice.

use jiff::{SignedDuration, Timestamp};

/// The time to pay after the choice, without `expiry` `[gopay]`.
const DEFAULT_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

#[derive(Debug, Clone)]
pub(crate) struct SnapSession {
    pub(crate) token: String,
    pub(crate) expiry: PaymentExpiry,
    /// When the buyer chose to pay with GoPay.
    pub(crate) chosen_at: Option<Timestamp>,
    /// The merchant has ended it before that.
    pub(crate) is_canceled: bool,
}

/// When a payment ends, by GoPay's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaymentExpiry {
    At(Timestamp),
    AfterChoice(SignedDuration),
}

impl Default for PaymentExpiry {
    fn default() -> Self {
        Self::AfterChoice(DEFAULT_LIFETIME)
    }
}

impl PaymentExpiry {
    pub(crate) fn valid_until(self, chosen_at: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::AfterChoice(lifetime) => chosen_at + lifetime,
        }
    }
}
