//! All of the buyer's orders, on one screen. PURE.
//!
//! Not here: an order itself. Whoever opens one from here looks it up at the merchant, who asks
//! GoPay about it then; what a list says of it may be some seconds old.

use super::{Command, Event, State};
use crate::route::Route;
use crate::text::Message;
use crate::trouble::Trouble;
use contract::Order;

/// The pause before the merchant is asked again, in seconds.
const PACE: u32 = 20;

/// The orders, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Listing {
    /// Newest first; `None` until the merchant has told them once.
    pub orders: Option<Vec<Order>>,
    /// Why the last question brought no answer.
    pub trouble: Option<Trouble>,
    /// Whether the buyer waits for an answer.
    pub asking: bool,
}

impl Listing {
    pub(super) fn open() -> (State, Vec<Command>) {
        let listing = Self {
            orders: None,
            trouble: None,
            asking: true,
        };
        listing.ask()
    }

    /// The merchant's list, as the first screen.
    pub(super) fn of(orders: Vec<Order>) -> (State, Vec<Command>) {
        let listing = Self {
            orders: None,
            trouble: None,
            asking: false,
        };
        listing.listed(orders)
    }

    pub(super) fn apply(mut self, event: Event) -> (State, Vec<Command>) {
        match event {
            Event::Listed(Ok(orders)) => self.listed(orders),
            Event::Listed(Err(trouble)) => self.unlisted(trouble),
            Event::RetryTapped => {
                self.asking = true;
                self.ask()
            }
            Event::OrdersTapped | Event::Woke => self.ask(),
            Event::OrderTapped(id) => super::visit(id),
            Event::ShopTapped => Self::leave(Some(Command::Show(Route::Shop))),
            Event::Opened(Route::Shop) => Self::leave(None),
            Event::Opened(Route::Order(id)) => super::look(id),
            Event::Opened(Route::NotFound) => (State::Missing, vec![Command::StopReading]),
            _ => (State::Listing(self), Vec::new()),
        }
    }

    fn listed(self, orders: Vec<Order>) -> (State, Vec<Command>) {
        let again = (orders.iter())
            .any(|order| order.status.is_open())
            .then_some(Command::List { after: PACE });
        let listing = Self {
            orders: Some(orders),
            trouble: None,
            asking: false,
        };
        (State::Listing(listing), again.into_iter().collect())
    }

    fn unlisted(self, trouble: Trouble) -> (State, Vec<Command>) {
        let mut commands = vec![Command::List { after: PACE }];
        if self.asking || self.trouble != Some(trouble) {
            commands.push(Command::Announce(Message::Happened(trouble)));
        }
        let listing = Self {
            // What is known is somebody else's now.
            orders: (self.orders).filter(|_| trouble != Trouble::AnotherBuyer),
            trouble: Some(trouble),
            asking: false,
        };
        (State::Listing(listing), commands)
    }

    fn ask(self) -> (State, Vec<Command>) {
        (State::Listing(self), vec![Command::List { after: 0 }])
    }

    fn leave(show: Option<Command>) -> (State, Vec<Command>) {
        let commands = [show, Some(Command::StopReading)];
        (
            super::browsing(None),
            commands.into_iter().flatten().collect(),
        )
    }
}
