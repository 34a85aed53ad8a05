//! The receipt of an order. To a screen reader: labelled values, the first with buttons that copy it
//! and share the receipt, then the lines.

use super::{mark_indonesian, on_click};
use crate::locale::Locale;
use crate::money::{grouped, rupiah};
use crate::text::{Message, shop};
use crate::time::{wib, wib_clock};
use contract::{Order, Reward, RewardStatus};
use leptos::prelude::*;

#[component]
pub fn Receipt(
    order: Order,
    locale: Locale,
    on_copy: UnsyncCallback<String>,
    /// `None` where there is nothing to share yet.
    on_share: Option<UnsyncCallback<String>>,
    /// What the buyer is given for it, which changes after it was paid.
    rewards: AnyView,
) -> impl IntoView {
    let words = move |message: Message| locale.say(&message).into_owned();
    let (label, moment) = match order.paid_at {
        Some(paid_at) => (Message::PaidAt, paid_at),
        None => (Message::OrderedAt, order.created_at),
    };
    let number = order.id.number();
    let share = on_share.map(|on_share| {
        let text = share_text(&order, &number, locale);
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
                    <dd>{mark_indonesian(wib(moment, locale), &wib_clock(moment))}</dd>
                </div>
                {order.table.map(|table| view! {
                    <div>
                        <dt>{words(Message::Table)}</dt>
                        <dd>{table}</dd>
                    </div>
                })}
            </dl>
            <ul class="lines">{lines}</ul>
            {order.discount.map(|discount| view! {
                <p class="discount">
                    <span>{words(Message::Promo(discount.code))}</span>
                    <span class="amount" lang="id">"−"{rupiah(discount.amount)}</span>
                </p>
            })}
            <p class="total">
                <span>{words(Message::Total)}</span>
                <span class="amount" lang="id">{rupiah(order.total)}</span>
            </p>
            {order.refunded.map(|refunded| view! {
                <p class="total">
                    <span>{words(Message::RefundedAmount)}</span>
                    <span class="amount" lang="id">{rupiah(refunded)}</span>
                </p>
            })}
            {rewards}
        </section>
    }
}

/// What the buyer is given for an order.
pub fn rewards(rewards: &[Reward], locale: Locale) -> AnyView {
    let shown = rewards
        .iter()
        .filter_map(|reward| reward_line(reward, locale));
    shown.collect_view().into_any()
}

/// `None` for what a newer merchant gives.
fn reward_line(reward: &Reward, locale: Locale) -> Option<AnyView> {
    let label = locale.say(&Message::Reward(reward.kind, reward.status));
    if label.is_empty() {
        return None;
    }
    let amount = (reward.status != RewardStatus::Refused).then(|| {
        let amount = ["+", &grouped(reward.amount)].concat();
        view! { <span class="amount" lang="id">{amount}</span> }
    });
    Some(view! { <p class="reward"><span>{label.into_owned()}</span>{amount}</p> }.into_any())
}

fn tool(name: String, path: &'static str, press: impl Fn() + 'static) -> AnyView {
    view! {
        <button type="button" class="tool" aria-label=name on:click=on_click(press)>
            <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d=path/>
            </svg>
        </button>
    }
    .into_any()
}

/// Shop, number and amount. Not the pick-up code, which entitles its holder to the goods.
fn share_text(order: &Order, number: &str, locale: Locale) -> String {
    let labelled = |label: Message, value: &str| [&locale.say(&label), ": ", value].concat();
    [
        shop::NAME.to_owned(),
        labelled(Message::OrderNumber, number),
        labelled(Message::Total, &rupiah(order.total)),
    ]
    .join("\n")
}
