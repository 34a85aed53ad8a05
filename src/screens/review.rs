//! What comes between picking and paying: the order's lines, the name to call out, why paying
//! came to nothing the last time, and what pressing the button does.

use super::name_card::NameCard;
use super::pay_bar::shown;
use crate::cart::Cart;
use crate::checkout::{Event, State};
use crate::components::{Action, Note, Weight, live};
use crate::context::Context;
use crate::money::rupiah;
use crate::text::Message;
use crate::trouble::Trouble;
use leptos::prelude::*;

/// Why the last attempt came to nothing, or that nobody knows whether it did; sits right
/// above the pay button, where the eyes are.
pub fn notice(context: Context) -> AnyView {
    let ran_out = context.cart.with(Cart::ran_out);
    let (title, body, change) = match &*context.checkout.read() {
        State::Browsing {
            notice: Some(trouble),
            ..
        } => (
            Message::Happened(*trouble),
            Message::Advice(*trouble),
            false,
        ),
        // What came of paying is newer.
        State::Browsing { .. } if ran_out => (
            Message::Happened(Trouble::SoldOut),
            Message::Advice(Trouble::SoldOut),
            false,
        ),
        State::Unanswered { .. } => (Message::NoAnswer, Message::NoAnswerBody, true),
        _ => return ().into_any(),
    };
    let change = change.then(|| {
        view! {
            <Action
                words=context.say(&Message::ChangeOrder)
                weight=Weight::Quiet
                busy=false
                on_press=UnsyncCallback::new(move |()| context.send(Event::ChangeTapped))
            />
        }
    });
    view! {
        <Note title=context.say(&title) body=context.say(&body).into_any()>
            {change}
        </Note>
    }
    .into_any()
}

/// What pressing the pay button does now.
pub fn press(context: Context) {
    let unanswered =
        (context.checkout).with_untracked(|state| matches!(state, State::Unanswered { .. }));
    if unanswered {
        context.send(Event::RetryTapped);
    } else {
        context.pay();
    }
}

/// The order before it is one: its lines, the name to call out, and what paying agrees to.
pub fn details(context: Context) -> AnyView {
    let lines = move || {
        context.with_catalogue(|products| {
            (shown(context).picked(products).into_iter())
                .map(|(product, quantity)| {
                    let cost = product.price.times(quantity).unwrap_or_default();
                    view! {
                        <li>
                            <span class="count">{quantity.get()}"×"</span>
                            <span>{context.pick(&product.name)}</span>
                            <span class="amount" lang="id">{rupiah(cost)}</span>
                        </li>
                    }
                })
                .collect_view()
                .into_any()
        })
    };
    view! {
        <ul class="lines">{live(lines)}</ul>
        <NameCard context/>
        <p class="terms">{context.say(&Message::Terms)}</p>
    }
    .into_any()
}
