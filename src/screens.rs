//! What each state looks like, one file per screen.
//!
//! Invariant: which screen is shown follows from the session and the checkout alone.

pub mod loading;
pub mod missing;
pub mod name_card;
pub mod order;
pub mod orders;
pub mod others;
pub mod outside;
pub mod pay_bar;
pub mod review;
pub mod shop;
pub mod trouble;

use crate::browser::{self, storage};
use crate::checkout::{self, State, Step};
use crate::components::{Top, live, words};
use crate::context::Context;
use crate::later;
use crate::session;
use crate::text;
use crate::trouble::Trouble;
use leptos::prelude::*;

/// A screen of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Screen {
    /// The boot skeleton of `index.html` is still there.
    Boot,
    /// No GoPay is there.
    Outside,
    /// Nobody could be signed in.
    SignInTrouble(Trouble),
    /// The menu.
    Shop,
    /// An order is on its way.
    Loading,
    /// An order could not be read.
    Lost(Trouble),
    /// An order, by its id.
    Order(String),
    /// All orders.
    Orders,
    /// Nothing is at this address.
    Missing,
}

fn screen(session: &session::State, checkout: &State) -> Screen {
    use session::State as S;
    match (session, checkout) {
        (S::SigningIn, _) => Screen::Boot,
        (S::Failed(Trouble::Outside) | S::Retrying(Trouble::Outside), _) => Screen::Outside,
        (S::Failed(trouble) | S::Retrying(trouble), _) => Screen::SignInTrouble(*trouble),
        (S::In(_), State::Starting) => Screen::Boot,
        (S::In(_), State::Looking { .. }) => Screen::Loading,
        (S::In(_), State::Lost { trouble, .. }) => Screen::Lost(*trouble),
        (S::In(_), State::Ordered(ordered)) => Screen::Order(ordered.seen.order.id.clone()),
        (S::In(_), State::Listing(_)) => Screen::Orders,
        (S::In(_), State::Missing) => Screen::Missing,
        (
            S::In(_),
            State::Browsing { .. }
            | State::Placing { .. }
            | State::Unanswered { .. }
            | State::Repricing { .. },
        ) => Screen::Shop,
    }
}

/// Whether the screen stays until somebody has answered, or the buyer has decided.
fn is_on_its_way(state: &State) -> bool {
    match state {
        State::Placing { .. } | State::Unanswered { .. } | State::Repricing { .. } => true,
        State::Ordered(ordered) => matches!(ordered.step, Step::Renewing(_)),
        _ => false,
    }
}

/// The screen that the buyer's state asks for, and the live region, which is there before
/// it has anything to say.
#[component]
pub fn Screens(
    /// What every screen can reach.
    context: Context,
    /// Signing in is to be tried again.
    retry: UnsyncCallback<()>,
) -> impl IntoView {
    let screen = Memo::new(move |_| {
        (context.session)
            .with(|session| (context.checkout).with(|checkout| screen(session, checkout)))
    });
    let switch = UnsyncCallback::new(move |()| {
        let locale = context.locale.get_untracked().other();
        storage::keep_language(locale);
        context.speak(locale);
    });
    let home = UnsyncCallback::new(move |()| context.send(checkout::Event::ShopTapped));
    let orders = UnsyncCallback::new(move |()| context.send(checkout::Event::OrdersTapped));
    let body = live(move || {
        let screen = screen.get();
        if screen == Screen::Boot {
            return ().into_any();
        }
        browser::boot_done();
        // Not before the buyer sees it.
        browser::once_painted(move || later::fetch(*context.later));
        let locale = context.locale.get();
        let (on_home, on_orders) = match screen {
            Screen::Shop => (None, Some(orders)),
            Screen::Outside | Screen::SignInTrouble(_) => (None, None),
            _ => (Some(home), Some(orders)),
        };
        // As lasting as what reads it, and no more: see `Lasting`.
        let busy =
            Memo::new(move |_| context.is_awaiting() || context.checkout.with(is_on_its_way));
        let below = match screen {
            Screen::Shop => view! { <shop::Shop context/> <pay_bar::PayBar context/> }.into_any(),
            other => (context.shows_later(move |it| (it.screen)(context, other.clone(), retry)))
                .into_any(),
        };
        view! { <Top locale on_switch=switch on_home on_orders busy/> {below} }.into_any()
    });
    let spoken = words(move || {
        (context.announcement).with(|it| it.as_ref().map_or_else(String::new, |it| context.say(it)))
    });
    view! {
        <div class="spoken" role="status" aria-live="polite" aria-label=text::shop::NAME>
            {spoken}
        </div>
        {body}
        {context.shows_later(move |later| (later.toast)(context))}
    }
}

/// Whether the heading that is about to appear takes the focus: each but the first.
fn takes_focus(context: Context) -> bool {
    let settled = context.settled.get_value();
    context.settled.set_value(true);
    settled
}
