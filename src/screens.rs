//! What each state looks like, one file per screen.
//!
//! Invariant: which screen is shown follows from the session and the checkout alone.

pub mod loading;
pub mod missing;
pub mod name_card;
pub mod order;
pub mod orders;
pub mod outside;
pub mod pay_bar;
pub mod shop;
pub mod trouble;

use crate::browser::{self, storage};
use crate::checkout::{self, State, Step};
use crate::components::{Top, live};
use crate::context::Context;
use crate::session;
use crate::text::{self, Locale, Message};
use crate::toast::ToastView;
use crate::trouble::Trouble;
use leptos::prelude::*;

/// A screen of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Screen {
    /// The boot skeleton of `index.html` is still there.
    Boot,
    Outside,
    SignInTrouble(Trouble),
    Shop,
    Loading,
    Lost(Trouble),
    Order(String),
    Orders,
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
    /// Signing in is to be tried again.
    retry: UnsyncCallback<()>,
) -> impl IntoView {
    let context = expect_context::<Context>();
    let screen = Memo::new(move |_| {
        (context.session)
            .with(|session| (context.checkout).with(|checkout| screen(session, checkout)))
    });
    Effect::new(move |_| {
        if screen.get() != Screen::Boot {
            browser::boot_done();
        }
    });
    let retrying = Signal::derive(move || {
        (context.session).with(|s| matches!(s, session::State::Retrying(_)))
    });
    let look_again = UnsyncCallback::new(move |()| context.send(checkout::Event::RetryTapped));
    let switch = UnsyncCallback::new(move |locale: Locale| {
        storage::keep_language(locale);
        context.speak(locale);
    });
    let home = UnsyncCallback::new(move |()| context.send(checkout::Event::ShopTapped));
    let orders = UnsyncCallback::new(move |()| context.send(checkout::Event::OrdersTapped));
    let busy = Signal::derive(move || context.checkout.with(is_on_its_way));
    let top = move |on_home, on_orders| {
        let locale = context.locale.get();
        view! { <Top locale on_switch=switch on_home on_orders busy/> }.into_any()
    };
    let inside = move || top(Some(home), Some(orders));
    let body = live(move || match screen.get() {
        Screen::Boot => ().into_any(),
        Screen::Outside => {
            view! { {top(None, None)} <outside::Outside busy=retrying retry/> }.into_any()
        }
        Screen::SignInTrouble(trouble) => {
            view! { {top(None, None)} <trouble::TroublePage trouble busy=retrying retry/> }
                .into_any()
        }
        Screen::Shop => {
            view! { {top(None, Some(orders))} <shop::Shop/> <pay_bar::PayBar/> }.into_any()
        }
        Screen::Loading => view! { {inside()} <loading::Loading/> }.into_any(),
        Screen::Lost(trouble) => {
            let busy = Signal::stored(false);
            view! { {inside()} <trouble::TroublePage trouble busy retry=look_again/> }.into_any()
        }
        Screen::Order(_) => view! { {inside()} <order::OrderScreen/> }.into_any(),
        Screen::Orders => view! { {inside()} <orders::Orders/> }.into_any(),
        Screen::Missing => view! { {inside()} <missing::Missing/> }.into_any(),
    });
    let spoken = Signal::derive(move || {
        let message = context.announcement.get();
        message.map_or_else(String::new, |message| context.say(&message))
    });
    view! {
        <div class="spoken" role="status" aria-live="polite" aria-label=text::shop::NAME>
            {spoken}
        </div>
        {body}
        <ToastView toast=context.toast/>
    }
}

/// The label of a button that tries again, and of one that is at it.
fn try_again(context: Context, busy: Signal<bool>) -> Signal<String> {
    Signal::derive(move || {
        context.say(if busy.get() {
            &Message::OneMoment
        } else {
            &Message::TryAgain
        })
    })
}

/// Whether the heading that is about to appear takes the focus: each but the first.
fn takes_focus(context: Context) -> bool {
    let settled = context.settled.get_value();
    context.settled.set_value(true);
    settled
}
