//! Signing in without a form: GoPay's auth code for the merchant's session.
//!
//! Invariant: an auth code is used for one request and kept nowhere.

pub mod reauth;
pub mod start;

use crate::user_error::UserError;
use contract::Session;
use gopay_container::Error as Gopay;

/// Whether somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// For the first time, behind the boot skeleton.
    SigningIn,
    /// Once more, after this.
    Retrying(UserError),
    /// It did not work.
    Failed(UserError),
    /// Somebody is.
    In(Box<Session>),
}

impl State {
    /// The session, if there is one.
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::In(session) => Some(session),
            Self::SigningIn | Self::Retrying(_) | Self::Failed(_) => None,
        }
    }

    /// What to call the buyer, where they have let the shop know.
    pub fn name(&self) -> Option<&str> {
        self.session()?.customer.name.as_deref()
    }
}

pub use start::sign_in;

/// What a refusal of GoPay's container means for the buyer.
pub fn user_error(error: &Gopay) -> UserError {
    match error {
        Gopay::NotInGoPay | Gopay::NotLoaded => UserError::NotInGopay,
        Gopay::Unsupported => UserError::GopayTooOld,
        Gopay::Permission | Gopay::NoConsent => UserError::GopayDenied,
        Gopay::Offline => UserError::Offline,
        Gopay::TimedOut => UserError::TimedOut,
        Gopay::Threw { .. } | Gopay::Unreadable { .. } | Gopay::Refused { .. } => {
            UserError::GopayFailed
        }
    }
}
