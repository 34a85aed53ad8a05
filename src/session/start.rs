//! The ways in.

use super::trouble;
use crate::api;
use crate::browser::boot::{self, Begun};
use crate::browser::storage;
use crate::checkout::run::Runner;
use crate::context::Context;
use crate::later;
use crate::text::Locale;
use crate::trouble::Trouble;
use contract::{ProblemCode, Session};
use gopay_container::auth::get_auth_code;
use gopay_container::{Error as Gopay, js, locale};
use leptos::task::spawn_local;

/// Signs in as the app starts: with the session that `boot.js` came to, where it did. Speaks
/// the language that GoPay speaks, where that is `undecided`.
pub async fn start(runner: Runner, undecided: Option<Context>) {
    let begun = boot::take_sign_in().await;
    if let Some(context) = undecided {
        match boot::gopay_locale() {
            Some(locale) => context.speak(locale),
            None => later::leave(move |later| (later.follow_gopay)(context)),
        }
    }
    if let Some(Begun::Merchant(answer)) = &begun
        && let Some(session) = api::session_in(answer)
    {
        runner.signed_in_as(session);
    } else {
        later::wish(runner.later, move |later| (later.sign_in)(runner, begun));
    }
}

/// Signs in with what was begun, or from the start.
pub fn carry_on(runner: Runner, begun: Option<Begun>) {
    spawn_local(async move {
        match sign_in_with(begun).await {
            Ok(session) => runner.signed_in_as(session),
            Err(trouble) => runner.not_signed_in(trouble),
        }
    });
}

/// Signs in with a fresh auth code; with a second one where the first was refused,
/// because a code can grow old on a slow network.
pub async fn sign_in() -> Result<Session, Trouble> {
    sign_in_with(boot::take_sign_in().await).await
}

async fn sign_in_with(begun: Option<Begun>) -> Result<Session, Trouble> {
    match exchange(begun).await {
        Err(Failure::Api(api::Error::Problem(problem)))
            if problem.code == ProblemCode::AuthCodeRefused =>
        {
            exchange(None).await
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

async fn exchange(begun: Option<Begun>) -> Result<Session, Failure> {
    let auth_code = match begun {
        Some(Begun::Merchant(answer)) => return api::opened_session(answer).map_err(Failure::Api),
        // Whoever has waited that long is told.
        Some(Begun::Late) => return Err(Failure::Api(api::Error::TimedOut)),
        Some(Begun::Gopay(answer)) => match js::parse_auth_code(answer) {
            // Another GoPay may have it under its other name.
            Err(Gopay::Unsupported) => get_auth_code().await,
            judged => judged,
        },
        // A request that was lost while the app was on its way is not the buyer's business.
        Some(Begun::Offline) | None => get_auth_code().await,
    };
    let auth_code = auth_code.map_err(Failure::Gopay)?;
    let session = api::open_session(auth_code.expose().to_owned()).await;
    session.map_err(Failure::Api)
}

/// The language once GoPay says which, unless the buyer has chosen one meanwhile.
pub fn follow_gopay(context: Context) {
    spawn_local(async move {
        let locale = match boot::locale().await {
            Some(answer) => js::parse_locale(answer),
            None => locale::get_locale().await,
        };
        if let Ok(locale::Locale::English) = locale
            && storage::language().is_none()
        {
            context.speak(Locale::En);
        }
    });
}
