//! The bar at the bottom of the menu: what is picked, what it comes to, and the button
//! that pays exactly that.

use crate::cart::Cart;
use crate::checkout::State;
use crate::components::{flag, live, tap, words};
use crate::context::Context;
use crate::money::rupiah;
use crate::text::Menu;
use contract::{PlaceOrder, Rupiah};
use leptos::prelude::*;

/// The button's id.
pub(super) const PAY: &str = "pay";

/// Always there, at the same place. Its button does not disable itself; the state that
/// pressing it causes does.
#[component]
pub fn PayBar(
    /// What every screen can reach.
    context: Context,
) -> impl IntoView {
    let total = move || {
        let sent = on_its_way(context, |order| order.expected_total);
        let total = sent.or_else(|| {
            context.with_catalogue(|products| context.cart.with(|cart| cart.total(products)))
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
        (context.checkout).with(|state| matches!(state, State::Unanswered { .. }))
    });
    let label = words(move || {
        context.menu(&match picked.get() {
            _ if context.is_awaiting() => Menu::OneMoment,
            _ if busy.get() => Menu::Preparing,
            _ if unanswered.get() => Menu::TryAgain,
            true => Menu::Pay,
            false => Menu::PickFirst,
        })
    });
    // By itself, because an English voice reads the point in Rp25.000 as a decimal one.
    let price = words(move || match total() {
        Some(total) if !(context.is_awaiting() || busy.get() || unanswered.get()) => rupiah(total),
        _ => String::new(),
    });
    let rests = flag(move || busy.get() || !(picked.get() || unanswered.get()));
    view! {
        <section class="bar" aria-label=context.menu(&Menu::Summary)>
            {context.shows_later(move |later| (later.notice)(context))}
            {live(move || {
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
                data-busy=flag(move || busy.get())
                aria-disabled=rests
                on:click=tap(move || context.wish(move |later| (later.press)(context)))
            >
                <span>
                    <span>{label}</span>
                    <span class="amount" lang="id">{price}</span>
                </span>
            </button>
        </section>
    }
}

/// What the bar is about: what the merchant was sent, until that is answered; else what is picked.
pub(super) fn shown(context: Context) -> Cart {
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
fn summary(context: Context, total: impl Fn() -> Option<Rupiah> + Send + 'static) -> AnyView {
    let pieces = words(move || context.menu(&Menu::Pieces(shown(context).pieces())));
    let amount = words(move || rupiah(total().unwrap_or_default()));
    // What is not visible need not follow every tap.
    let unfolded = context.unfolded;
    let details = context.shows_later(move |later| {
        if unfolded.get() {
            (later.details)(context)
        } else {
            ().into_any()
        }
    });
    let unfold = move || {
        unfolded.update(|it| *it = !*it);
        context.wish(|_| ());
    };
    view! {
        <details class="summary" open=unfolded.get_untracked()>
            <summary on:click=tap(unfold)>
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
