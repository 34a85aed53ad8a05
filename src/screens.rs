//! The views of the states, one file per screen.

pub mod error_page;
mod labels;
pub mod loading;
pub mod name_card;
pub mod not_found;
pub mod not_in_gopay;
pub mod order;
pub mod orders;
pub mod pay_bar;
pub mod review;
pub mod screen;
pub mod secondary;
pub mod shop;

use crate::browser::{self, storage};
use crate::checkout::{self, PendingAction, State};
use crate::components::{self, TopBar, dyn_text, dyn_view};
use crate::context::Context;
use crate::deferred;
use crate::text;
use leptos::prelude::*;
use screen::Screen;

/// Whether the screen stays until an answer comes, or the buyer decides.
fn is_locked(state: &State) -> bool {
    match state {
        State::Placing { .. } | State::Unconfirmed { .. } | State::Repricing { .. } => true,
        State::Ordered(flow) => matches!(flow.action, PendingAction::Renewing(_)),
        _ => false,
    }
}

/// The current screen, and the live region, which exists before its first message.
#[component]
pub fn Screens(context: Context, retry: UnsyncCallback<()>) -> impl IntoView {
    let screen = Memo::new(move |_| {
        (context.session)
            .with(|session| (context.checkout).with(|checkout| Screen::of(session, checkout)))
    });
    let switch = UnsyncCallback::new(move |()| {
        let locale = context.locale.get_untracked().other();
        storage::save_language(locale);
        context.set_locale(locale);
        // The focused element is replaced with the old words.
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
        // After the screen is visible.
        browser::after_paint(move || deferred::fetch(*context.load_state));
        let locale = context.locale.get();
        let (on_home, on_orders) = match screen {
            Screen::Shop => (None, Some(orders)),
            Screen::NotInGopay => (None, None),
            // Orders can be read with the stored session.
            Screen::SignInFailed(_) => (None, Some(orders)),
            _ => (Some(home), Some(orders)),
        };
        // A memo that lives as long as its readers: see `AppSignal`.
        let busy = Memo::new(move |_| context.is_awaiting() || context.checkout.with(is_locked));
        let below = match screen {
            Screen::Shop => view! { <shop::Shop context/> <pay_bar::PayBar context/> }.into_any(),
            other => (context.deferred_view(move |it| (it.screen)(context, other.clone(), retry)))
                .into_any(),
        };
        view! { <TopBar locale on_switch=switch on_home on_orders busy/> {below} }.into_any()
    });
    // A screen reader repeats the same words only where the text differs.
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
        {context.deferred_view(move |chunk| (chunk.toast)(context.toast))}
    }
}
