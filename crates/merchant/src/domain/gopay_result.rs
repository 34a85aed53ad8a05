//! What a request to GoPay comes to.
//!
//! Invariant: "it failed" and "the outcome is unknown" are different values. After a request that
//! moves money has left, a timeout, a 5xx or an unreadable answer is [`Error::Unknown`], and only
//! the identical request under the identical id, or an inquiry, may follow.

mod hint;

pub use hint::hint;

use contract::PaymentWay;
use gopay_protocol::{Meaning, ReferenceNo, ResponseCode};

/// Why a request to GoPay brought no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It never reached GoPay; nothing happened.
    #[error("GoPay cannot be reached")]
    NotSent,
    /// GoPay held it off before anything was done (429): there are too many.
    #[error("GoPay asks for fewer requests")]
    Throttled,
    /// GoPay does not accept who we are: one of these settings is wrong. Nothing happened.
    #[error(
        "GoPay does not accept our credentials{}",
        settings_to_check(settings, code)
    )]
    Credentials {
        settings: &'static str,
        /// Where GoPay's answer has one.
        code: Option<ResponseCode>,
    },
    /// GoPay said no, and this request did nothing. Whether an earlier one under the same id
    /// did is another question.
    #[error("GoPay refused ({0})")]
    Refused(ResponseCode),
    /// GoPay has a request under this id already (409): what became of that one is not said.
    #[error("GoPay knows this request already ({0})")]
    Conflict(ResponseCode),
    /// It may have happened.
    #[error("GoPay's answer says nothing certain: {0}")]
    Unknown(&'static str),
}

/// Without a code, which has a hint of its own, the settings are all that can be said.
fn settings_to_check(settings: &str, code: &Option<ResponseCode>) -> String {
    match code {
        Some(code) => format!(" ({code})"),
        None => format!(": check {settings} in the configuration"),
    }
}

impl Error {
    /// Those after which GoPay has done nothing, and might do it when it is asked again.
    #[cfg(test)]
    pub(crate) const NOTHING_DONE: [Self; 3] = [
        Self::NotSent,
        Self::Throttled,
        Self::Credentials {
            settings: "client_secret_file",
            code: None,
        },
    ];

    /// What GoPay refused with. `None` for all that is no refusal.
    pub fn refusal(&self) -> Option<Meaning> {
        match self {
            Self::Refused(code) => Some(code.meaning()),
            _ => None,
        }
    }

    /// The code of GoPay's answer, where it has one.
    pub const fn code(&self) -> Option<ResponseCode> {
        match self {
            Self::Refused(code) | Self::Conflict(code) => Some(*code),
            Self::Credentials { code, .. } => *code,
            Self::NotSent | Self::Throttled | Self::Unknown(_) => None,
        }
    }

    /// What the operator can do about it.
    pub fn hint(&self) -> Option<&'static str> {
        let code = self.code()?;
        hint(code.meaning(), code.service)
    }
}

/// A payment that the buyer can make now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedPayment {
    /// GoPay's id, where the answer names it.
    pub reference_no: Option<ReferenceNo>,
    pub way: PaymentWay,
}

/// What came of calling a payment off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOutcome {
    /// It can no longer be paid.
    Cancelled,
    /// GoPay does not allow it: an inquiry has to tell why.
    NotAllowed(ResponseCode),
    /// GoPay knows no such payment.
    NotFound,
}
