//! How many of those who see the shop pay, and where the others leave: what GoPay's analytics
//! is told, and when. PURE.
//!
//! Invariant: what can be told is [`Tale`], words that were written here; there is no field that
//! an order, an amount or a buyer could get into. Invariant: a payment counts once, and only
//! when the merchant has said that it is paid.

mod launched;
pub mod tell;

pub use launched::Launched;

use crate::checkout::{Origin, State, Step};
use crate::trouble::Trouble;
use contract::OrderStatus;

/// Something that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The shop came onto the screen.
    ShopViewed,
    /// The buyer asked to pay, here.
    PayClicked(Page),
    /// The merchant has the money for an order that was handed to GoPay on this phone.
    PaymentCompleted,
    /// The merchant will not get it, unless the buyer tries again.
    PaymentNotCompleted(Unpaid),
    /// The buyer was told of this.
    ErrorShown(Trouble),
}

/// Where in the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The menu.
    Shop,
    /// An order.
    Order,
}

/// Why there is no payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpaid {
    /// It was called off.
    Cancelled,
    /// GoPay could not take it.
    Failed,
    /// Nobody paid in time.
    Expired,
}

/// All that is told about an event, in GoPay's words for it; see the rustdoc of
/// `EventFields` in the container's crate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tale {
    /// The event's name.
    pub event_name: &'static str,
    /// `viewed` or `clicked`.
    pub user_action: Option<&'static str>,
    /// What was completed.
    pub completed_action: Option<&'static str>,
    /// Where.
    pub page_name: Option<&'static str>,
    /// What was clicked.
    pub component_id: Option<&'static str>,
    /// What went wrong.
    pub error_code: Option<&'static str>,
}

impl Event {
    /// How it is told.
    pub fn tale(self) -> Tale {
        let tale = |event_name| Tale {
            event_name,
            ..Tale::default()
        };
        match self {
            Self::ShopViewed => Tale {
                user_action: Some("viewed"),
                page_name: Some(Page::Shop.name()),
                ..tale("shop_viewed")
            },
            Self::PayClicked(page) => Tale {
                user_action: Some("clicked"),
                page_name: Some(page.name()),
                component_id: Some("pay"),
                ..tale("pay_clicked")
            },
            Self::PaymentCompleted => Tale {
                completed_action: Some("payment"),
                page_name: Some(Page::Order.name()),
                ..tale("payment_completed")
            },
            Self::PaymentNotCompleted(unpaid) => Tale {
                page_name: Some(Page::Order.name()),
                error_code: Some(unpaid.name()),
                ..tale("payment_not_completed")
            },
            Self::ErrorShown(trouble) => Tale {
                error_code: Some(trouble.name()),
                ..tale("error_shown")
            },
        }
    }
}

impl Page {
    fn name(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Order => "order",
        }
    }
}

impl Unpaid {
    fn name(self) -> &'static str {
        match self {
            Self::Cancelled => OrderStatus::Cancelled.name(),
            Self::Failed => OrderStatus::Failed.name(),
            Self::Expired => OrderStatus::Expired.name(),
        }
    }
}

/// What follows from a change of the checkout; `launched` is what this phone remembers of the
/// orders it handed to GoPay.
pub fn follow(launched: &mut Launched, before: &State, after: &State) -> Vec<Event> {
    let mut events = Vec::new();
    if is_shop(after) && !is_shop(before) {
        events.push(Event::ShopViewed);
    }
    events.extend(clicked(before, after).map(Event::PayClicked));
    if let State::Ordered(ordered) = after {
        let order = &ordered.seen.order;
        if is_launching(after) && !is_launching(before) {
            launched.add(&order.id);
        }
        match order.status {
            OrderStatus::Paid if launched.take(&order.id) => events.push(Event::PaymentCompleted),
            OrderStatus::Cancelled => not_paid(launched, &order.id, Unpaid::Cancelled, &mut events),
            OrderStatus::Failed => not_paid(launched, &order.id, Unpaid::Failed, &mut events),
            OrderStatus::Expired => not_paid(launched, &order.id, Unpaid::Expired, &mut events),
            _ => {}
        }
    }
    let known = troubles(before);
    events.extend(
        (troubles(after).into_iter().flatten())
            .filter(|trouble| !known.contains(&Some(*trouble)))
            .map(Event::ErrorShown),
    );
    events
}

fn not_paid(launched: &mut Launched, id: &str, unpaid: Unpaid, events: &mut Vec<Event>) {
    if launched.give_up(id) {
        events.push(Event::PaymentNotCompleted(unpaid));
    }
}

fn is_shop(state: &State) -> bool {
    matches!(
        state,
        State::Browsing { .. }
            | State::Placing { .. }
            | State::Unanswered { .. }
            | State::Repricing { .. }
    )
}

fn is_launching(state: &State) -> bool {
    matches!(state, State::Ordered(ordered) if ordered.step == Step::Launching)
}

/// Where the pay button was pressed, if it was. Sending the same order once more is no new
/// wish to pay.
fn clicked(before: &State, after: &State) -> Option<Page> {
    match (before, after) {
        (
            State::Browsing { .. },
            State::Placing {
                origin: Origin::Tap,
                ..
            },
        ) => Some(Page::Shop),
        (State::Ordered(before), State::Ordered(after)) => {
            let asks = |step: &Step| matches!(step, Step::Renewing(_));
            (asks(&after.step) && !asks(&before.step)).then_some(Page::Order)
        }
        _ => None,
    }
}

/// What the screen says has gone wrong.
fn troubles(state: &State) -> [Option<Trouble>; 2] {
    match state {
        State::Browsing { notice, .. } => [*notice, None],
        State::Unanswered { trouble, .. } | State::Lost { trouble, .. } => [Some(*trouble), None],
        State::Ordered(ordered) => [ordered.trouble(), ordered.lost],
        State::Listing(listing) => [listing.trouble, None],
        State::Starting
        | State::Placing { .. }
        | State::Repricing { .. }
        | State::Looking { .. }
        | State::Missing => [None, None],
    }
}
