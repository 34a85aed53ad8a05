//! The start of the app: signing in and the language.

use super::sign_in::sign_in_with;
use crate::api;
use crate::browser::boot::{self, PrefetchedSignIn};
use crate::browser::storage;
use crate::context::Context;
use crate::deferred;
use crate::locale::Locale;
use crate::runner::Runner;
use gopay_container::{js, locale};
use leptos::task::spawn_local;

/// Signs in, with the session of `boot.js` where there is one. Takes GoPay's language, where the
/// language `is_undecided`.
pub async fn start(context: Context, is_undecided: bool) {
    let prefetched = boot::take_prefetched_sign_in().await;
    if is_undecided {
        match boot::gopay_locale() {
            Some(locale) => context.set_locale(locale),
            None => deferred::run_in_background(move |chunk| (chunk.follow_gopay)(context)),
        }
    }
    if let Some(PrefetchedSignIn::Merchant(answer)) = &prefetched
        && let Some(session) = api::session_from(answer)
    {
        Runner(context).signed_in_as(session);
    } else {
        deferred::run_when_loaded(*context.load_state, move |chunk| {
            (chunk.sign_in)(context, prefetched);
        });
    }
}

/// Signs in with a prefetched answer, or from the beginning.
pub fn finish_sign_in(context: Context, prefetched: Option<PrefetchedSignIn>) {
    spawn_local(async move {
        match sign_in_with(prefetched).await {
            Ok(session) => Runner(context).signed_in_as(session),
            Err(error) => Runner(context).not_signed_in(error),
        }
    });
}

/// Takes GoPay's language, unless the buyer has chosen one meanwhile.
pub fn follow_gopay(context: Context) {
    spawn_local(async move {
        let locale = match boot::locale().await {
            Some(answer) => js::parse_locale(answer),
            None => locale::get_locale().await,
        };
        if let Ok(locale::Locale::English) = locale
            && storage::language().is_none()
        {
            context.set_locale(Locale::En);
        }
    });
}
