//! Every screen but the menu: the part of the screens that is in the deferred chunk.

use super::screen::Screen;
use super::{error_page, loading, not_found, not_in_gopay, order, orders};
use crate::checkout::Event;
use crate::components::mark_indonesian;
use crate::context::Context;
use crate::session;
use crate::text::{Menu, Message};
use crate::time::wib_clock;
use contract::UnixTime;
use leptos::prelude::*;

/// The screen below the top bar.
pub fn show(context: Context, screen: Screen, retry: UnsyncCallback<()>) -> AnyView {
    let retrying = Signal::derive(move || {
        (context.session).with(|s| matches!(s, session::State::Retrying(_)))
    });
    match screen {
        // The skeleton is in `index.html`, the menu in the first chunk.
        Screen::Boot | Screen::Shop => ().into_any(),
        Screen::NotInGopay => {
            view! { <not_in_gopay::NotInGopay context busy=retrying retry/> }.into_any()
        }
        Screen::SignInFailed(error) => {
            view! { <error_page::ErrorPage context error busy=retrying retry/> }.into_any()
        }
        Screen::Loading => view! { <loading::Loading context/> }.into_any(),
        Screen::LoadFailed(error) => {
            let busy = Signal::stored(false);
            let retry = UnsyncCallback::new(move |()| context.send(Event::RetryTapped));
            view! { <error_page::ErrorPage context error busy retry/> }.into_any()
        }
        Screen::Order(_) => view! { <order::OrderScreen context/> }.into_any(),
        Screen::Orders => view! { <orders::Orders context/> }.into_any(),
        Screen::NotFound => view! { <not_found::NotFound context/> }.into_any(),
    }
}

/// The label of a retry button, busy or not.
pub(super) fn try_again(context: Context, busy: Signal<bool>) -> Signal<String> {
    Signal::derive(move || {
        context.say(if busy.get() {
            &Message::Menu(Menu::OneMoment)
        } else {
            &Message::Menu(Menu::TryAgain)
        })
    })
}

/// The time of the last answer.
pub(super) fn last_known(context: Context, as_of: UnixTime) -> AnyView {
    mark_indonesian(context.say(&Message::LastKnown(as_of)), &wib_clock(as_of))
}
