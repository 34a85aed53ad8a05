//! Which analytics events GoPay is told, and when. PURE.
//!
//! Invariant: every field of [`AnalyticsEvent`] is a literal of this file, so no order, amount or buyer
//! gets into it. `track` adds a campaign's name, and what of its address the shop has. Invariant: a payment counts once, and only when the merchant has said that it is paid.

mod launched;
pub mod track;

pub use launched::Launched;

use crate::checkout::{Origin, PendingAction, State};
use crate::user_error::UserError;
use contract::{OrderId, OrderStatus};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The menu was opened by a campaign address.
    CampaignOpened,
    ShopViewed,
    PayClicked(Page),
    /// The merchant has the money for an order that was launched on this phone.
    PaymentCompleted,
    /// The payment ended without money.
    PaymentNotCompleted(Unpaid),
    ErrorShown(UserError),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Shop,
    Order,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unpaid {
    Cancelled,
    Failed,
    Expired,
}

/// An event in GoPay's words; see the rustdoc of `EventFields` in the container's crate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AnalyticsEvent {
    pub event_name: &'static str,
    pub user_action: Option<&'static str>,
    pub completed_action: Option<&'static str>,
    pub page_name: Option<&'static str>,
    pub component_id: Option<&'static str>,
    pub error_code: Option<&'static str>,
}

impl Event {
    pub fn to_analytics_event(self) -> AnalyticsEvent {
        let named = |event_name| AnalyticsEvent {
            event_name,
            ..AnalyticsEvent::default()
        };
        match self {
            Self::CampaignOpened => AnalyticsEvent {
                user_action: Some("viewed"),
                page_name: Some(Page::Shop.name()),
                ..named("campaign_opened")
            },
            Self::ShopViewed => AnalyticsEvent {
                user_action: Some("viewed"),
                page_name: Some(Page::Shop.name()),
                ..named("shop_viewed")
            },
            Self::PayClicked(page) => AnalyticsEvent {
                user_action: Some("clicked"),
                page_name: Some(page.name()),
                component_id: Some("pay"),
                ..named("pay_clicked")
            },
            Self::PaymentCompleted => AnalyticsEvent {
                completed_action: Some("payment"),
                page_name: Some(Page::Order.name()),
                ..named("payment_completed")
            },
            Self::PaymentNotCompleted(unpaid) => AnalyticsEvent {
                page_name: Some(Page::Order.name()),
                error_code: Some(unpaid.name()),
                ..named("payment_not_completed")
            },
            Self::ErrorShown(error) => AnalyticsEvent {
                error_code: Some(error.name()),
                ..named("error_shown")
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

/// The events of a transition of the checkout; `launched` are the orders launched on this phone.
pub fn events_of(launched: &mut Launched, before: &State, after: &State) -> Vec<Event> {
    let mut events = Vec::new();
    if is_shop(after) && !is_shop(before) {
        events.push(Event::ShopViewed);
    }
    events.extend(clicked(before, after).map(Event::PayClicked));
    if let State::Ordered(flow) = after {
        let order = &flow.snapshot.order;
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
    let known = shown_errors(before);
    events.extend(
        (shown_errors(after).into_iter().flatten())
            .filter(|error| !known.contains(&Some(*error)))
            .map(Event::ErrorShown),
    );
    events
}

fn not_paid(launched: &mut Launched, id: &OrderId, unpaid: Unpaid, events: &mut Vec<Event>) {
    if launched.give_up(id) {
        events.push(Event::PaymentNotCompleted(unpaid));
    }
}

fn is_shop(state: &State) -> bool {
    matches!(
        state,
        State::Browsing { .. }
            | State::Placing { .. }
            | State::Unconfirmed { .. }
            | State::Repricing { .. }
    )
}

fn is_launching(state: &State) -> bool {
    matches!(state, State::Ordered(flow) if flow.action == PendingAction::Launching)
}

/// Where the pay button was pressed, if it was. A retry of the same order is no new click.
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
            let asks = |action: &PendingAction| matches!(action, PendingAction::Renewing(_));
            (asks(&after.action) && !asks(&before.action)).then_some(Page::Order)
        }
        _ => None,
    }
}

fn shown_errors(state: &State) -> [Option<UserError>; 2] {
    match state {
        State::Browsing { notice, .. } => [*notice, None],
        State::Unconfirmed { error, .. } | State::LoadFailed { error, .. } => [Some(*error), None],
        State::Ordered(flow) => [flow.error(), flow.read_error],
        State::Listing(listing) => [listing.error, None],
        State::Starting
        | State::Placing { .. }
        | State::Repricing { .. }
        | State::LoadingOrder { .. }
        | State::NotFound => [None, None],
    }
}
