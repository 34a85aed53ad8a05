//! Texts that several screens share.

use crate::components::mark_indonesian;
use crate::context::Context;
use crate::text::{Menu, Message};
use crate::time::wib_clock;
use contract::UnixTime;
use leptos::prelude::*;

/// The label of a retry button, busy or not.
pub(super) fn retry(context: Context, busy: Signal<bool>) -> Signal<String> {
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
