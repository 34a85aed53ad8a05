//! All orders of the buyer. To a screen reader: a list of buttons with lines, status, amount and time.

use crate::browser;
use crate::checkout::{Event, Listing, State};
use crate::components::{Action, Heading, Note, Tone, Weight, dyn_view, mark_indonesian, on_click};
use crate::context::Context;
use crate::locale::Locale;
use crate::money::rupiah;
use crate::text::Message;
use crate::time::{wib, wib_clock};
use crate::user_error::UserError;
use contract::Order;
use leptos::prelude::*;

const LIST: &str = "history";
/// Placeholder rows while the list loads.
const PLACEHOLDER_ROWS: usize = 4;

#[derive(Clone, PartialEq)]
enum ListView {
    Loading,
    Unavailable,
    Empty,
    Orders(Vec<Order>),
}

/// The rows stay while the note under them comes and goes.
#[component]
pub fn Orders(context: Context) -> impl IntoView {
    let view = Memo::new(move |_| read(context, view));
    let error = Memo::new(move |_| {
        read(context, |listing| {
            let error = listing.error?;
            let orders = listing.orders.iter().flatten();
            Some((error, orders.map(|order| order.as_of).max()))
        })
        .flatten()
    });
    Effect::new(move |before: Option<bool>| {
        let is_told = error.get().is_some();
        if before == Some(true) && !is_told {
            browser::focus_if_lost(LIST);
        }
        is_told
    });
    let note = move || match error.get() {
        Some((error, as_of)) => {
            let body = match as_of {
                Some(as_of) => super::labels::last_known(context, as_of),
                None => context.say(&Message::ErrorAdvice(error)).into_any(),
            };
            note(context, error, body)
        }
        None => ().into_any(),
    };
    view! {
        <main class="page order">
            <Heading
                words=context.say(&Message::OrdersTitle)
                takes_focus=context.takes_focus()
            />
            {dyn_view(move || view.get().map_or_else(|| ().into_any(), |view| show(context, view)))}
            {dyn_view(note)}
        </main>
    }
}

fn read<T>(context: Context, read: impl FnOnce(&Listing) -> T) -> Option<T> {
    context.checkout.with(|state| match state {
        State::Listing(listing) => Some(read(listing)),
        _ => None,
    })
}

fn view(listing: &Listing) -> ListView {
    match (&listing.orders, listing.error) {
        (None, None) => ListView::Loading,
        (None, Some(_)) => ListView::Unavailable,
        (Some(orders), _) if orders.is_empty() => ListView::Empty,
        // A new `as_of` would rebuild the rows under the buyer's finger.
        (Some(orders), _) => ListView::Orders(orders.iter().map(timeless).collect()),
    }
}

fn timeless(order: &Order) -> Order {
    Order {
        as_of: order.created_at,
        ..order.clone()
    }
}

fn note(context: Context, error: UserError, body: AnyView) -> AnyView {
    let busy = Signal::derive(move || read(context, |listing| listing.asking) == Some(true));
    let words = super::labels::retry(context, busy);
    view! {
        <Note title=context.say(&Message::ErrorTitle(error)) body>
            <Action
                words
                weight=Weight::Quiet
                busy
                on_press=UnsyncCallback::new(move |()| context.send(Event::RetryTapped))
            />
        </Note>
    }
    .into_any()
}

fn show(context: Context, view: ListView) -> AnyView {
    let rows = match view {
        ListView::Unavailable => return contact(context).into_any(),
        ListView::Empty => return empty(context),
        ListView::Loading => {
            let ghosts = (0..PLACEHOLDER_ROWS).map(|_| view! { <li class="past ghost"></li> });
            let ghosts = ghosts.collect_view();
            return view! { <ul class="history" aria-hidden="true">{ghosts}</ul> }.into_any();
        }
        ListView::Orders(orders) => orders.into_iter().map(|order| row(context, order)),
    };
    view! {
        <ul class="history" id=LIST tabindex="-1">
            {rows.collect_view()}
        </ul>
        {contact(context)}
    }
    .into_any()
}

/// Shown after the list, which would shift it.
fn contact(context: Context) -> impl IntoView {
    view! { <p class="contact">{context.say(&Message::Contact)}</p> }
}

fn empty(context: Context) -> AnyView {
    view! {
        <section class="empty">
            <h2>{context.say(&Message::NoOrders)}</h2>
            <p>{context.say(&Message::NoOrdersBody)}</p>
            <Action
                words=context.say(&Message::BackToShop)
                weight=Weight::Main
                busy=false
                on_press=UnsyncCallback::new(move |()| context.send(Event::ShopTapped))
            />
        </section>
        {contact(context)}
    }
    .into_any()
}

fn row(context: Context, order: Order) -> AnyView {
    let locale = context.locale.get_untracked();
    let what = what(&order, locale);
    let code = order.pickup_code.map(|code| {
        view! {
            <span class="ticket">
                <span>{context.say(&Message::PickupCode)} " "</span>
                <strong>{code}</strong>
            </span>
        }
    });
    let id = order.id;
    view! {
        <li>
            <button
                type="button"
                class="past"
                on:click=on_click(move || context.send(Event::OrderTapped(id.clone())))
            >
                <span class="what">{what}</span>
                <span class="amount" lang="id">{rupiah(order.total)}</span>
                <span class="when">
                    {mark_indonesian(wib(order.created_at, locale), &wib_clock(order.created_at))}
                </span>
                <span class="standing" data-tone=Tone::of(order.status).name()>
                    {context.say(&Message::Standing(order.status))}
                </span>
                {code}
            </button>
        </li>
    }
    .into_any()
}

/// The first line, and how many more there are.
fn what(order: &Order, locale: Locale) -> String {
    let Some(first) = order.lines.first() else {
        return String::new();
    };
    let name = locale.pick(&first.name).to_owned();
    match order.lines.len() - 1 {
        0 => name,
        more => locale.say(&Message::AndMore(name, more)).into_owned(),
    }
}
