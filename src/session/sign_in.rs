//! Signing in: GoPay's auth code for the merchant's session.
//!
//! Invariant: an auth code is used for one request and stored nowhere.

use super::user_error;
use crate::api;
use crate::browser::boot::{self, PrefetchedSignIn};
use crate::user_error::UserError;
use contract::{ProblemCode, Session};
use gopay_container::auth::get_auth_code;
use gopay_container::{Error as Gopay, js};

/// Signs in with a fresh auth code, and with a second one where the first was refused: a code can
/// expire on a slow network.
pub async fn sign_in() -> Result<Session, UserError> {
    sign_in_with(boot::take_prefetched_sign_in().await).await
}

pub(super) async fn sign_in_with(
    prefetched: Option<PrefetchedSignIn>,
) -> Result<Session, UserError> {
    match exchange(prefetched).await {
        Err(Failure::Api(api::Error::Problem(problem)))
            if problem.code == ProblemCode::AuthCodeRefused =>
        {
            exchange(None).await
        }
        answer => answer,
    }
    .map_err(|failure| match failure {
        Failure::Gopay(error) => user_error(&error),
        Failure::Api(error) => error.into(),
    })
}

enum Failure {
    Gopay(Gopay),
    Api(api::Error),
}

async fn exchange(prefetched: Option<PrefetchedSignIn>) -> Result<Session, Failure> {
    let auth_code = match prefetched {
        Some(PrefetchedSignIn::Merchant(answer)) => {
            return api::parse_session(answer).map_err(Failure::Api);
        }
        // The buyer has waited long enough.
        Some(PrefetchedSignIn::Late) => return Err(Failure::Api(api::Error::TimedOut)),
        Some(PrefetchedSignIn::Gopay(answer)) => match js::parse_auth_code(answer) {
            // Another version of GoPay may have the method under its other name.
            Err(Gopay::Unsupported) => get_auth_code().await,
            parsed => parsed,
        },
        // A request that was lost while the app was loading is repeated silently.
        Some(PrefetchedSignIn::Offline) | None => get_auth_code().await,
    };
    let auth_code = auth_code.map_err(Failure::Gopay)?;
    let session = api::open_session(auth_code.expose().to_owned()).await;
    session.map_err(Failure::Api)
}
