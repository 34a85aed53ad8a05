//! Between picking and paying: the order's lines, the name to call out, the last error, and what the
//! pay button does.

use super::name_card::NameCard;
use super::pay_bar::{PAY, on_its_way, shown};
use crate::browser;
use crate::campaign::Notice;
use crate::cart::Cart;
use crate::checkout::{Event, State};
use crate::components::{Action, Note, Weight, dyn_view};
use crate::context::Context;
use crate::money::rupiah;
use crate::text::Message;
use crate::user_error::UserError;
use leptos::prelude::*;

/// What is right above the pay button: the table, and what the buyer has to know before paying.
pub fn notice(context: Context) -> AnyView {
    view! {
        {table(context)}
        {promo(context)}
        {message(context)}
    }
    .into_any()
}

/// The error of the last attempt, or that its outcome is unknown.
fn message(context: Context) -> AnyView {
    let ran_out = context.cart.with(Cart::ran_out);
    let (title, body, change) = match &*context.checkout.read() {
        State::Browsing {
            notice: Some(error),
            ..
        } => (
            error_title(context, *error),
            Message::ErrorAdvice(*error),
            false,
        ),
        // An error of paying is newer.
        State::Browsing { .. } if ran_out => (
            Message::ErrorTitle(UserError::SoldOut),
            Message::ErrorAdvice(UserError::SoldOut),
            false,
        ),
        State::Unconfirmed { .. } => (Message::NoAnswer, Message::NoAnswerBody, true),
        State::Browsing { .. } => return link_notice(context),
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

/// Names the promo code that was refused.
fn error_title(context: Context, error: UserError) -> Message {
    let refused = context.campaign.with(|state| state.refused.clone());
    match (error, refused) {
        (UserError::PromoRefused, Some(code)) => {
            Message::LinkNoticeTitle(Notice::PromoRefused(code))
        }
        (UserError::PromoExpired, Some(code)) => {
            Message::LinkNoticeTitle(Notice::PromoExpired(code))
        }
        (error, _) => Message::ErrorTitle(error),
    }
}

/// What a campaign address promised and the shop does not have, until the buyer has read it.
fn link_notice(context: Context) -> AnyView {
    let Some(notice) = context.campaign.with(|state| state.notice.clone()) else {
        return ().into_any();
    };
    let body = context.say(&Message::LinkNoticeBody(notice.clone()));
    let dismiss = move || {
        context.campaign.update(|state| state.notice = None);
        browser::after_render(Box::new(|| browser::focus_if_lost(PAY)));
    };
    view! {
        <Note title=context.say(&Message::LinkNoticeTitle(notice)) body=body.into_any()>
            <Action
                words=context.say(&Message::Understood)
                weight=Weight::Quiet
                busy=false
                on_press=UnsyncCallback::new(move |()| dismiss())
            />
        </Note>
    }
    .into_any()
}

/// Carries out a press of the pay button.
pub fn press_pay(context: Context) {
    let unanswered =
        (context.checkout).with_untracked(|state| matches!(state, State::Unconfirmed { .. }));
    if unanswered {
        context.send(Event::RetryTapped);
    } else {
        context.pay();
    }
}

/// The table of the order that was sent, else of the next one.
fn table(context: Context) -> AnyView {
    let sent = on_its_way(context, |order| order.table.clone());
    let table = sent.unwrap_or_else(|| context.campaign.with(|state| state.table.clone()));
    let words = table.map(|table| context.say(&Message::AtTable(table)));
    words.map_or_else(
        || ().into_any(),
        |words| view! { <p class="table">{words}</p> }.into_any(),
    )
}

/// What the promo code takes off, or from which total on.
fn promo(context: Context) -> AnyView {
    let Some(promo) = context.campaign.with(|state| state.promo.clone()) else {
        return ().into_any();
    };
    let cart = shown(context);
    let total = context.with_catalogue(|products| cart.total(products));
    let Some(discount) = promo.discount(total.unwrap_or_default()) else {
        let words = context.say(&Message::PromoFrom(promo.code, promo.min_total));
        return view! { <p class="promo">{words}</p> }.into_any();
    };
    view! {
        <p class="promo">
            <span>{context.say(&Message::Promo(promo.code))}</span>
            <span class="amount" lang="id">"−"{rupiah(discount)}</span>
        </p>
    }
    .into_any()
}

/// The order's lines, the name to call out, and the terms.
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
        <ul class="lines">{dyn_view(lines)}</ul>
        <NameCard context/>
        <p class="terms">{context.say(&Message::Terms)}</p>
    }
    .into_any()
}
