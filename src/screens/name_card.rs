//! Asks for the name to call out, once there is something to call for. To those who do not see
//! it: a section with its question first; what comes of it is said by the live region, and the
//! focus goes on to the pay button, not into nowhere.

use crate::browser;
use crate::components::{Action, Weight, live};
use crate::context::Context;
use crate::profile::{Face, State, ask};
use crate::text::{Menu, Message};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Under the lines of the order, where the buyer looks it over before paying: nothing that they
/// are about to tap in the menu moves when it comes or goes.
#[component]
pub fn NameCard(
    /// What every screen can reach.
    context: Context,
) -> impl IntoView {
    let face = Memo::new(move |_| {
        let is_named = context.session.with(|session| session.name().is_some());
        let pieces = context.cart.with(|cart| cart.pieces());
        context.profile.get().face(is_named, pieces)
    });
    Effect::new(move |before: Option<Option<Face>>| {
        let face = face.get();
        let had_buttons = matches!(before.flatten(), Some(Face::Question | Face::Named));
        if had_buttons && before.flatten() != face {
            browser::focus_if_lost(super::pay_bar::PAY);
        }
        face
    });
    live(move || match face.get() {
        Some(Face::Question) => question(context),
        Some(Face::Named) => named(context),
        Some(Face::Without) => card(
            context,
            Message::WithoutName,
            Message::WithoutNameBody,
            None,
        ),
        None => ().into_any(),
    })
}

fn question(context: Context) -> AnyView {
    let busy = Signal::derive(move || context.profile.get() == State::Asking);
    let words = Signal::derive(move || {
        context.say(if busy.get() {
            &Message::Menu(Menu::OneMoment)
        } else {
            &Message::UseGopayName
        })
    });
    let buttons = view! {
        <div class="pair">
            <Action
                words
                weight=Weight::Side
                busy
                on_press=UnsyncCallback::new(move |()| spawn_local(ask::agree(context)))
            />
            <Action
                words=context.say(&Message::Skip)
                weight=Weight::Side
                busy=false
                on_press=UnsyncCallback::new(move |()| ask::skip(context))
            />
        </div>
    };
    card(
        context,
        Message::AskName,
        Message::AskNameWhy,
        Some(buttons.into_any()),
    )
}

fn named(context: Context) -> AnyView {
    let name = (context.session).with_untracked(|session| session.name().map(str::to_owned));
    let button = view! {
        <Action
            words=context.say(&Message::DropName)
            weight=Weight::Side
            busy=false
            on_press=UnsyncCallback::new(move |()| spawn_local(ask::forget(context)))
        />
    };
    card(
        context,
        Message::OnBehalf(name.unwrap_or_default()),
        Message::AskNameWhy,
        Some(button.into_any()),
    )
}

fn card(context: Context, title: Message, body: Message, buttons: Option<AnyView>) -> AnyView {
    view! {
        <section class="ask" aria-labelledby="name-question">
            <h2 id="name-question">{context.say(&title)}</h2>
            <p>{context.say(&body)}</p>
            {buttons}
        </section>
    }
    .into_any()
}
