//! The heading of a screen. To a screen reader: the first text read when the screen changes, because
//! the focus goes there, and the page's title.

use crate::browser;
use leptos::prelude::*;
use leptos::task::spawn_local;

const HEADING: &str = "heading";

#[component]
pub fn Heading(
    words: String,
    /// False on the first screen, which leaves the focus where the browser puts it.
    takes_focus: bool,
) -> impl IntoView {
    browser::set_title(&words);
    if takes_focus {
        // Once the heading is on the page.
        spawn_local(async { browser::focus(HEADING) });
    }
    view! {
        <h1 id=HEADING tabindex="-1">
            {words}
        </h1>
    }
}
