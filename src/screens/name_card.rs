//! Asks for the buyer's name, once something is picked. To a screen reader: a section that begins
//! with its question. The live region announces the outcome, and the focus moves to the pay button.

use crate::browser;
use crate::components::{Action, Weight, dyn_view};
use crate::context::Context;
use crate::profile::{CardView, State, ask};
use crate::text::{Menu, Message};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Under the order's lines, so that the menu does not shift when the card appears or goes.
#[component]
pub fn NameCard(context: Context) -> impl IntoView {
    // A test buyer has no name.
    let has_name = browser::has_container();
    let view = Memo::new(move |_| {
        if !has_name {
            return None;
        }
        let is_named = context.session.with(|session| session.name().is_some());
        let pieces = context.cart.with(|cart| cart.pieces());
        context.profile.get().card_view(is_named, pieces)
    });
    Effect::new(move |before: Option<Option<CardView>>| {
        let view = view.get();
        let had_buttons = matches!(before.flatten(), Some(CardView::Question | CardView::Named));
        if had_buttons && before.flatten() != view {
            browser::focus_if_lost(super::pay_bar::PAY);
        }
        view
    });
    dyn_view(move || match view.get() {
        Some(CardView::Question) => question(context),
        Some(CardView::Named) => named(context),
        Some(CardView::Without) => card(
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
