//! The ways in.

use super::user_error;
use crate::api;
use crate::browser::boot::{self, PrefetchedSignIn};
use crate::browser::storage;
use crate::checkout::run::Runner;
use crate::context::Context;
use crate::deferred;
use crate::text::Locale;
use crate::user_error::UserError;
use contract::{ProblemCode, Session};
use gopay_container::Error as Gopay;
use leptos::task::spawn_local;

/// Signs in as the app starts: with the session that `boot.js` came to, where it did. Speaks
/// the language that GoPay speaks, where that is `undecided`.
pub async fn start(runner: Runner, undecided: Option<Context>) {
    let prefetched = boot::take_prefetched_sign_in().await;
    if let Some(context) = undecided {
        match boot::gopay_locale() {
            Some(locale) => context.speak(locale),
            None => deferred::run_in_background(move |chunk| (chunk.follow_gopay)(context)),
        }
    }
    if let Some(PrefetchedSignIn::Merchant(answer)) = &prefetched
        && let Some(session) = api::session_from(answer)
    {
        runner.signed_in_as(session);
    } else {
        deferred::run_when_loaded(runner.load_state, move |chunk| {
            (chunk.sign_in)(runner, prefetched)
        });
    }
}

/// Signs in with what was begun, or from the start.
pub fn finish_sign_in(runner: Runner, prefetched: Option<PrefetchedSignIn>) {
    spawn_local(async move {
        match sign_in_with(prefetched).await {
            Ok(session) => runner.signed_in_as(session),
            Err(error) => runner.not_signed_in(error),
        }
    });
}

/// Signs in with a fresh auth code; with a second one where the first was refused,
/// because a code can grow old on a slow network.
pub async fn sign_in() -> Result<Session, UserError> {
    sign_in_with(boot::take_prefetched_sign_in().await).await
}

async fn sign_in_with(prefetched: Option<PrefetchedSignIn>) -> Result<Session, UserError> {
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
        // Whoever has waited that long is told.
        Some(PrefetchedSignIn::Late) => return Err(Failure::Api(api::Error::TimedOut)),
        Some(PrefetchedSignIn::Gopay(answer)) => match gopay_container::judge_auth_code(answer) {
            // Another GoPay may have it under its other name.
            Err(Gopay::Unsupported) => gopay_container::get_auth_code().await,
            judged => judged,
        },
        // A request that was lost while the app was on its way is not the buyer's business.
        Some(PrefetchedSignIn::Offline) | None => gopay_container::get_auth_code().await,
    };
    let auth_code = auth_code.map_err(Failure::Gopay)?;
    let session = api::open_session(auth_code.expose().to_owned()).await;
    session.map_err(Failure::Api)
}

/// The language once GoPay says which, unless the buyer has chosen one meanwhile.
pub fn follow_gopay(context: Context) {
    spawn_local(async move {
        let locale = match boot::locale().await {
            Some(answer) => gopay_container::judge_locale(answer),
            None => gopay_container::get_locale().await,
        };
        if let Ok(gopay_container::Locale::English) = locale
            && storage::language().is_none()
        {
            context.speak(Locale::En);
        }
    });
}
