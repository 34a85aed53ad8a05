//! What was ordered. To those who do not see it: a list of labelled values, the first of them
//! with a button that copies it and one that passes the receipt on, then the lines.

use super::{around, tap};
use crate::money::rupiah;
use crate::text::{Locale, Message, shop};
use crate::time::{wib, wib_clock};
use contract::Order;
use leptos::prelude::*;

/// The order's short number, moment, lines and total, and what went back of it.
#[component]
pub fn Receipt(
    /// The order.
    order: Order,
    /// In this language.
    locale: Locale,
    /// This number is wanted on the clipboard.
    on_copy: UnsyncCallback<String>,
    /// This text is to be passed on; `None` where there is nothing to pass on yet.
    on_share: Option<UnsyncCallback<String>>,
) -> impl IntoView {
    let words = move |message: Message| locale.say(&message).into_owned();
    let (label, moment) = match order.paid_at {
        Some(paid_at) => (Message::PaidAt, paid_at),
        None => (Message::OrderedAt, order.created_at),
    };
    let number = short_number(&order.id);
    let share = on_share.map(|on_share| {
        let text = passed_on(&order, &number, locale);
        let press = move || on_share.run(text.clone());
        tool(
            words(Message::Share),
            "M12 15V4m-4 4 4-4 4 4M5 13v7h14v-7",
            press,
        )
    });
    let copied = number.clone();
    let press = move || on_copy.run(copied.clone());
    let copy = tool(
        words(Message::CopyNumber),
        "M9 9h10v11H9zM6 15H5V4h10v2",
        press,
    );
    let lines = (order.lines)
        .into_iter()
        .map(|line| {
            let cost = line.price.times(line.quantity).unwrap_or_default();
            view! {
                <li>
                    <span class="count">{line.quantity.get()}"×"</span>
                    <span>{locale.pick(&line.name).to_owned()}</span>
                    <span class="amount" lang="id">{rupiah(cost)}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="receipt">
            <dl>
                <div>
                    <dt>{words(Message::OrderNumber)}</dt>
                    <dd class="number">
                        {number}
                        {copy}
                        {share}
                    </dd>
                </div>
                <div>
                    <dt>{words(label)}</dt>
                    <dd>{around(wib(moment, locale), &wib_clock(moment))}</dd>
                </div>
            </dl>
            <ul class="lines">{lines}</ul>
            <p class="total">
                <span>{words(Message::Total)}</span>
                <span class="amount" lang="id">{rupiah(order.total)}</span>
            </p>
            {order.refunded.map(|refunded| view! {
                <p class="total">
                    <span>{words(Message::WentBack)}</span>
                    <span class="amount" lang="id">{rupiah(refunded)}</span>
                </p>
            })}
        </section>
    }
}

/// A button that is a drawing.
fn tool(name: String, path: &'static str, press: impl Fn() + 'static) -> AnyView {
    view! {
        <button type="button" class="tool" aria-label=name on:click=tap(press)>
            <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d=path/>
            </svg>
        </button>
    }
    .into_any()
}

/// Shop, number and amount. Not the code: whoever has that gets what was paid for.
fn passed_on(order: &Order, number: &str, locale: Locale) -> String {
    let labelled = |label: Message, value: &str| [&locale.say(&label), ": ", value].concat();
    [
        shop::NAME.to_owned(),
        labelled(Message::OrderNumber, number),
        labelled(Message::Total, &rupiah(order.total)),
    ]
    .join("\n")
}

/// What staff and buyer call it: the end of the id, where even ids that begin with a
/// time differ.
fn short_number(id: &str) -> String {
    let start = (id.char_indices().rev()).nth(7).map_or(0, |(at, _)| at);
    id.get(start..).unwrap_or(id).to_ascii_uppercase()
}
