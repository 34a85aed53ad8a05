//! The transitions of the list of all orders. PURE.
//!
//! Not here: an order itself. Opening one reads it from the merchant, who asks GoPay then. The list may
//! be some seconds old.

use super::io::{Announcement, Command, Event};
use super::loading::{load_order, open_order};
use super::state::{Listing, State, browsing};
use crate::route::Route;
use crate::user_error::UserError;
use contract::Order;

/// The pause before the list is read again.
const POLL_SECONDS: u32 = 20;

impl Listing {
    pub(super) fn open() -> (State, Vec<Command>) {
        let listing = Self {
            orders: None,
            error: None,
            asking: true,
        };
        listing.ask()
    }

    /// The list as the first screen.
    pub(super) fn of(orders: Vec<Order>) -> (State, Vec<Command>) {
        let listing = Self {
            orders: None,
            error: None,
            asking: false,
        };
        listing.listed(orders)
    }

    pub(super) fn apply(mut self, event: Event) -> (State, Vec<Command>) {
        match event {
            Event::Listed(Ok(orders)) => self.listed(orders),
            Event::Listed(Err(error)) => self.read_failed(error),
            Event::RetryTapped => {
                self.asking = true;
                self.ask()
            }
            Event::OrdersTapped | Event::Resumed => self.ask(),
            Event::OrderTapped(id) => open_order(id),
            Event::ShopTapped => Self::leave(Some(Command::Navigate(Route::Shop))),
            Event::Opened(Route::Shop) => Self::leave(None),
            Event::Opened(Route::Order(id)) => load_order(id),
            Event::Opened(Route::NotFound) => (State::NotFound, vec![Command::StopReading]),
            _ => (State::Listing(self), Vec::new()),
        }
    }

    fn listed(self, orders: Vec<Order>) -> (State, Vec<Command>) {
        let again = (orders.iter())
            .any(|order| order.status.is_open())
            .then_some(Command::List {
                after: POLL_SECONDS,
            });
        let listing = Self {
            orders: Some(orders),
            error: None,
            asking: false,
        };
        (State::Listing(listing), again.into_iter().collect())
    }

    fn read_failed(self, error: UserError) -> (State, Vec<Command>) {
        let mut commands = vec![Command::List {
            after: POLL_SECONDS,
        }];
        if self.asking || self.error != Some(error) {
            commands.push(Command::Announce(Announcement::Failed(error)));
        }
        let listing = Self {
            // The known orders belong to the previous buyer.
            orders: (self.orders).filter(|_| error != UserError::AnotherBuyer),
            error: Some(error),
            asking: false,
        };
        (State::Listing(listing), commands)
    }

    fn ask(self) -> (State, Vec<Command>) {
        (State::Listing(self), vec![Command::List { after: 0 }])
    }

    fn leave(show: Option<Command>) -> (State, Vec<Command>) {
        let commands = [show, Some(Command::StopReading)];
        (browsing(None), commands.into_iter().flatten().collect())
    }
}

/// All orders, at their own address.
pub(super) fn open_orders() -> (State, Vec<Command>) {
    let (state, mut commands) = Listing::open();
    commands.push(Command::Navigate(Route::Orders));
    (state, commands)
}
