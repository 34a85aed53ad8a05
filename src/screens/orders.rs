//! All orders of the buyer. To those who do not see it: a list of buttons, each of which says
//! what was ordered, where it stands, what it cost and when.

use crate::browser;
use crate::checkout::{Event, Listing, State};
use crate::components::{Action, Heading, Note, Tone, Weight, around, live, tap};
use crate::context::Context;
use crate::money::rupiah;
use crate::text::{Locale, Message};
use crate::time::{wib, wib_clock};
use crate::trouble::Trouble;
use contract::Order;
use leptos::prelude::*;

/// The list's id.
const LIST: &str = "history";
/// How many rows are drawn before it is known how many there are.
const GHOSTS: usize = 4;

/// What the list shows.
#[derive(Clone, PartialEq)]
enum Face {
    Ghosts,
    Nothing,
    Empty,
    Orders(Vec<Order>),
}

/// The rows stay what they are while only the note under them comes and goes.
#[component]
pub fn Orders(
    /// What every screen can reach.
    context: Context,
) -> impl IntoView {
    let face = Memo::new(move |_| read(context, face));
    let trouble = Memo::new(move |_| {
        read(context, |listing| {
            let trouble = listing.trouble?;
            let orders = listing.orders.iter().flatten();
            Some((trouble, orders.map(|order| order.as_of).max()))
        })
        .flatten()
    });
    Effect::new(move |before: Option<bool>| {
        let is_told = trouble.get().is_some();
        if before == Some(true) && !is_told {
            browser::focus_if_lost(LIST);
        }
        is_told
    });
    let note = move || match trouble.get() {
        Some((trouble, as_of)) => {
            let body = match as_of {
                Some(as_of) => super::others::last_known(context, as_of),
                None => context.say(&Message::Advice(trouble)).into_any(),
            };
            note(context, trouble, body)
        }
        None => ().into_any(),
    };
    view! {
        <main class="page order">
            <Heading
                words=context.say(&Message::OrdersTitle)
                takes_focus=super::takes_focus(context)
            />
            {live(move || face.get().map_or_else(|| ().into_any(), |face| show(context, face)))}
            {live(note)}
        </main>
    }
}

fn read<T>(context: Context, read: impl FnOnce(&Listing) -> T) -> Option<T> {
    context.checkout.with(|state| match state {
        State::Listing(listing) => Some(read(listing)),
        _ => None,
    })
}

fn face(listing: &Listing) -> Face {
    match (&listing.orders, listing.trouble) {
        (None, None) => Face::Ghosts,
        (None, Some(_)) => Face::Nothing,
        (Some(orders), _) if orders.is_empty() => Face::Empty,
        // With its own moment each answer would build the rows anew, under the buyer's finger.
        (Some(orders), _) => Face::Orders(orders.iter().map(timeless).collect()),
    }
}

fn timeless(order: &Order) -> Order {
    Order {
        as_of: order.created_at,
        ..order.clone()
    }
}

fn note(context: Context, trouble: Trouble, body: AnyView) -> AnyView {
    let busy = Signal::derive(move || read(context, |listing| listing.asking) == Some(true));
    let words = super::others::try_again(context, busy);
    view! {
        <Note title=context.say(&Message::Happened(trouble)) body>
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

fn show(context: Context, face: Face) -> AnyView {
    let rows = match face {
        Face::Nothing => return contact(context).into_any(),
        Face::Empty => return empty(context),
        Face::Ghosts => {
            let ghosts = (0..GHOSTS).map(|_| view! { <li class="past ghost"></li> });
            let ghosts = ghosts.collect_view();
            return view! { <ul class="history" aria-hidden="true">{ghosts}</ul> }.into_any();
        }
        Face::Orders(orders) => orders.into_iter().map(|order| row(context, order)),
    };
    view! {
        <ul class="history" id=LIST tabindex="-1">
            {rows.collect_view()}
        </ul>
        {contact(context)}
    }
    .into_any()
}

/// Not before the list has come: it would be moved by it.
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
                on:click=tap(move || context.send(Event::OrderTapped(id.clone())))
            >
                <span class="what">{what}</span>
                <span class="amount" lang="id">{rupiah(order.total)}</span>
                <span class="when">
                    {around(wib(order.created_at, locale), &wib_clock(order.created_at))}
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
