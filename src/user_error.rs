//! What goes wrong, as the buyer is told it. PURE.
//!
//! Not here: words (see `text`) and the technical causes (see `api` and the container).

use contract::ProblemCode;

/// Why an action of the buyer had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserError {
    NotInGopay,
    /// This version of GoPay lacks a method that the app calls.
    GopayTooOld,
    /// The buyer or GoPay refused.
    GopayDenied,
    /// The call to GoPay failed without a known reason.
    GopayFailed,
    Offline,
    TimedOut,
    /// The merchant's server failed, or its answer is unreadable.
    ShopDown,
    /// The merchant cannot reach GoPay.
    GopayDown,
    SignInRefused,
    /// Another buyer is signed in to GoPay than the one who made the request.
    AnotherBuyer,
    /// Prices or products have changed since the buyer saw them.
    PricesChanged,
    /// The promo code does not apply.
    PromoRefused,
    PromoExpired,
    /// The shop does not have the order's table.
    NoTable,
    /// A picked product is sold out.
    SoldOut,
    /// The order can no longer be paid or cancelled.
    OrderClosed,
    /// GoPay refuses a payment for the order.
    PaymentRefused,
    /// The merchant is still answering the same request, or takes it a little later.
    UnderWay,
    /// No such order exists for this buyer.
    NotFound,
    Rejected,
}

impl UserError {
    /// The name that analytics is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotInGopay => "outside",
            Self::GopayTooOld => "gopay_too_old",
            Self::GopayDenied => "gopay_denied",
            Self::GopayFailed => "gopay_failed",
            Self::Offline => "offline",
            Self::TimedOut => "timed_out",
            Self::ShopDown => "shop_down",
            Self::GopayDown => "gopay_down",
            Self::SignInRefused => "sign_in_refused",
            Self::AnotherBuyer => "another_buyer",
            Self::PricesChanged => "prices_changed",
            Self::PromoRefused => "promo_refused",
            Self::PromoExpired => "promo_expired",
            Self::NoTable => "no_table",
            Self::SoldOut => "sold_out",
            Self::OrderClosed => "order_closed",
            Self::PaymentRefused => "payment_refused",
            Self::UnderWay => "under_way",
            Self::NotFound => "not_found",
            Self::Rejected => "rejected",
        }
    }

    /// What a problem reported by the merchant means for the buyer.
    pub fn from_problem(code: ProblemCode) -> Self {
        use ProblemCode as Code;
        match code {
            Code::SessionRequired | Code::AuthCodeRefused => Self::SignInRefused,
            Code::NotFound => Self::NotFound,
            Code::PriceChanged | Code::UnknownProduct => Self::PricesChanged,
            Code::PromoRefused => Self::PromoRefused,
            Code::PromoExpired => Self::PromoExpired,
            Code::UnknownTable => Self::NoTable,
            Code::SoldOut => Self::SoldOut,
            Code::OrderClosed => Self::OrderClosed,
            Code::GopayUnavailable => Self::GopayDown,
            Code::UnderWay | Code::RateLimited => Self::UnderWay,
            Code::Internal | Code::Other => Self::ShopDown,
            Code::InvalidRequest
            | Code::TooLarge
            | Code::UnsupportedMediaType
            | Code::ForeignOrigin
            | Code::ConsentRequired
            | Code::TooManyOrders
            | Code::InvalidQuantity
            | Code::IdempotencyKeyRequired
            | Code::IdempotencyKeyReused => Self::Rejected,
        }
    }

    /// Whether the request may have had its effect. Then only the same request under the same key
    /// may follow, or an inquiry.
    pub fn outcome_is_unknown(self) -> bool {
        match self {
            Self::Offline
            | Self::TimedOut
            | Self::ShopDown
            | Self::GopayDown
            | Self::UnderWay
            | Self::SignInRefused
            | Self::NotInGopay
            | Self::GopayTooOld
            | Self::GopayDenied
            | Self::GopayFailed => true,
            Self::PricesChanged
            | Self::PromoRefused
            | Self::PromoExpired
            | Self::NoTable
            | Self::SoldOut
            | Self::OrderClosed
            | Self::PaymentRefused
            | Self::AnotherBuyer
            | Self::NotFound
            | Self::Rejected => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unexpected_answer_leaves_the_outcome_unknown() {
        for code in [
            ProblemCode::Internal,
            ProblemCode::Other,
            ProblemCode::GopayUnavailable,
            ProblemCode::UnderWay,
            ProblemCode::SessionRequired,
        ] {
            assert!(
                UserError::from_problem(code).outcome_is_unknown(),
                "{code:?}"
            );
        }
        for code in [ProblemCode::PriceChanged, ProblemCode::SoldOut] {
            assert!(
                !UserError::from_problem(code).outcome_is_unknown(),
                "{code:?}"
            );
        }
    }
}
