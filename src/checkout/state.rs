//! The states of the checkout. PURE.

use super::attempt::Attempt;
use super::order::{OrderFlow, OrderView};
use crate::user_error::UserError;
use contract::{Order, OrderId};
use std::mem::{Discriminant, discriminant};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum State {
    Starting,
    Browsing {
        notice: Option<UserError>,
    },
    Placing {
        attempt: Attempt,
        origin: Origin,
        sending: Sending,
    },
    /// The merchant may or may not have the order.
    Unconfirmed {
        /// Repeated unchanged, if at all.
        attempt: Attempt,
        error: UserError,
    },
    Repricing {
        /// Why the old prices are rejected.
        error: UserError,
    },
    /// The order in the address is loading.
    LoadingOrder {
        id: OrderId,
    },
    LoadFailed {
        id: OrderId,
        error: UserError,
    },
    Ordered(Box<OrderFlow>),
    Listing(Listing),
    /// The address has no page for this buyer.
    NotFound,
}

impl State {
    /// The menu, with no notice above the pay button.
    pub fn menu() -> Self {
        browsing(None)
    }

    /// Equal for states that share a screen.
    pub fn screen_key(&self) -> (Discriminant<Self>, Option<OrderView>) {
        let view = match self {
            Self::Ordered(flow) => Some(flow.view()),
            _ => None,
        };
        (discriminant(self), view)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The buyer has tapped: GoPay opens once the order is placed.
    Tap,
    /// An earlier run of the app left the attempt: the order is shown, and GoPay does not open.
    Storage,
}

/// How often the request was sent since the tap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sending {
    First,
    /// Repeated automatically, after no answer.
    Second,
    /// Repeated automatically, after so many answers that the request is under way.
    UnderWay(u8),
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Listing {
    /// Newest first; `None` before the first answer.
    pub orders: Option<Vec<Order>>,
    pub error: Option<UserError>,
    /// Whether the buyer waits for the read.
    pub asking: bool,
}

pub(super) fn browsing(notice: Option<UserError>) -> State {
    State::Browsing { notice }
}
