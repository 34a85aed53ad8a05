//! The bar at the bottom of the menu: what is picked, its total, and the button that pays exactly
//! that.

use crate::cart::Cart;
use crate::checkout::State;
use crate::components::{dyn_attr, dyn_text, dyn_view, on_click};
use crate::context::Context;
use crate::money::rupiah;
use crate::text::Menu;
use contract::{PlaceOrder, Rupiah};
use leptos::prelude::*;

pub(super) const PAY: &str = "pay";

/// Always at the same place. The checkout's state disables the button, not the press.
#[component]
pub fn PayBar(context: Context) -> impl IntoView {
    let total = move || {
        let sent = on_its_way(context, |order| order.expected_total);
        let total = sent.or_else(|| {
            let total =
                context.with_catalogue(|products| context.cart.with(|cart| cart.total(products)));
            total.map(|total| context.campaign.with(|state| state.price(total)))
        });
        total.filter(|total| *total > Rupiah::ZERO)
    };
    let picked = Memo::new(move |_| total().is_some());
    let busy = Memo::new(move |_| {
        context.is_awaiting()
            || (context.checkout)
                .with(|state| matches!(state, State::Placing { .. } | State::Repricing { .. }))
    });
    let unanswered = Memo::new(move |_| {
        (context.checkout).with(|state| matches!(state, State::Unconfirmed { .. }))
    });
    let label = dyn_text(move || {
        context.menu(&match picked.get() {
            _ if context.is_awaiting() => Menu::OneMoment,
            _ if busy.get() => Menu::Preparing,
            _ if unanswered.get() => Menu::TryAgain,
            true => Menu::Pay,
            false => Menu::PickFirst,
        })
    });
    // Apart, because an English voice reads the point in Rp25.000 as a decimal point.
    let price = dyn_text(move || match total() {
        Some(total) if !(context.is_awaiting() || busy.get() || unanswered.get()) => rupiah(total),
        _ => String::new(),
    });
    let rests = dyn_attr(move || busy.get() || !(picked.get() || unanswered.get()));
    view! {
        <section class="bar" aria-label=context.menu(&Menu::Summary)>
            {context.deferred_view(move |chunk| (chunk.notice)(context))}
            {dyn_view(move || {
                if picked.get() {
                    summary(context, total)
                } else {
                    context.unfolded.set(false);
                    ().into_any()
                }
            })}
            <button
                type="button"
                id=PAY
                class="action"
                data-weight="main"
                data-testid="pay"
                data-busy=dyn_attr(move || busy.get())
                aria-disabled=rests
                on:click=on_click(move || context.run_when_loaded(move |chunk| (chunk.press_pay)(context)))
            >
                <span>
                    <span>{label}</span>
                    <span class="amount" lang="id">{price}</span>
                </span>
            </button>
        </section>
    }
}

/// The cart of the bar: the order that was sent, until it is answered, else what is picked.
pub(super) fn shown(context: Context) -> Cart {
    let sent = on_its_way(context, |order| Cart::from_lines(order.lines.clone()));
    sent.unwrap_or_else(|| context.cart.get())
}

pub(super) fn on_its_way<T>(context: Context, read: impl FnOnce(&PlaceOrder) -> T) -> Option<T> {
    context.checkout.with(|state| match state {
        State::Placing { attempt, .. } | State::Unconfirmed { attempt, .. } => {
            Some(read(&attempt.order))
        }
        _ => None,
    })
}

/// The order's lines and the name to call out. Folded at first, because most buyers know what they
/// picked.
fn summary(context: Context, total: impl Fn() -> Option<Rupiah> + Send + 'static) -> AnyView {
    let pieces = dyn_text(move || context.menu(&Menu::Pieces(shown(context).pieces())));
    let amount = dyn_text(move || rupiah(total().unwrap_or_default()));
    // Folded details do not follow every tap.
    let unfolded = context.unfolded;
    let details = context.deferred_view(move |chunk| {
        if unfolded.get() {
            (chunk.details)(context)
        } else {
            ().into_any()
        }
    });
    let unfold = move || {
        unfolded.update(|it| *it = !*it);
        context.run_when_loaded(|_| ());
    };
    view! {
        <details class="summary" open=unfolded.get_untracked()>
            <summary on:click=on_click(unfold)>
                <span>{pieces}</span>
                <span class="more">{context.menu(&Menu::Summary)}</span>
                <span class="amount" lang="id">{amount}</span>
            </summary>
            <div class="checkout">
                {details}
            </div>
        </details>
    }
    .into_any()
}
