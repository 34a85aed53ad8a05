//! A button as wide as the page. To a screen reader: its text, and that it is disabled while busy.

use super::{dyn_attr, on_click};
use leptos::prelude::*;

/// The prominence of a button. A screen has one `Main` at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// What most buyers want next.
    Main,
    /// Another good way.
    Side,
    /// For the few.
    Quiet,
}

impl Weight {
    fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Side => "side",
            Self::Quiet => "quiet",
        }
    }
}

/// The button stays focusable while busy, so that the keyboard keeps its place.
#[component]
pub fn Action(
    #[prop(into)] words: Signal<String>,
    weight: Weight,
    #[prop(into)] busy: Signal<bool>,
    /// Called when pressed, unless busy.
    on_press: UnsyncCallback<()>,
) -> impl IntoView {
    let press = move || {
        if !busy.get_untracked() {
            on_press.run(());
        }
    };
    view! {
        <button
            type="button"
            class="action"
            data-weight=weight.name()
            aria-disabled=dyn_attr(move || busy.get())
            on:click=on_click(press)
        >
            {words}
        </button>
    }
}
