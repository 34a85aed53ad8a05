//! Every screen but the first.

use super::{Screen, loading, missing, order, orders, outside, trouble};
use crate::checkout::Event;
use crate::components::around;
use crate::context::Context;
use crate::session;
use crate::text::{Menu, Message};
use crate::time::wib_clock;
use contract::UnixTime;
use leptos::prelude::*;

/// Below the bar at the top.
pub fn show(context: Context, screen: Screen, retry: UnsyncCallback<()>) -> AnyView {
    let retrying = Signal::derive(move || {
        (context.session).with(|s| matches!(s, session::State::Retrying(_)))
    });
    match screen {
        // The first two are elsewhere.
        Screen::Boot | Screen::Shop => ().into_any(),
        Screen::Outside => view! { <outside::Outside context busy=retrying retry/> }.into_any(),
        Screen::SignInTrouble(trouble) => {
            view! { <trouble::TroublePage context trouble busy=retrying retry/> }.into_any()
        }
        Screen::Loading => view! { <loading::Loading context/> }.into_any(),
        Screen::Lost(trouble) => {
            let busy = Signal::stored(false);
            let retry = UnsyncCallback::new(move |()| context.send(Event::RetryTapped));
            view! { <trouble::TroublePage context trouble busy retry/> }.into_any()
        }
        Screen::Order(_) => view! { <order::OrderScreen context/> }.into_any(),
        Screen::Orders => view! { <orders::Orders context/> }.into_any(),
        Screen::Missing => view! { <missing::Missing context/> }.into_any(),
    }
}

/// The label of a button that tries again, and of one that is at it.
pub(super) fn try_again(context: Context, busy: Signal<bool>) -> Signal<String> {
    Signal::derive(move || {
        context.say(if busy.get() {
            &Message::Menu(Menu::OneMoment)
        } else {
            &Message::Menu(Menu::TryAgain)
        })
    })
}

/// That what is shown was so at this moment.
pub(super) fn last_known(context: Context, as_of: UnixTime) -> AnyView {
    around(context.say(&Message::LastKnown(as_of)), &wib_clock(as_of))
}
