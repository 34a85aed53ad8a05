//! The heading of a screen. To those who do not see it: the first thing read when the
//! screen changes, because the focus goes there, and the name of the page.

use crate::browser;
use leptos::html::H1;
use leptos::prelude::*;

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
    let node = NodeRef::<H1>::new();
    Effect::new(move |_| {
        if let Some(heading) = node.get()
            && takes_focus
        {
            let _ = heading.focus();
        }
    });
    view! {
        <h1 node_ref=node tabindex="-1">
            {words}
        </h1>
    }
}
