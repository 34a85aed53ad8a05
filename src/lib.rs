//! A shop that lives inside GoPay: sign in silently, pick, pay, see the result.
//!
//! Where to start: [`checkout`] is the flow as one pure state machine, [`checkout::run`]
//! the thin shell around it, [`screens`] what each state looks like. Arrows point down:
//! screens know the context, the context knows the checkout, the checkout knows nobody.

#![allow(missing_docs, reason = "an app, not a library")]

pub mod analytics;
pub mod api;
pub mod browser;
pub mod cart;
pub mod checkout;
pub mod components;
pub mod context;
#[cfg(feature = "debug")]
pub mod debug;
pub mod deferred;
pub mod json;
pub mod money;
pub mod profile;
pub mod route;
pub mod screens;
pub mod session;
pub mod text;
pub mod time;
pub mod toast;
pub mod user_error;

use browser::storage;
use cart::Cart;
use checkout::run::Runner;
use checkout::{Event, State};
use context::Context;
use leptos::prelude::*;
use leptos::task::spawn_local;
use route::Route;
use text::Locale;
use user_error::UserError;

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    let of_link = Locale::from_query(&browser::query());
    if let Some(locale) = of_link {
        storage::save_link_language(locale);
    }
    let chosen = of_link.or_else(storage::language);

    let checkout = RwSignal::new(State::Starting);
    let session = RwSignal::new(session::State::SigningIn);
    let cart = RwSignal::new(Cart::default());
    let announcement = RwSignal::new(None);
    let load_state = RwSignal::new(deferred::load_state());
    let runner = Runner::new(checkout, session, cart, announcement, load_state);
    let send = UnsyncCallback::new(move |event| {
        deferred::run_when_loaded(load_state, move |chunk| (chunk.send)(runner, event))
    });
    let context = Context::new(
        checkout,
        session,
        cart,
        announcement,
        load_state,
        Locale::Id,
        send,
    );

    context.speak(chosen.unwrap_or(Locale::Id));
    let undecided = chosen.is_none().then_some(context);
    spawn_local(session::start::start(runner, undecided));
    let read_early =
        move || deferred::run_when_loaded(load_state, move |chunk| (chunk.read_early)(runner));
    if browser::route() != Route::Shop {
        read_early();
    }
    // Not by `send`, which is for taps: this has happened whether anybody waits or not.
    let happened = move |event| {
        deferred::run_when_loaded(load_state, move |chunk| (chunk.send)(runner, event))
    };
    browser::on_popstate(move |route| happened(Event::Opened(route)));

    let retry = UnsyncCallback::new(move |()| {
        // GoPay's script may never have arrived, and only a new page asks for it again.
        let without_gopay = session::State::Failed(UserError::NotInGopay);
        let is_outside = session.with_untracked(|state| *state == without_gopay);
        session.update(|state| {
            if let session::State::Failed(error) = state {
                *state = session::State::Retrying(*error);
            }
        });
        if is_outside {
            browser::reload();
        } else {
            spawn_local(session::start::start(runner, None));
            read_early();
        }
    });
    #[cfg(feature = "debug")]
    let panel = view! { <debug::Panel/> };
    #[cfg(not(feature = "debug"))]
    let panel = ();
    view! {
        <screens::Screens context retry/>
        {panel}
    }
}

/// From now on a crash of the app shows the static page with its reload button. The
/// console learns where it happened; never the message, which may quote what the app
/// was working on.
pub fn show_crashes() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, |place| {
            [place.file(), ":", &place.line().to_string()].concat()
        });
        browser::show_crash(&place);
        web_sys::console::error_1(&["The app stopped at ", &place].concat().into());
    }));
}
