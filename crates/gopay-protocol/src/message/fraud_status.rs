//! `fraudStatus`, in notifications and in answers to inquiries. In the vendor's sample of 2024-03-05,
//! not in the table of `[payment-notification-api]`.

use super::lenient;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// `fraudStatus`: `accept` or `deny`. Denied money must not be acted on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FraudStatus {
    /// `accept`, or no status at all.
    #[default]
    Accepted,
    /// Any word but `accept`.
    Denied,
    /// Neither text nor empty.
    Unreadable,
}

impl<'de> Deserialize<'de> for FraudStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            part if lenient::is_empty(&part) => Self::Accepted,
            Value::String(word) if word.trim().eq_ignore_ascii_case("accept") => Self::Accepted,
            Value::String(_) => Self::Denied,
            _ => Self::Unreadable,
        })
    }
}
