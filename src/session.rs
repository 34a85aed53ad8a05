//! Signing in without a form: GoPay's auth code for the merchant's session.
//!
//! Invariant: an auth code is used for one request and kept nowhere.

pub mod again;

use crate::api;
use crate::browser::boot::{self, Begun};
use crate::trouble::Trouble;
use contract::{ProblemCode, Session};
use gopay_container::Error as Gopay;

/// Whether somebody is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// For the first time, behind the boot skeleton.
    SigningIn,
    /// Once more, after this.
    Retrying(Trouble),
    /// It did not work.
    Failed(Trouble),
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

/// Signs in with a fresh auth code; with a second one where the first was refused,
/// because a code can grow old on a slow network.
pub async fn sign_in() -> Result<Session, Trouble> {
    match exchange().await {
        Err(Failure::Api(api::Error::Problem(problem)))
            if problem.code == ProblemCode::AuthCodeRefused =>
        {
            exchange().await
        }
        answer => answer,
    }
    .map_err(|failure| match failure {
        Failure::Gopay(error) => trouble(&error),
        Failure::Api(error) => error.into(),
    })
}

enum Failure {
    Gopay(Gopay),
    Api(api::Error),
}

async fn exchange() -> Result<Session, Failure> {
    let auth_code = match boot::take_sign_in().await {
        Some(Begun::Merchant(answer)) => return api::opened_session(answer).map_err(Failure::Api),
        // Whoever has waited that long is told.
        Some(Begun::Late) => return Err(Failure::Api(api::Error::TimedOut)),
        Some(Begun::Gopay(answer)) => match gopay_container::judge_auth_code(answer) {
            // Another GoPay may have it under its other name.
            Err(Gopay::Unsupported) => gopay_container::get_auth_code().await,
            judged => judged,
        },
        // A request that was lost while the app was on its way is not the buyer's business.
        Some(Begun::Offline) | None => gopay_container::get_auth_code().await,
    };
    let auth_code = auth_code.map_err(Failure::Gopay)?;
    let session = api::open_session(auth_code.expose().to_owned()).await;
    session.map_err(Failure::Api)
}

/// What a refusal of GoPay's container means for the buyer.
pub fn trouble(error: &Gopay) -> Trouble {
    match error {
        Gopay::NotInGoPay | Gopay::NotLoaded => Trouble::Outside,
        Gopay::Unsupported => Trouble::GopayTooOld,
        Gopay::Permission | Gopay::NoConsent => Trouble::GopayDenied,
        Gopay::Offline => Trouble::Offline,
        Gopay::TimedOut => Trouble::TimedOut,
        Gopay::Threw { .. } | Gopay::Unreadable { .. } | Gopay::Refused { .. } => {
            Trouble::GopayFailed
        }
    }
}
