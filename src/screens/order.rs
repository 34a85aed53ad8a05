//! One order: on its way to GoPay, being checked, or what became of it.

use crate::browser::{self, storage};
use crate::checkout::{Event, Hint, Look, Ordered, State, Step};
use crate::components::{Action, Countdown, Heading, Mark, Note, Receipt, Tone, Weight, live};
use crate::context::Context;
use crate::text::{Menu, Message};
use contract::OrderStatus;
use leptos::prelude::*;

/// Built anew when the order shows another face; within one face only what moves, moves.
#[component]
pub fn OrderScreen(
    /// What every screen can reach.
    context: Context,
) -> impl IntoView {
    let face = Memo::new(move |_| {
        context.checkout.with(|state| match state {
            State::Ordered(ordered) => Some((ordered.look(), ordered.hint)),
            _ => None,
        })
    });
    live(move || {
        let ordered = with_ordered(context, Ordered::clone);
        face.get();
        ordered.map_or_else(|| ().into_any(), |ordered| show(context, ordered))
    })
}

fn show(context: Context, ordered: Ordered) -> AnyView {
    let look = ordered.look();
    let order = ordered.seen.order;
    // A buyer who comes back to an order that GoPay got may have paid it.
    let hint = ordered.hint.or_else(|| {
        let is_opened = storage::launched().has(&order.id);
        is_opened.then_some(Hint::Opened)
    });
    let code = order.pickup_code.clone();
    let status = match look {
        Look::Result(status) => Some(status),
        Look::TimeUp => Some(OrderStatus::AwaitingPayment),
        Look::Opening | Look::Verifying => None,
    };
    let (title, body) = match look {
        Look::Opening => (Message::OpeningGopay, Message::OpeningBody),
        Look::Verifying => (Message::VerifyingTitle, Message::VerifyingBody),
        Look::TimeUp => (Message::TimeUpTitle, Message::TimeUpBody),
        Look::Result(status) => (
            Message::Headline(status, hint),
            Message::Consequence(status, hint),
        ),
    };
    let tone = tone(look);
    // What was not refunded is still to be picked up.
    let owed = matches!(
        status,
        Some(OrderStatus::Paid | OrderStatus::PartiallyRefunded)
    ) || (status == Some(OrderStatus::Other) && code.is_some());
    let is_payable = look == Look::Result(OrderStatus::AwaitingPayment);
    let countdown = is_payable.then(|| countdown(context));
    view! {
        <main class="page order">
            <section
                class="verdict"
                data-tone=tone.name()
                data-testid=status.map(|_| "result")
                data-status=status.map(OrderStatus::name)
            >
                <Mark tone/>
                <Heading words=context.say(&title) takes_focus=super::takes_focus(context)/>
                <p>{context.say(&body)}</p>
                {countdown}
            </section>
            {owed.then(|| collect(context, code))}
            <Receipt
                order
                locale=context.locale.get_untracked()
                on_copy=UnsyncCallback::new(move |number| context.copy_number(number))
                on_share=owed.then(|| UnsyncCallback::new(move |text| context.share(text)))
            />
            <div class="actions">{actions(context, look, hint)}</div>
            <p class="contact">{context.say(&Message::Contact)}</p>
            {live(move || notes(context))}
        </main>
    }
    .into_any()
}

fn with_ordered<T>(context: Context, read: impl FnOnce(&Ordered) -> T) -> Option<T> {
    context.checkout.with_untracked(|state| match state {
        State::Ordered(ordered) => Some(read(ordered)),
        _ => None,
    })
}

fn countdown(context: Context) -> AnyView {
    let seen = Signal::derive(move || {
        context.checkout.with(|state| match state {
            State::Ordered(ordered) => Some(ordered.seen.clone()),
            _ => None,
        })
    });
    view! {
        <Countdown
            seen
            words=UnsyncCallback::new(move |message| context.say(&message))
            on_say=UnsyncCallback::new(move |message| context.announcement.set(Some(message)))
            on_end=UnsyncCallback::new(move |()| context.send(Event::Woke))
        />
    }
    .into_any()
}

/// How to get what was paid for.
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
            {live(move || match call.get() {
                Some(words) => view! { <p class="call">{words}</p> }.into_any(),
                None => ().into_any(),
            })}
        </div>
    }
}

/// What did not work a moment ago, beside what is known about the order. It may come by itself,
/// so it is last and lies at the screen's edge: nothing moves under a finger.
fn notes(context: Context) -> AnyView {
    let (trouble, body) = match &*context.checkout.read() {
        State::Ordered(ordered) => match (ordered.trouble(), ordered.lost) {
            (Some(trouble), _) => (trouble, context.say(&Message::Advice(trouble)).into_any()),
            (None, Some(lost)) => (
                lost,
                super::others::last_known(context, ordered.seen.order.as_of),
            ),
            (None, None) => return ().into_any(),
        },
        _ => return ().into_any(),
    };
    view! { <Note title=context.say(&Message::Happened(trouble)) body/> }.into_any()
}

/// The buttons under the order, the main one first.
fn actions(context: Context, look: Look, hint: Option<Hint>) -> impl IntoView {
    let step = Memo::new(move |_| {
        context.checkout.with(|state| match state {
            State::Ordered(ordered) => Some(ordered.step.clone()),
            _ => None,
        })
    });
    let busy = Signal::derive(move || step.with(|step| step.as_ref().is_some_and(Step::is_busy)));
    ways_on(look, hint)
        .iter()
        .map(|(message, weight, event)| {
            let words = Signal::derive(move || {
                let working = step.with(|step| works_on(step.as_ref(), message));
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

/// Whether the button with this label is the one that is being carried out.
fn works_on(step: Option<&Step>, label: &Message) -> bool {
    match label {
        Message::CheckAgain => matches!(step, Some(Step::Asking)),
        Message::CancelOrder => matches!(step, Some(Step::CallingOff)),
        Message::ContinuePayment | Message::PayAgain => {
            matches!(step, Some(Step::Renewing(_) | Step::Launching))
        }
        _ => false,
    }
}

type WayOn = (Message, Weight, fn() -> Event);

fn ways_on(look: Look, hint: Option<Hint>) -> &'static [WayOn] {
    use OrderStatus as Status;
    const PAY: fn() -> Event = || Event::ContinueTapped(browser::new_key());
    const CHECK: fn() -> Event = || Event::CheckTapped;
    const CANCEL: fn() -> Event = || Event::CancelTapped;
    const LEAVE: fn() -> Event = || Event::ShopTapped;
    const AGAIN: fn() -> Event = || Event::AgainTapped;
    const ORDERS: fn() -> Event = || Event::OrdersTapped;
    match look {
        Look::Opening => &[],
        Look::Verifying => &[(Message::BackToShop, Weight::Quiet, LEAVE)],
        Look::Result(Status::AwaitingPayment) if hint == Some(Hint::Underway) => &[
            (Message::CheckAgain, Weight::Main, CHECK),
            (Message::ContinuePayment, Weight::Side, PAY),
            (Message::CancelOrder, Weight::Quiet, CANCEL),
        ],
        Look::Result(Status::AwaitingPayment) => &[
            (Message::ContinuePayment, Weight::Main, PAY),
            (Message::CheckAgain, Weight::Side, CHECK),
            (Message::CancelOrder, Weight::Quiet, CANCEL),
        ],
        Look::TimeUp => &[
            (Message::CheckAgain, Weight::Main, CHECK),
            (Message::BackToShop, Weight::Side, LEAVE),
            (Message::CancelOrder, Weight::Quiet, CANCEL),
        ],
        Look::Result(Status::Checking | Status::Other) => &[
            (Message::CheckAgain, Weight::Main, CHECK),
            (Message::BackToShop, Weight::Quiet, LEAVE),
        ],
        Look::Result(Status::Cancelled) => &[(Message::OrderAgain, Weight::Main, AGAIN)],
        Look::Result(Status::Failed | Status::Expired) => &[
            (Message::PayAgain, Weight::Main, PAY),
            (Message::BackToShop, Weight::Quiet, LEAVE),
        ],
        Look::Result(
            Status::Paid | Status::PartiallyRefunded | Status::Refunded | Status::Review,
        ) => &[
            (Message::BackToShop, Weight::Side, LEAVE),
            (Message::MyOrders, Weight::Quiet, ORDERS),
        ],
    }
}

fn tone(look: Look) -> Tone {
    match look {
        Look::Opening | Look::Verifying => Tone::Moving,
        Look::TimeUp => Tone::Waiting,
        Look::Result(status) => Tone::of(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use OrderStatus as Status;

    /// I-44: but for GoPay's opening, which ends by itself.
    #[test]
    fn every_face_of_an_order_offers_a_way_on() {
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
        let looks = results.into_iter().map(Look::Result);
        for look in looks.chain([Look::Verifying, Look::Opening, Look::TimeUp]) {
            for hint in [None, Some(Hint::Underway), Some(Hint::Unpaid)] {
                let mains = (ways_on(look, hint).iter())
                    .filter(|(_, weight, _)| matches!(weight, Weight::Main));
                assert!(mains.count() <= 1, "{look:?}");
                let leads_on = !ways_on(look, hint).is_empty();
                assert_eq!(leads_on, look != Look::Opening, "{look:?}");
            }
        }
    }
}
