//! What went wrong with a request, as RFC 9457 problem details.

use serde::{Deserialize, Serialize};

/// The body of every answer that is not a success; `application/problem+json`.
///
/// `type` is left out, which RFC 9457 reads as `about:blank`. Programs act on
/// [`code`](Self::code); `title` and `detail` are for developers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// The HTTP status, repeated.
    pub status: u16,
    /// Stable; never changes its meaning.
    pub code: ProblemCode,
    /// The kind of problem, in English.
    pub title: String,
    /// What was wrong this time and what to do, where there is more to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// With [`ProblemCode::ConsentRequired`]: the consent's name at GoPay, where GoPay gives it. An
    /// extension member of RFC 9457.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<String>,
}

/// The kind of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ProblemCode {
    /// The request does not have the form the API asks for.
    InvalidRequest,
    /// The body is larger than the API accepts.
    TooLarge,
    /// The body is not declared as JSON.
    UnsupportedMediaType,
    /// Another site sent the request.
    ForeignOrigin,
    /// No session, or one that has ended: sign in again.
    SessionRequired,
    /// GoPay did not accept the auth code: ask the container for a new one.
    AuthCodeRefused,
    /// The buyer has not agreed yet: ask for [`Problem::consent`] in the container, then repeat
    /// the request. A buyer who refuses can still order and pay.
    ConsentRequired,
    /// It does not exist, or belongs to another buyer.
    NotFound,
    /// The catalogue does not have the product.
    UnknownProduct,
    /// A product of the order has run out: sign in again to learn which.
    SoldOut,
    /// There is no such promo code, or it does not apply to this order.
    PromoRefused,
    /// The promo code is over.
    PromoExpired,
    /// The shop has no such table.
    UnknownTable,
    /// A quantity or a total outside what can be ordered.
    InvalidQuantity,
    /// The prices changed since the buyer saw them: sign in again to get the new ones.
    PriceChanged,
    /// The request needs an `Idempotency-Key`.
    IdempotencyKeyRequired,
    /// The key was used before, with another body.
    IdempotencyKeyReused,
    /// A request under the same key is still in progress.
    UnderWay,
    /// The order can no longer be paid or cancelled.
    OrderClosed,
    /// The client or the buyer sent too many requests: the same request may follow after `Retry-After`.
    RateLimited,
    /// The buyer has too many orders that wait for their payment, or placed too many: nothing was placed.
    TooManyOrders,
    /// GoPay cannot be reached, or its answer is unreadable; trying again is safe.
    GopayUnavailable,
    /// The merchant is at fault; trying again is safe.
    Internal,
    /// A code of a newer merchant than this program knows.
    #[serde(other)]
    Other,
}

impl ProblemCode {
    /// All but [`Other`](Self::Other).
    pub const ALL: [Self; 23] = [
        Self::InvalidRequest,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::ForeignOrigin,
        Self::SessionRequired,
        Self::AuthCodeRefused,
        Self::ConsentRequired,
        Self::NotFound,
        Self::UnknownProduct,
        Self::SoldOut,
        Self::PromoRefused,
        Self::PromoExpired,
        Self::UnknownTable,
        Self::InvalidQuantity,
        Self::PriceChanged,
        Self::IdempotencyKeyRequired,
        Self::IdempotencyKeyReused,
        Self::UnderWay,
        Self::OrderClosed,
        Self::RateLimited,
        Self::TooManyOrders,
        Self::GopayUnavailable,
        Self::Internal,
    ];

    /// The code of this name on the wire, else [`Other`](Self::Other).
    pub fn from_name(name: &str) -> Self {
        let mut all = Self::ALL.into_iter();
        all.find(|code| code.name() == name).unwrap_or(Self::Other)
    }

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::ForeignOrigin => "foreign_origin",
            Self::SessionRequired => "session_required",
            Self::AuthCodeRefused => "auth_code_refused",
            Self::ConsentRequired => "consent_required",
            Self::NotFound => "not_found",
            Self::UnknownProduct => "unknown_product",
            Self::SoldOut => "sold_out",
            Self::PromoRefused => "promo_refused",
            Self::PromoExpired => "promo_expired",
            Self::UnknownTable => "unknown_table",
            Self::InvalidQuantity => "invalid_quantity",
            Self::PriceChanged => "price_changed",
            Self::IdempotencyKeyRequired => "idempotency_key_required",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::UnderWay => "under_way",
            Self::OrderClosed => "order_closed",
            Self::RateLimited => "rate_limited",
            Self::TooManyOrders => "too_many_orders",
            Self::GopayUnavailable => "gopay_unavailable",
            Self::Internal => "internal",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_called_the_same_everywhere() {
        for code in ProblemCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
            assert_eq!(ProblemCode::from_name(code.name()), code);
        }
        assert_eq!(ProblemCode::from_name("of tomorrow"), ProblemCode::Other);
    }
}
