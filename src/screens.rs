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
use crate::components::{self, Top, live, words};
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
        // An order needs the session that is on the phone, and no signing in.
        (_, State::Looking { .. }) => Screen::Loading,
        (_, State::Lost { trouble, .. }) => Screen::Lost(*trouble),
        (_, State::Ordered(ordered)) => Screen::Order(ordered.seen.order.id.clone()),
        (_, State::Listing(_)) => Screen::Orders,
        (_, State::Missing) => Screen::Missing,
        (S::SigningIn, _) | (S::In(_), State::Starting) => Screen::Boot,
        (S::Failed(Trouble::Outside) | S::Retrying(Trouble::Outside), _) => Screen::Outside,
        (S::Failed(trouble) | S::Retrying(trouble), _) => Screen::SignInTrouble(*trouble),
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
        // What had the focus is gone with the old words.
        browser::soon(Box::new(|| browser::focus(components::LANGUAGE)));
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
            Screen::Outside => (None, None),
            // What was ordered can be looked at all the same.
            Screen::SignInTrouble(_) => (None, Some(orders)),
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
    // The same words once more are said only where the text differs.
    let mut said = String::new();
    let spoken = words(move || {
        let it = (context.announcement).with(|it| it.as_ref().map(|it| context.say(it)));
        let mut words = it.unwrap_or_default();
        if words == said && !words.is_empty() {
            words.push('\u{a0}');
        }
        said.clone_from(&words);
        words
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
