//! What can go wrong, as far as the buyer is concerned. PURE.
//!
//! Not here: words (see `text`) and the technical causes (see `api` and the container).

use contract::ProblemCode;

/// Why something the buyer asked for did not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// This page runs where no GoPay is.
    Outside,
    /// GoPay is too old for what we ask of it.
    GopayTooOld,
    /// The buyer or GoPay did not let us.
    GopayDenied,
    /// GoPay did not do what we asked, without a reason we know.
    GopayFailed,
    /// The phone has no connection.
    Offline,
    /// No answer in time.
    TimedOut,
    /// The shop's server is at fault, or its answer makes no sense.
    ShopDown,
    /// The shop cannot reach GoPay.
    GopayDown,
    /// Signing in did not work.
    SignInRefused,
    /// Somebody else is signed in to GoPay than the one who asked for it.
    AnotherBuyer,
    /// Prices or products are no longer what the buyer saw.
    PricesChanged,
    /// Something that was picked has run out.
    SoldOut,
    /// The order can no longer be paid or cancelled.
    OrderClosed,
    /// GoPay does not take a payment for the order.
    PaymentRefused,
    /// The shop is still answering the same request.
    UnderWay,
    /// There is no such order, or it is somebody else's.
    NotFound,
    /// The shop does not accept the request at all.
    Rejected,
}

impl Trouble {
    /// Its name for those who count.
    pub fn name(self) -> &'static str {
        match self {
            Self::Outside => "outside",
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
            Self::SoldOut => "sold_out",
            Self::OrderClosed => "order_closed",
            Self::PaymentRefused => "payment_refused",
            Self::UnderWay => "under_way",
            Self::NotFound => "not_found",
            Self::Rejected => "rejected",
        }
    }

    /// What a problem that the merchant reports means for the buyer.
    pub fn from_problem(code: ProblemCode) -> Self {
        use ProblemCode as Code;
        match code {
            Code::SessionRequired | Code::AuthCodeRefused => Self::SignInRefused,
            Code::NotFound => Self::NotFound,
            Code::PriceChanged | Code::UnknownProduct => Self::PricesChanged,
            Code::SoldOut => Self::SoldOut,
            Code::OrderClosed => Self::OrderClosed,
            Code::GopayUnavailable => Self::GopayDown,
            Code::UnderWay => Self::UnderWay,
            Code::Internal | Code::Other => Self::ShopDown,
            Code::InvalidRequest
            | Code::TooLarge
            | Code::UnsupportedMediaType
            | Code::ForeignOrigin
            | Code::ConsentRequired
            | Code::InvalidQuantity
            | Code::IdempotencyKeyRequired
            | Code::IdempotencyKeyReused => Self::Rejected,
        }
    }

    /// Whether the request may have had its effect all the same. The only lawful
    /// next steps are then the same request under the same key, or asking.
    pub fn leaves_doubt(self) -> bool {
        match self {
            Self::Offline
            | Self::TimedOut
            | Self::ShopDown
            | Self::GopayDown
            | Self::UnderWay
            | Self::SignInRefused
            | Self::Outside
            | Self::GopayTooOld
            | Self::GopayDenied
            | Self::GopayFailed => true,
            Self::PricesChanged
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
    fn an_answer_we_cannot_place_leaves_doubt() {
        for code in [
            ProblemCode::Internal,
            ProblemCode::Other,
            ProblemCode::GopayUnavailable,
            ProblemCode::UnderWay,
            ProblemCode::SessionRequired,
        ] {
            assert!(Trouble::from_problem(code).leaves_doubt(), "{code:?}");
        }
        for code in [ProblemCode::PriceChanged, ProblemCode::SoldOut] {
            assert!(!Trouble::from_problem(code).leaves_doubt(), "{code:?}");
        }
    }
}
