//! Orders and their payment.

use crate::{Rupiah, UnixTime, Wording};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// Most pieces of one product in one order.
pub const MAX_QUANTITY: u32 = 20;

/// What the buyer wants: `POST /api/orders`.
///
/// Invariant: the merchant refuses a field that it does not know, here and in [`Line`]. What a newer
/// app says in it may change what is made, or what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceOrder {
    /// One entry per product, at least one.
    pub lines: Vec<Line>,
    /// The total the buyer was shown. The merchant charges its own prices; this
    /// only lets it notice that the buyer looked at older ones.
    pub expected_total: Rupiah,
}

/// So many pieces of one product.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// [`Product::id`](crate::Product::id).
    pub product: String,
    /// At least one piece.
    pub quantity: NonZeroU32,
}

/// An order, as the merchant knows it at [`as_of`](Self::as_of).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Order {
    /// Random, unguessable, safe in a URL.
    pub id: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// What was ordered, at the prices of that moment.
    pub lines: Vec<OrderLine>,
    /// What it costs.
    pub total: Rupiah,
    /// When it was placed.
    pub created_at: UnixTime,
    /// When the merchant learned from GoPay that it has the money.
    pub paid_at: Option<UnixTime>,
    /// So much of it went back to the buyer, in an order that is refunded, wholly or in part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded: Option<Rupiah>,
    /// What the buyer shows at the counter to get what was paid for: `A47`. No other order
    /// of the day has it.
    pub pickup_code: Option<String>,
    /// How to pay it, while it can be paid.
    pub payment: Option<Payment>,
    /// The merchant's clock when it wrote this answer.
    pub as_of: UnixTime,
}

impl Order {
    /// What the menu says of it, while it waits for its payment.
    pub fn open(&self) -> Option<OpenOrder> {
        self.status.is_open().then(|| OpenOrder {
            id: self.id.clone(),
            total: self.total,
        })
    }
}

/// An order that still waits for its payment: as much of it as leads to the rest.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OpenOrder {
    /// [`Order::id`].
    pub id: String,
    /// [`Order::total`].
    pub total: Rupiah,
}

/// One line of a placed order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrderLine {
    /// [`Product::id`](crate::Product::id).
    pub product: String,
    /// The name at the time.
    pub name: Wording,
    /// Pieces.
    pub quantity: NonZeroU32,
    /// Price of one piece at the time.
    pub price: Rupiah,
}

/// A payment that GoPay is ready to take.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Payment {
    /// For `GP.launchPayment`: `gopay://merchanttransfer?...`
    pub deeplink: String,
    /// GoPay takes it until then.
    pub valid_until: UnixTime,
}

/// Where an order stands. Only the merchant decides it, from GoPay's signed
/// notifications and its own inquiries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// GoPay has a payment ready and has not seen the money.
    AwaitingPayment,
    /// The merchant asked GoPay for a payment and does not know the answer yet.
    Checking,
    /// GoPay has the money.
    Paid,
    /// Called off before any money moved.
    Cancelled,
    /// GoPay could not take the payment; no money moved.
    Failed,
    /// Nobody paid in time; no money moved.
    Expired,
    /// A part of the money went back.
    PartiallyRefunded,
    /// All of the money went back.
    Refunded,
    /// Something does not add up; a person has to look at it.
    Review,
    /// A status of a newer merchant than this program knows.
    #[serde(other)]
    Other,
}

impl OrderStatus {
    /// All that this program knows.
    pub const ALL: [Self; 9] = [
        Self::AwaitingPayment,
        Self::Checking,
        Self::Paid,
        Self::Cancelled,
        Self::Failed,
        Self::Expired,
        Self::PartiallyRefunded,
        Self::Refunded,
        Self::Review,
    ];

    /// The one of this name on the wire.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwaitingPayment => "awaiting_payment",
            Self::Checking => "checking",
            Self::Paid => "paid",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Expired => "expired",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::Review => "review",
            Self::Other => "other",
        }
    }

    /// Whether money came for it, whatever became of it.
    pub const fn took_money(self) -> bool {
        matches!(
            self,
            Self::Paid | Self::PartiallyRefunded | Self::Refunded | Self::Review
        )
    }

    /// Whether waiting may still change it without anybody's doing.
    pub fn is_open(self) -> bool {
        matches!(self, Self::AwaitingPayment | Self::Checking)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_of_a_newer_merchant_is_kept_as_other() {
        let read = serde_json::from_str::<OrderStatus>("\"preparing\"").unwrap();
        assert_eq!(read, OrderStatus::Other);
        assert_eq!(OrderStatus::from_name("preparing"), None);
    }

    #[test]
    fn a_status_is_called_the_same_everywhere() {
        for status in OrderStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
            assert_eq!(OrderStatus::from_name(status.name()), Some(status));
        }
    }
}
