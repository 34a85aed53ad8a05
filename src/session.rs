//! The buyer's session at the merchant.

pub mod reauth;
pub mod sign_in;
pub mod start;

use crate::user_error::UserError;
use contract::Session;
use gopay_container::Error as Gopay;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The first time, behind the boot skeleton.
    SigningIn,
    /// Again, after this error.
    Retrying(UserError),
    Failed(UserError),
    In(Box<Session>),
}

impl State {
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::In(session) => Some(session),
            Self::SigningIn | Self::Retrying(_) | Self::Failed(_) => None,
        }
    }

    /// The buyer's name, if the merchant has it.
    pub fn name(&self) -> Option<&str> {
        self.session()?.customer.name.as_deref()
    }
}

/// What an error of the container means for the buyer.
pub fn user_error(error: &Gopay) -> UserError {
    match error {
        Gopay::NotInGoPay | Gopay::NotLoaded => UserError::NotInGopay,
        Gopay::Unsupported => UserError::GopayTooOld,
        Gopay::Permission | Gopay::NoConsent => UserError::GopayDenied,
        Gopay::Offline => UserError::Offline,
        Gopay::TimedOut => UserError::TimedOut,
        _ => UserError::GopayFailed,
    }
}
