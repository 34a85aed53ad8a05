//! The bar at the bottom of the menu: what is picked, what it comes to, and the button
//! that pays exactly that.

use super::name_card::NameCard;
use crate::cart::Cart;
use crate::checkout::State;
use crate::components::live;
use crate::context::Context;
use crate::money::rupiah;
use crate::text::Message;
use contract::{PlaceOrder, Rupiah};
use leptos::prelude::*;

/// The button's id.
pub(super) const PAY: &str = "pay";

/// Always there, at the same place. Its button does not disable itself; the state that
/// pressing it causes does.
#[component]
pub fn PayBar() -> impl IntoView {
    let context = expect_context::<Context>();
    let total = Memo::new(move |_| {
        let sent = on_its_way(context, |order| order.expected_total);
        let total = sent.or_else(|| {
            context.with_catalogue(|products| context.cart.with(|cart| cart.total(products)))
        });
        total.filter(|total| *total > Rupiah::ZERO)
    });
    let picked = Memo::new(move |_| total.get().is_some());
    let busy = Memo::new(move |_| {
        (context.checkout)
            .with(|state| matches!(state, State::Placing { .. } | State::Repricing { .. }))
    });
    let unanswered = Memo::new(move |_| {
        (context.checkout).with(|state| matches!(state, State::Unanswered { .. }))
    });
    let words = Signal::derive(move || {
        context.say(&match total.get() {
            _ if busy.get() => Message::Preparing,
            _ if unanswered.get() => Message::TryAgain,
            Some(total) => Message::Pay(total),
            None => Message::PickFirst,
        })
    });
    let flag = |on: bool| on.then_some("true");
    let works = Signal::derive(move || flag(busy.get()));
    let rests =
        Signal::derive(move || flag(busy.get() || (total.get().is_none() && !unanswered.get())));
    view! {
        <section class="bar" aria-label=context.say(&Message::Summary)>
            {live(move || super::shop::notice(context))}
            {live(move || if picked.get() { summary(context, total) } else { ().into_any() })}
            <button
                type="button"
                id=PAY
                class="action"
                data-weight="main"
                data-testid="pay"
                data-busy=works
                aria-disabled=rests
                on:click=move |_| super::shop::press(context)
            >
                {words}
            </button>
        </section>
    }
}

/// What the bar is about: what the merchant was sent, until that is answered; else what is picked.
fn shown(context: Context) -> Cart {
    let sent = on_its_way(context, |order| Cart::from_lines(order.lines.clone()));
    sent.unwrap_or_else(|| context.cart.get())
}

fn on_its_way<T>(context: Context, read: impl FnOnce(&PlaceOrder) -> T) -> Option<T> {
    context.checkout.with(|state| match state {
        State::Placing { attempt, .. } | State::Unanswered { attempt, .. } => {
            Some(read(&attempt.order))
        }
        _ => None,
    })
}

/// The order before it is one: its lines, and the name to call out. Folded up at first, because
/// most buyers know what they picked; it stays as they left it while they pick on.
fn summary(context: Context, total: Memo<Option<Rupiah>>) -> AnyView {
    let pieces = Signal::derive(move || context.say(&Message::Pieces(shown(context).pieces())));
    let amount = Signal::derive(move || rupiah(total.get().unwrap_or_default()));
    let lines = move || {
        context.with_catalogue(|products| {
            (shown(context).picked(products).into_iter())
                .map(|(product, quantity)| {
                    let cost = product.price.times(quantity).unwrap_or_default();
                    view! {
                        <li>
                            <span class="count">{quantity.get()}"×"</span>
                            <span>{context.pick(&product.name)}</span>
                            <span class="amount">{rupiah(cost)}</span>
                        </li>
                    }
                })
                .collect_view()
                .into_any()
        })
    };
    view! {
        <details class="summary">
            <summary>
                <span>{pieces}</span>
                <span class="more">{context.say(&Message::Summary)}</span>
                <span class="amount">{amount}</span>
            </summary>
            <div class="checkout">
                <ul class="lines">{live(lines)}</ul>
                <NameCard/>
            </div>
        </details>
    }
    .into_any()
}
