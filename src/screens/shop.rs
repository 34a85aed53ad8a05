//! The menu: products, how many of each, and what stands in the way of paying.

use crate::browser::package::asset;
use crate::cart::Cart;
use crate::checkout::{Event, State};
use crate::components::{Action, Heading, Note, Stepper, Weight, live};
use crate::context::Context;
use crate::money::rupiah;
use crate::text::Message;
use crate::trouble::Trouble;
use contract::Product;
use leptos::prelude::*;

/// Everything above the pay bar.
#[component]
pub fn Shop() -> impl IntoView {
    let context = expect_context::<Context>();
    let catalogue = Memo::new(move |_| context.with_catalogue(<[Product]>::to_vec));
    let locked = Signal::derive(move || {
        (context.checkout).with(|state| !matches!(state, State::Browsing { .. }))
    });
    let lead = Signal::derive(move || {
        let name = (context.session).with(|session| session.name().map(str::to_owned));
        context.say(&name.map_or(Message::ShopSubtitle, Message::ShopSubtitleFor))
    });
    view! {
        <main class="page" data-bar="">
            <Heading
                words=context.say(&Message::ShopTitle)
                takes_focus=super::takes_focus(context)
            />
            <p class="lead">{lead}</p>
            {live(move || waiting(context))}
            <ul class="menu">
                {live(move || {
                    (catalogue.get().into_iter().enumerate())
                        .map(|(index, product)| row(context, product, index, locked))
                        .collect_view()
                        .into_any()
                })}
            </ul>
        </main>
    }
}

fn row(context: Context, product: Product, index: usize, locked: Signal<bool>) -> impl IntoView {
    let product = StoredValue::new(product);
    let quantity = Memo::new(move |_| {
        product.with_value(|product| context.cart.with(|cart| cart.quantity(&product.id)))
    });
    let name = product.with_value(|product| context.pick(&product.name));
    let about = product.with_value(|product| context.pick(&product.description));
    let buy = if product.with_value(|product| product.sold_out) {
        view! { <p class="sold-out">{context.say(&Message::SoldOut)}</p> }.into_any()
    } else {
        view! {
            <Stepper
                quantity
                locked
                remove=context.say(&Message::Remove(name.clone()))
                add=context.say(&Message::Add(name.clone()))
                on_change=UnsyncCallback::new(move |quantity| {
                    product.with_value(|product| context.set_quantity(product, quantity));
                })
            />
        }
        .into_any()
    };
    let (image, price) = product.with_value(|it| (asset(&it.image), rupiah(it.price)));
    view! {
        <li class="product">
            <img
                src=image
                alt=""
                width="104"
                height="104"
                decoding="async"
                loading=if index < 6 { "eager" } else { "lazy" }
            />
            <h2>{name}</h2>
            <p class="about">{about}</p>
            <div class="buy">
                <p class="price">{price}</p>
                {buy}
            </div>
        </li>
    }
}

/// An order that waits for its payment, found when signing in or left a moment ago.
fn waiting(context: Context) -> AnyView {
    let total = context.checkout.with(|state| match state {
        State::Browsing {
            waiting: Some(order),
            ..
        } => Some(order.total),
        _ => None,
    });
    let Some(total) = total else {
        return ().into_any();
    };
    view! {
        <button
            type="button"
            class="waiting"
            on:click=move |_| context.send(Event::WaitingTapped)
        >
            <span>{context.say(&Message::WaitingOrder(total))}</span>
            <span class="go">{context.say(&Message::Continue)}</span>
        </button>
    }
    .into_any()
}

/// Why the last attempt came to nothing, or that nobody knows whether it did; sits right
/// above the pay button, where the eyes are.
pub(super) fn notice(context: Context) -> AnyView {
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
        <Note title=context.say(&title) body=context.say(&body)>
            {change}
        </Note>
    }
    .into_any()
}

/// What pressing the pay button does now.
pub(super) fn press(context: Context) {
    let unanswered =
        (context.checkout).with_untracked(|state| matches!(state, State::Unanswered { .. }));
    if unanswered {
        context.send(Event::RetryTapped);
    } else {
        context.pay();
    }
}
