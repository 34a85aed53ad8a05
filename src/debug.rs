//! What a developer looks at on a phone: each call to GoPay's container and what came of it,
//! and a button for each method there is. In the bundle only with the feature `debug`; on the
//! page only where the address has `?debug`.
//!
//! Invariant: shows what the container's log has, and that has no value of an answer.

mod calls;
mod methods;
mod report;

use crate::browser;
use gloo_timers::callback::Interval;
use gopay_container::log::{self, Call, Heard};
use js_sys::Array;
use leptos::prelude::*;
use web_sys::CssStyleSheet;

/// How often the log is read, in milliseconds: nothing tells that it has changed.
const PACE: u32 = 250;

/// Whether the address asks for it.
pub fn is_asked_for() -> bool {
    let query = browser::query();
    (query.trim_start_matches('?').split('&'))
        .any(|pair| pair == "debug" || pair.starts_with("debug="))
}

/// The panel, below whatever the buyer sees; nothing where nobody asked for it.
#[component]
pub fn Panel() -> impl IntoView {
    is_asked_for().then(|| {
        dress();
        panel()
    })
}

/// What the panel shows.
#[derive(Clone, Copy)]
struct Board {
    calls: RwSignal<Vec<Call>>,
    events: RwSignal<Vec<Heard>>,
    /// What its live region says.
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
    let interval = StoredValue::new_local(Some(Interval::new(PACE, move || board.refresh())));
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

/// Adopted by the document instead of being in its style sheet, of which every buyer would get
/// it; and instead of a style element, which the Content-Security-Policy forbids.
fn dress() {
    if let Ok(sheet) = CssStyleSheet::new()
        && sheet
            .replace_sync(include_str!("../style/debug.css"))
            .is_ok()
    {
        document().set_adopted_style_sheets(&Array::of1(&sheet));
    }
}
