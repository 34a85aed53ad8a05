//! Orders and their payment.

use crate::{Discount, OrderId, Rupiah, UnixTime, Wording};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// Pieces of one product in one order.
pub const MAX_QUANTITY: u32 = 20;

/// The body of `POST /api/orders`.
///
/// Invariant: the merchant refuses a field that it does not know, here and in [`Line`]. A newer
/// app's field may change what is made, or what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaceOrder {
    /// One entry per product, at least one.
    #[cfg_attr(feature = "openapi", schema(min_items = 1))]
    pub lines: Vec<Line>,
    /// The total that the buyer saw, less the discount. The merchant charges its own prices, and answers
    /// [`PriceChanged`](crate::ProblemCode::PriceChanged) where they differ.
    #[cfg_attr(feature = "openapi", schema(value_type = u64, maximum = 99_999_999_999_u64, example = 50_000))]
    pub expected_total: Rupiah,
    /// The promo code that the discount is for: [`Promo::code`](crate::Promo::code).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 20, example = "HEMAT10"))]
    pub promo: Option<String>,
    /// The table that the order is brought to, one of the shop's. The merchant answers
    /// [`UnknownTable`](crate::ProblemCode::UnknownTable) for any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 8, example = "4"))]
    pub table: Option<String>,
}

/// A quantity of one product.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Line {
    /// [`Product::id`](crate::Product::id).
    #[cfg_attr(feature = "openapi", schema(max_length = 32, example = "kopi-susu"))]
    pub product: String,
    /// At least one piece.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1, maximum = 20, example = 2))]
    pub quantity: NonZeroU32,
}

/// An order, as the merchant knew it at [`as_of`](Self::as_of).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Order {
    /// See [`OrderId`].
    pub id: OrderId,
    /// The state of the order.
    pub status: OrderStatus,
    /// The products, at the prices of when it was placed.
    pub lines: Vec<OrderLine>,
    /// The amount to pay: the sum of the lines, less the discount.
    pub total: Rupiah,
    /// What a promo code took off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount: Option<Discount>,
    /// The table that it is brought to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// When it was placed.
    pub created_at: UnixTime,
    /// When the merchant learned from GoPay that it is paid.
    pub paid_at: Option<UnixTime>,
    /// The amount that went back to the buyer, in an order that is refunded in full or in part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refunded: Option<Rupiah>,
    /// The code that the buyer shows at the counter, such as `A47`. Unique for the day.
    pub pickup_code: Option<String>,
    /// The payment, while the order can be paid.
    pub payment: Option<Payment>,
    /// What the buyer is given for it, where the shop gives rewards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rewards: Vec<Reward>,
    /// When the merchant wrote this answer, by its own clock.
    pub as_of: UnixTime,
}

impl Order {
    /// Its short form, while it waits for its payment.
    pub fn open(&self) -> Option<OpenOrder> {
        self.status.is_open().then(|| OpenOrder {
            id: self.id.clone(),
            total: self.total,
        })
    }
}

/// An order that waits for its payment, in short.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenOrder {
    /// [`Order::id`].
    pub id: OrderId,
    /// [`Order::total`].
    pub total: Rupiah,
}

/// One line of a placed order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderLine {
    /// [`Product::id`](crate::Product::id).
    pub product: String,
    /// The name when the order was placed.
    pub name: Wording,
    /// The number of pieces.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1, maximum = 20))]
    pub quantity: NonZeroU32,
    /// The price of one piece when the order was placed.
    pub price: Rupiah,
}

/// A payment that GoPay is ready to take.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Payment {
    /// How the buyer comes to it.
    #[serde(flatten)]
    pub way: PaymentWay,
    /// GoPay accepts it until then.
    pub valid_until: UnixTime,
}

/// How a buyer comes to GoPay's payment page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum PaymentWay {
    /// For `GP.launchPayment` of the container: `gopay://merchanttransfer?...`
    Deeplink(String),
    /// The address of a page for a browser: Midtrans' sandbox has no container.
    WebPage(String),
    /// For `window.snap.pay`: the token of a Snap transaction.
    SnapToken(String),
}

/// A reward of GoPay's for a paid order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reward {
    /// Of what it is.
    pub kind: RewardKind,
    /// The number of coins or gems, or the money in rupiah.
    pub amount: u64,
    /// Whether the buyer has it.
    pub status: RewardStatus,
}

/// Of what a reward is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RewardKind {
    /// GoPay Coins.
    Coins,
    /// GoPay balance.
    Emoney,
    /// Gems.
    Gems,
    /// A kind of a newer merchant than this program knows.
    #[serde(other)]
    Other,
}

impl RewardKind {
    /// The kind of this name on the wire.
    pub fn from_name(name: &str) -> Self {
        match name {
            "coins" => Self::Coins,
            "emoney" => Self::Emoney,
            "gems" => Self::Gems,
            _ => Self::Other,
        }
    }
}

/// The state of a reward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RewardStatus {
    /// GoPay has not confirmed it yet.
    Pending,
    /// The buyer has it.
    Given,
    /// GoPay refuses it for this buyer; their question belongs to GoPay's Help.
    Refused,
    /// A status of a newer merchant than this program knows.
    #[serde(other)]
    Other,
}

impl RewardStatus {
    /// The status of this name on the wire.
    pub fn from_name(name: &str) -> Self {
        match name {
            "pending" => Self::Pending,
            "given" => Self::Given,
            "refused" => Self::Refused,
            _ => Self::Other,
        }
    }
}

/// The state of an order. Only the merchant decides it, from GoPay's signed
/// notifications and its own inquiries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum OrderStatus {
    /// GoPay has created a payment, which is not paid yet.
    AwaitingPayment,
    /// The merchant has asked GoPay for a payment; the outcome is not known yet.
    Checking,
    /// The buyer has paid.
    Paid,
    /// Cancelled before any money moved.
    Cancelled,
    /// GoPay could not take the payment; no money moved.
    Failed,
    /// Not paid in time; no money moved.
    Expired,
    /// A part of the money is refunded.
    PartiallyRefunded,
    /// All of the money is refunded.
    Refunded,
    /// The facts contradict each other; a person has to look at it.
    Review,
    /// A status of a newer merchant than this program knows.
    #[serde(other)]
    Other,
}

impl OrderStatus {
    /// All but [`Other`](Self::Other).
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

    /// The status of this name on the wire.
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

    /// Whether it was paid at some time, refunded or not.
    pub const fn took_money(self) -> bool {
        matches!(
            self,
            Self::Paid | Self::PartiallyRefunded | Self::Refunded | Self::Review
        )
    }

    /// Whether it may still change without an action of buyer or staff.
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
    fn a_reward_is_called_the_same_everywhere() {
        for kind in [RewardKind::Coins, RewardKind::Emoney, RewardKind::Gems] {
            let name = serde_json::to_value(kind).unwrap();
            assert_eq!(RewardKind::from_name(name.as_str().unwrap()), kind);
        }
        for status in [
            RewardStatus::Pending,
            RewardStatus::Given,
            RewardStatus::Refused,
        ] {
            let name = serde_json::to_value(status).unwrap();
            assert_eq!(RewardStatus::from_name(name.as_str().unwrap()), status);
        }
        let newer: Reward =
            serde_json::from_str(r#"{"kind":"points","amount":1,"status":"frozen"}"#).unwrap();
        assert_eq!(newer.kind, RewardKind::from_name("points"));
        assert_eq!(newer.status, RewardStatus::from_name("frozen"));
    }

    #[test]
    fn a_way_to_pay_is_named_by_its_field() {
        for (way, field) in [
            (PaymentWay::Deeplink("x".to_owned()), "deeplink"),
            (PaymentWay::WebPage("x".to_owned()), "web_page"),
            (PaymentWay::SnapToken("x".to_owned()), "snap_token"),
        ] {
            let payment = Payment {
                way,
                valid_until: UnixTime(1),
            };
            let json = serde_json::json!({field: "x", "valid_until": 1});
            assert_eq!(serde_json::to_value(&payment).unwrap(), json);
            assert_eq!(serde_json::from_value::<Payment>(json).unwrap(), payment);
        }
    }

    #[test]
    fn a_status_is_called_the_same_everywhere() {
        for status in OrderStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
            assert_eq!(OrderStatus::from_name(status.name()), Some(status));
        }
    }
}
