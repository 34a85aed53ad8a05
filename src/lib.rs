//! A shop that lives inside GoPay: sign in silently, pick, pay, see the result.
//!
//! Where to start: [`checkout`] is the pure state machine, [`runner`] the thin shell around it,
//! [`context`] the state, [`screens`] the views. Imports point down: screens know the context, the
//! context knows the checkout, the checkout knows none of them. This file and `link` are the
//! composition root.

pub mod actions;
pub mod analytics;
pub mod api;
pub mod browser;
pub mod campaign;
pub mod cart;
pub mod checkout;
pub mod components;
pub mod context;
#[cfg(feature = "debug")]
pub mod debug;
pub mod deferred;
pub mod json;
mod link;
pub mod locale;
pub mod money;
pub mod profile;
pub mod route;
pub mod runner;
pub mod screens;
pub mod session;
pub mod text;
pub mod time;
pub mod toast;
pub mod user_error;

use browser::storage;
use checkout::{Event, State};
use context::Context;
use leptos::prelude::*;
use leptos::task::spawn_local;
pub use link::link;
use locale::Locale;
use route::Route;
use session::start::start;
use user_error::UserError;

#[component]
pub fn App() -> impl IntoView {
    let of_link = Locale::from_query(&browser::query());
    if let Some(locale) = of_link {
        storage::save_link_language(locale);
    }
    let chosen = of_link.or_else(storage::language);

    link();
    let context = Context::new(
        session::State::SigningIn,
        State::Starting,
        deferred::load_state(),
        send,
    );
    context.set_locale(chosen.unwrap_or(Locale::Id));
    spawn_local(start(context, chosen.is_none()));
    if browser::route() != Route::Shop {
        read_early(context);
    }
    // Not by `Context::send`, which is for taps: this event counts while a tap waits.
    browser::on_popstate(move |route| send(context, Event::Opened(route)));
    let retry = UnsyncCallback::new(move |()| retry_sign_in(context));
    #[cfg(feature = "debug")]
    let panel = view! { <debug::Panel/> };
    #[cfg(not(feature = "debug"))]
    let panel = ();
    view! {
        <screens::Screens context retry/>
        {panel}
    }
}

fn send(context: Context, event: Event) {
    deferred::run_when_loaded(*context.load_state, move |chunk| {
        (chunk.send)(context, event);
    });
}

fn read_early(context: Context) {
    deferred::run_when_loaded(*context.load_state, move |chunk| {
        (chunk.read_early)(context)
    });
}

fn retry_sign_in(context: Context) {
    // GoPay's script may not have arrived, and only a new page loads it again.
    let without_gopay = session::State::Failed(UserError::NotInGopay);
    let is_outside = (context.session).with_untracked(|state| *state == without_gopay);
    context.session.update(|state| {
        if let session::State::Failed(error) = state {
            *state = session::State::Retrying(*error);
        }
    });
    if is_outside {
        browser::reload();
    } else {
        spawn_local(start(context, false));
        read_early(context);
    }
}

/// Makes a panic show the static crash page with its reload button. The console gets the place, never
/// the message, which may quote the buyer's data.
pub fn show_crashes() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| {
            [place.file(), ":", &place.line().to_string()].concat()
        });
        browser::show_crash(&place);
        web_sys::console::error_1(&["The app stopped at ", &place].concat().into());
    }));
}
