//! A page that shows an error only: one sentence, one button.

use crate::browser::package::asset;
use crate::components::{Action, Heading, Weight};
use crate::context::Context;
use crate::text::Message;
use crate::user_error::UserError;
use leptos::prelude::*;

#[component]
pub fn ErrorPage(
    context: Context,
    error: UserError,
    busy: Signal<bool>,
    retry: UnsyncCallback<()>,
) -> impl IntoView {
    let words = super::labels::retry(context, busy);
    view! {
        <main class="page alone">
            <img src=asset("/assets/trouble.svg") alt="" width="240" height="160"/>
            <Heading
                words=context.say(&Message::ErrorTitle(error))
                takes_focus=context.takes_focus()
            />
            <p>{context.say(&Message::ErrorAdvice(error))}</p>
            <div class="actions">
                <Action words weight=Weight::Main busy on_press=retry/>
            </div>
        </main>
    }
}
