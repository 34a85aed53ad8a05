//! What each state looks like, one file per screen.
//!
//! Invariant: which screen is shown follows from the session and the checkout alone.

pub mod error_page;
pub mod loading;
pub mod name_card;
pub mod not_found;
pub mod not_in_gopay;
pub mod order;
pub mod orders;
pub mod pay_bar;
pub mod review;
pub mod secondary;
pub mod shop;

use crate::browser::{self, storage};
use crate::checkout::{self, PendingAction, State};
use crate::components::{self, TopBar, dyn_text, dyn_view};
use crate::context::Context;
use crate::deferred;
use crate::session;
use crate::text;
use crate::user_error::UserError;
use leptos::prelude::*;

/// A screen of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Screen {
    /// The boot skeleton of `index.html` is still there.
    Boot,
    /// No GoPay is there.
    NotInGopay,
    /// Nobody could be signed in.
    SignInFailed(UserError),
    /// The menu.
    Shop,
    /// An order is on its way.
    Loading,
    /// An order could not be read.
    LoadFailed(UserError),
    /// An order, by its id.
    Order(String),
    /// All orders.
    Orders,
    /// Nothing is at this address.
    NotFound,
}

fn screen(session: &session::State, checkout: &State) -> Screen {
    use session::State as S;
    match (session, checkout) {
        // An order needs the session that is on the phone, and no signing in.
        (_, State::LoadingOrder { .. }) => Screen::Loading,
        (_, State::LoadFailed { error, .. }) => Screen::LoadFailed(*error),
        (_, State::Ordered(flow)) => Screen::Order(flow.snapshot.order.id.clone()),
        (_, State::Listing(_)) => Screen::Orders,
        (_, State::NotFound) => Screen::NotFound,
        (S::SigningIn, _) | (S::In(_), State::Starting) => Screen::Boot,
        (S::Failed(UserError::NotInGopay) | S::Retrying(UserError::NotInGopay), _) => {
            Screen::NotInGopay
        }
        (S::Failed(error) | S::Retrying(error), _) => Screen::SignInFailed(*error),
        (
            S::In(_),
            State::Browsing { .. }
            | State::Placing { .. }
            | State::Unconfirmed { .. }
            | State::Repricing { .. },
        ) => Screen::Shop,
    }
}

/// Whether the screen stays until somebody has answered, or the buyer has decided.
fn is_on_its_way(state: &State) -> bool {
    match state {
        State::Placing { .. } | State::Unconfirmed { .. } | State::Repricing { .. } => true,
        State::Ordered(flow) => matches!(flow.action, PendingAction::Renewing(_)),
        _ => false,
    }
}

/// The screen that the buyer's state asks for, and the live region, which is there before
/// it has anything to say.
#[component]
pub fn Screens(
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
        storage::save_language(locale);
        context.speak(locale);
        // What had the focus is gone with the old words.
        browser::after_render(Box::new(|| browser::focus(components::LANGUAGE)));
    });
    let home = UnsyncCallback::new(move |()| context.send(checkout::Event::ShopTapped));
    let orders = UnsyncCallback::new(move |()| context.send(checkout::Event::OrdersTapped));
    let body = dyn_view(move || {
        let screen = screen.get();
        if screen == Screen::Boot {
            return ().into_any();
        }
        browser::remove_skeleton();
        // Not before the buyer sees it.
        browser::after_paint(move || deferred::fetch(*context.load_state));
        let locale = context.locale.get();
        let (on_home, on_orders) = match screen {
            Screen::Shop => (None, Some(orders)),
            Screen::NotInGopay => (None, None),
            // What was ordered can be looked at all the same.
            Screen::SignInFailed(_) => (None, Some(orders)),
            _ => (Some(home), Some(orders)),
        };
        // As lasting as what reads it, and no more: see `AppSignal`.
        let busy =
            Memo::new(move |_| context.is_awaiting() || context.checkout.with(is_on_its_way));
        let below = match screen {
            Screen::Shop => view! { <shop::Shop context/> <pay_bar::PayBar context/> }.into_any(),
            other => (context.deferred_view(move |it| (it.screen)(context, other.clone(), retry)))
                .into_any(),
        };
        view! { <TopBar locale on_switch=switch on_home on_orders busy/> {below} }.into_any()
    });
    // The same words once more are said only where the text differs.
    let mut said = String::new();
    let spoken = dyn_text(move || {
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
        {context.deferred_view(move |chunk| (chunk.toast)(context))}
    }
}

/// Whether the heading that is about to appear takes the focus: each but the first.
fn takes_focus(context: Context) -> bool {
    let settled = context.settled.get_value();
    context.settled.set_value(true);
    settled
}
