//! The debug view: each call to GoPay's container with its outcome, and a button for each method.
//! In the bundle only with the feature `debug`; on the page only where the address has `?debug`.
//!
//! Invariant: shows the container's log only, which has no value of an answer.

mod calls;
mod methods;
mod report;

use crate::browser;
use gloo_timers::callback::Interval;
use gopay_container::log::{self, Call, Heard};
use js_sys::Array;
use leptos::prelude::*;
use web_sys::CssStyleSheet;

/// The log does not report its changes, so it is polled.
const POLL_MS: u32 = 250;

/// The panel, below the app.
#[component]
pub fn Panel() -> impl IntoView {
    browser::is_debug().then(|| {
        dress();
        panel()
    })
}

#[derive(Clone, Copy)]
struct Board {
    calls: RwSignal<Vec<Call>>,
    events: RwSignal<Vec<Heard>>,
    said: RwSignal<String>,
}

impl Board {
    fn refresh(self) {
        let (calls, events) = (log::calls(), log::events());
        if self.calls.with_untracked(|before| *before != calls) {
            self.calls.set(calls);
        }
        if self.events.with_untracked(|before| *before != events) {
            self.events.set(events);
        }
    }
}

fn panel() -> AnyView {
    let board = Board {
        calls: RwSignal::new(log::calls()),
        events: RwSignal::new(log::events()),
        said: RwSignal::new(String::new()),
    };
    let interval = StoredValue::new_local(Some(Interval::new(POLL_MS, move || board.refresh())));
    on_cleanup(move || interval.dispose());
    view! {
        <section class="page debug" lang="en" aria-labelledby="debug">
            <h2 id="debug">"Container debug"</h2>
            <p role="status">{board.said}</p>
            {report::report(board)}
            {calls::calls(board)}
            {methods::methods(board)}
        </section>
    }
    .into_any()
}

/// Adopted by the document: every buyer would download it in the app's style sheet, and the
/// Content-Security-Policy forbids style elements.
fn dress() {
    if let Ok(sheet) = CssStyleSheet::new()
        && sheet
            .replace_sync(include_str!("../style/debug.css"))
            .is_ok()
    {
        document().set_adopted_style_sheets(&Array::of1(&sheet));
    }
}
