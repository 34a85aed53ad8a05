//! The heading of a screen. To those who do not see it: the first thing read when the
//! screen changes, because the focus goes there, and the name of the page.

use crate::browser;
use leptos::prelude::*;
use leptos::task::spawn_local;

const HEADING: &str = "heading";

/// Takes the focus when it appears, if it is to.
#[component]
pub fn Heading(
    /// What it says.
    words: String,
    /// Whether a screen was there before. The first one leaves the focus where the
    /// browser puts it.
    takes_focus: bool,
) -> impl IntoView {
    browser::set_title(&words);
    if takes_focus {
        // As soon as it is on the page.
        spawn_local(async { browser::focus(HEADING) });
    }
    view! {
        <h1 id=HEADING tabindex="-1">
            {words}
        </h1>
    }
}
