//! An order is loading. To a screen reader: the heading says so.

use crate::components::Heading;
use crate::context::Context;
use crate::text::Message;
use leptos::prelude::*;

/// The same shape as the order's screen, so that nothing shifts.
#[component]
pub fn Loading(context: Context) -> impl IntoView {
    view! {
        <main class="page order" aria-busy="true">
            <section class="verdict" data-tone="moving">
                <span class="mark ghost"></span>
                <Heading
                    words=context.say(&Message::LoadingOrder)
                    takes_focus=context.takes_focus()
                />
                <p class="ghost line"></p>
            </section>
            <section class="receipt ghost"></section>
        </main>
    }
}
