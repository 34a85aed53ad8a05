//! Nothing can be shown, and why: one sentence, one button.

use crate::browser::package::asset;
use crate::components::{Action, Heading, Weight};
use crate::context::Context;
use crate::text::Message;
use crate::trouble::Trouble;
use leptos::prelude::*;

/// A whole page of it.
#[component]
pub fn TroublePage(
    /// What every screen can reach.
    context: Context,
    /// What happened.
    trouble: Trouble,
    /// Whether it is being tried again.
    busy: Signal<bool>,
    /// Try again.
    retry: UnsyncCallback<()>,
) -> impl IntoView {
    let words = super::others::try_again(context, busy);
    view! {
        <main class="page alone">
            <img src=asset("/assets/trouble.svg") alt="" width="240" height="160"/>
            <Heading
                words=context.say(&Message::Happened(trouble))
                takes_focus=super::takes_focus(context)
            />
            <p>{context.say(&Message::Advice(trouble))}</p>
            <div class="actions">
                <Action words weight=Weight::Main busy on_press=retry/>
            </div>
        </main>
    }
}
