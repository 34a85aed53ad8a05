//! One order: opening GoPay, being verified, or its outcome.

use crate::browser::{self, storage};
use crate::checkout::{Event, Hint, OrderFlow, OrderView, PendingAction, State};
use crate::components::{
    Action, Countdown, Heading, Note, Receipt, StatusIcon, Tone, Weight, dyn_view, rewards,
};
use crate::context::Context;
use crate::text::{Menu, Message};
use contract::OrderStatus;
use leptos::prelude::*;

/// Rebuilt when the order's view changes; within a view only the moving parts change.
#[component]
pub fn OrderScreen(context: Context) -> impl IntoView {
    let view = Memo::new(move |_| {
        context.checkout.with(|state| match state {
            State::Ordered(flow) => Some((flow.view(), flow.hint)),
            _ => None,
        })
    });
    dyn_view(move || {
        let flow = with_ordered(context, OrderFlow::clone);
        view.get();
        flow.map_or_else(|| ().into_any(), |flow| show(context, flow))
    })
}

fn show(context: Context, flow: OrderFlow) -> AnyView {
    let view = flow.view();
    let order = flow.snapshot.order;
    // A launched order may have been paid meanwhile.
    let hint = flow.hint.or_else(|| {
        let is_opened = storage::launched().has(&order.id);
        is_opened.then_some(Hint::Opened)
    });
    let code = order.pickup_code.clone();
    let status = match view {
        OrderView::Result(status) => Some(status),
        OrderView::TimeUp => Some(OrderStatus::AwaitingPayment),
        OrderView::Opening | OrderView::Verifying => None,
    };
    let (title, body) = match view {
        OrderView::Opening => (Message::OpeningGopay, Message::OpeningBody),
        OrderView::Verifying => (Message::VerifyingTitle, Message::VerifyingBody),
        OrderView::TimeUp => (Message::TimeUpTitle, Message::TimeUpBody),
        OrderView::Result(status) => (
            Message::Headline(status, hint),
            Message::Consequence(status, hint),
        ),
    };
    let tone = tone(view);
    // The part that was not refunded is still to be picked up.
    let owed = matches!(
        status,
        Some(OrderStatus::Paid | OrderStatus::PartiallyRefunded)
    ) || (status == Some(OrderStatus::Other) && code.is_some());
    let is_payable = view == OrderView::Result(OrderStatus::AwaitingPayment);
    let countdown = is_payable.then(|| countdown(context));
    view! {
        <main class="page order">
            <section
                class="verdict"
                data-tone=tone.name()
                data-testid=status.map(|_| "result")
                data-status=status.map(OrderStatus::name)
            >
                <StatusIcon tone/>
                <Heading words=context.say(&title) takes_focus=context.takes_focus()/>
                <p>{context.say(&body)}</p>
                {countdown}
            </section>
            {owed.then(|| collect(context, code))}
            <Receipt
                order
                locale=context.locale.get_untracked()
                on_copy=UnsyncCallback::new(move |number| context.copy_number(number))
                on_share=owed.then(|| UnsyncCallback::new(move |text| context.share(text)))
                rewards=dyn_view(move || rewards_of_order(context)).into_any()
            />
            <div class="actions">{actions(context, view, hint)}</div>
            <p class="contact">{context.say(&Message::Contact)}</p>
            {dyn_view(move || notes(context))}
        </main>
    }
    .into_any()
}

fn with_ordered<T>(context: Context, read: impl FnOnce(&OrderFlow) -> T) -> Option<T> {
    context.checkout.with_untracked(|state| match state {
        State::Ordered(flow) => Some(read(flow)),
        _ => None,
    })
}

fn rewards_of_order(context: Context) -> AnyView {
    context.checkout.with(|state| match state {
        State::Ordered(flow) => {
            rewards(&flow.snapshot.order.rewards, context.locale.get_untracked())
        }
        _ => ().into_any(),
    })
}

fn countdown(context: Context) -> AnyView {
    let snapshot = Signal::derive(move || {
        context.checkout.with(|state| match state {
            State::Ordered(flow) => Some(flow.snapshot.clone()),
            _ => None,
        })
    });
    view! {
        <Countdown
            snapshot
            words=UnsyncCallback::new(move |message| context.say(&message))
            on_say=UnsyncCallback::new(move |message| context.announcement.set(Some(message)))
            on_end=UnsyncCallback::new(move |()| context.send(Event::Resumed))
        />
    }
    .into_any()
}

fn collect(context: Context, code: Option<String>) -> impl IntoView {
    let call = Signal::derive(move || {
        let name = (context.session).with(|session| session.name().map(str::to_owned));
        name.map(|name| context.say(&Message::WillCall(name)))
    });
    view! {
        <div class="collect">
            <p>{context.say(&Message::ShowAtCounter)}</p>
            {code.map(|code| view! {
                <p class="code">
                    <span>{context.say(&Message::PickupCode)}</span>
                    <strong>{code}</strong>
                </p>
            })}
            {dyn_view(move || match call.get() {
                Some(words) => view! { <p class="call">{words}</p> }.into_any(),
                None => ().into_any(),
            })}
        </div>
    }
}

/// The last error, beside the order. It may appear at any time, so it comes last, at the screen's
/// edge: nothing shifts under a finger.
fn notes(context: Context) -> AnyView {
    let (error, body) = match &*context.checkout.read() {
        State::Ordered(flow) => match (flow.error(), flow.read_error) {
            (Some(error), _) => (error, context.say(&Message::ErrorAdvice(error)).into_any()),
            (None, Some(lost)) => (
                lost,
                super::labels::last_known(context, flow.snapshot.order.as_of),
            ),
            (None, None) => return ().into_any(),
        },
        _ => return ().into_any(),
    };
    view! { <Note title=context.say(&Message::ErrorTitle(error)) body/> }.into_any()
}

/// The buttons under the order, the main one first.
fn actions(context: Context, view: OrderView, hint: Option<Hint>) -> impl IntoView {
    let action = Memo::new(move |_| {
        context.checkout.with(|state| match state {
            State::Ordered(flow) => Some(flow.action.clone()),
            _ => None,
        })
    });
    let busy = Signal::derive(move || {
        action.with(|action| action.as_ref().is_some_and(PendingAction::is_busy))
    });
    ways_on(view, hint)
        .iter()
        .map(|(message, weight, event)| {
            let words = Signal::derive(move || {
                let working = action.with(|action| works_on(action.as_ref(), message));
                context.say(if working {
                    &Message::Menu(Menu::OneMoment)
                } else {
                    message
                })
            });
            let on_press = UnsyncCallback::new(move |()| context.send(event()));
            view! { <Action words weight=*weight busy on_press/> }
        })
        .collect_view()
}

/// Whether this button's action is under way.
fn works_on(action: Option<&PendingAction>, label: &Message) -> bool {
    match label {
        Message::CheckAgain => matches!(action, Some(PendingAction::Checking)),
        Message::CancelOrder => matches!(action, Some(PendingAction::Cancelling)),
        Message::ContinuePayment | Message::PayAgain => {
            matches!(
                action,
                Some(PendingAction::Renewing(_) | PendingAction::Launching)
            )
        }
        _ => false,
    }
}

type WayOn = (Message, Weight, fn() -> Event);

fn ways_on(view: OrderView, hint: Option<Hint>) -> &'static [WayOn] {
    use OrderStatus as Status;
    const PAY: fn() -> Event = || Event::ContinueTapped(browser::new_key());
    const CHECK: fn() -> Event = || Event::CheckTapped;
    const CANCEL: fn() -> Event = || Event::CancelTapped;
    const LEAVE: fn() -> Event = || Event::ShopTapped;
    const AGAIN: fn() -> Event = || Event::ReorderTapped;
    const ORDERS: fn() -> Event = || Event::OrdersTapped;
    match view {
        OrderView::Opening => &[],
        OrderView::Verifying => &[(Message::BackToShop, Weight::Quiet, LEAVE)],
        OrderView::Result(Status::AwaitingPayment) if hint == Some(Hint::Underway) => &[
            (Message::CheckAgain, Weight::Main, CHECK),
            (Message::ContinuePayment, Weight::Side, PAY),
            (Message::CancelOrder, Weight::Quiet, CANCEL),
        ],
        OrderView::Result(Status::AwaitingPayment) => &[
            (Message::ContinuePayment, Weight::Main, PAY),
            (Message::CheckAgain, Weight::Side, CHECK),
            (Message::CancelOrder, Weight::Quiet, CANCEL),
        ],
        OrderView::TimeUp => &[
            (Message::CheckAgain, Weight::Main, CHECK),
            (Message::BackToShop, Weight::Side, LEAVE),
            (Message::CancelOrder, Weight::Quiet, CANCEL),
        ],
        OrderView::Result(Status::Checking | Status::Other) => &[
            (Message::CheckAgain, Weight::Main, CHECK),
            (Message::BackToShop, Weight::Quiet, LEAVE),
        ],
        OrderView::Result(Status::Cancelled) => &[(Message::OrderAgain, Weight::Main, AGAIN)],
        OrderView::Result(Status::Failed | Status::Expired) => &[
            (Message::PayAgain, Weight::Main, PAY),
            (Message::BackToShop, Weight::Quiet, LEAVE),
        ],
        OrderView::Result(
            Status::Paid | Status::PartiallyRefunded | Status::Refunded | Status::Review,
        ) => &[
            (Message::BackToShop, Weight::Side, LEAVE),
            (Message::MyOrders, Weight::Quiet, ORDERS),
        ],
    }
}

fn tone(view: OrderView) -> Tone {
    match view {
        OrderView::Opening | OrderView::Verifying => Tone::Moving,
        OrderView::TimeUp => Tone::Waiting,
        OrderView::Result(status) => Tone::of(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OrderStatus as Status;

    /// I-44: all but the opening of GoPay, which ends by itself.
    #[test]
    fn every_view_of_an_order_offers_a_next_action() {
        let results = [
            Status::AwaitingPayment,
            Status::Checking,
            Status::Paid,
            Status::Cancelled,
            Status::Failed,
            Status::Expired,
            Status::PartiallyRefunded,
            Status::Refunded,
            Status::Review,
            Status::Other,
        ];
        let views = results.into_iter().map(OrderView::Result);
        for view in views.chain([OrderView::Verifying, OrderView::Opening, OrderView::TimeUp]) {
            for hint in [None, Some(Hint::Underway), Some(Hint::Unpaid)] {
                let mains = (ways_on(view, hint).iter())
                    .filter(|(_, weight, _)| matches!(weight, Weight::Main));
                assert!(mains.count() <= 1, "{view:?}");
                let leads_on = !ways_on(view, hint).is_empty();
                assert_eq!(leads_on, view != OrderView::Opening, "{view:?}");
            }
        }
    }
}
