//! A button as wide as the page. To those who do not see it: its words, and that it is
//! unavailable while a wish is being carried out.

use super::{flag, tap};
use leptos::prelude::*;

/// How much a button asks to be pressed. A screen has one `Main` at most.
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

/// It stays focusable while busy, so that the keyboard does not lose its place.
#[component]
pub fn Action(
    /// What it says.
    #[prop(into)]
    words: Signal<String>,
    /// How much it asks.
    weight: Weight,
    /// Whether a wish is being carried out.
    #[prop(into)]
    busy: Signal<bool>,
    /// Pressed, while not busy.
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
            aria-disabled=flag(move || busy.get())
            on:click=tap(press)
        >
            {words}
        </button>
    }
}
