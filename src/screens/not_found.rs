//! An address without a page. A missing order and another buyer's order look the same, so that ids
//! cannot be probed.

use crate::browser::{self, package::asset};
use crate::checkout::Event;
use crate::components::{Action, Heading, Weight};
use crate::context::Context;
use crate::route::Route;
use crate::text::Message;
use leptos::prelude::*;

#[component]
pub fn NotFound(context: Context) -> impl IntoView {
    let (title, body) = match browser::route() {
        Route::NotFound => (Message::NoPageTitle, Message::NoPageBody),
        _ => (Message::NotFoundTitle, Message::NotFoundBody),
    };
    view! {
        <main class="page alone">
            <img src=asset("/assets/trouble.svg") alt="" width="240" height="160"/>
            <Heading words=context.say(&title) takes_focus=context.takes_focus()/>
            <p>{context.say(&body)}</p>
            <div class="actions">
                <Action
                    words=context.say(&Message::BackToShop)
                    weight=Weight::Main
                    busy=false
                    on_press=UnsyncCallback::new(move |()| context.send(Event::ShopTapped))
                />
            </div>
        </main>
    }
}
