//! An order is on its way. To those who do not see the grey bars: the heading says so.

use crate::components::Heading;
use crate::context::Context;
use crate::text::Message;
use leptos::prelude::*;

/// Of the same shape as what follows, so that nothing jumps.
#[component]
pub fn Loading(
    /// What every screen can reach.
    context: Context,
) -> impl IntoView {
    view! {
        <main class="page order" aria-busy="true">
            <section class="verdict" data-tone="moving">
                <span class="mark ghost"></span>
                <Heading
                    words=context.say(&Message::LoadingOrder)
                    takes_focus=super::takes_focus(context)
                />
                <p class="ghost line"></p>
            </section>
            <section class="receipt ghost"></section>
        </main>
    }
}
