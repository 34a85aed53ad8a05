//! A shop that lives inside GoPay: sign in silently, pick, pay, see the result.
//!
//! Where to start: [`checkout`] is the flow as one pure state machine, [`checkout::run`]
//! the thin shell around it, [`screens`] what each state looks like. Arrows point down:
//! screens know the context, the context knows the checkout, the checkout knows nobody.

pub mod api;
pub mod browser;
pub mod cart;
pub mod checkout;
pub mod components;
pub mod context;
#[cfg(feature = "debug")]
pub mod debug;
pub mod funnel;
pub mod json;
pub mod later;
pub mod money;
pub mod profile;
pub mod route;
pub mod screens;
pub mod session;
pub mod text;
pub mod time;
pub mod toast;
pub mod trouble;

use browser::storage;
use cart::Cart;
use checkout::run::Runner;
use checkout::{Event, State};
use context::Context;
use leptos::prelude::*;
use leptos::task::spawn_local;
use text::Locale;
use trouble::Trouble;

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    let query = browser::query();
    let asked = Cart::from_query(&query);
    let cart = asked.clone().or_else(storage::cart).unwrap_or_default();
    let chosen = Locale::from_query(&query).or_else(storage::language);

    let checkout = RwSignal::new(State::Starting);
    let session = RwSignal::new(session::State::SigningIn);
    let cart = RwSignal::new(cart);
    let announcement = RwSignal::new(None);
    let later = RwSignal::new(later::presence());
    let runner = Runner::new(checkout, session, cart, announcement, later);
    let send =
        UnsyncCallback::new(move |event| later::wish(later, move |it| (it.send)(runner, event)));
    let context = Context::new(
        checkout,
        session,
        cart,
        announcement,
        later,
        Locale::Id,
        send,
    );

    if asked.is_some() {
        cart.with_untracked(storage::keep_cart);
        browser::drop_query();
    }
    context.speak(chosen.unwrap_or(Locale::Id));
    let undecided = chosen.is_none().then_some(context);
    spawn_local(session::start::start(runner, undecided));
    // Not by `send`, which is for taps: this has happened whether anybody waits or not.
    let happened = move |event| later::wish(later, move |it| (it.send)(runner, event));
    browser::on_travel(move |route| happened(Event::Opened(route)));
    browser::on_wake(move || {
        if let Some(it) = later::here() {
            (it.send)(runner, Event::Woke);
        }
    });

    let retry = UnsyncCallback::new(move |()| {
        // GoPay's script may never have arrived, and only a new page asks for it again.
        let without_gopay = session::State::Failed(Trouble::Outside);
        let is_outside = session.with_untracked(|state| *state == without_gopay);
        session.update(|state| {
            if let session::State::Failed(trouble) = state {
                *state = session::State::Retrying(*trouble);
            }
        });
        if is_outside {
            browser::reload();
        } else {
            spawn_local(session::start::start(runner, None));
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
        browser::show_crash();
        if let Some(place) = panic.location() {
            let line = place.line().to_string();
            let text = ["The app stopped at ", place.file(), ":", &line].concat();
            web_sys::console::error_1(&text.into());
        }
    }));
}
