//! The way from a filled cart to a settled order, as one state machine. PURE: events in,
//! the next state and commands out; `run` carries the commands out.
//!
//! ```text
//! Starting ─▶ Browsing ─pay▶ Placing ─answer▶ Ordered ─shop▶ Browsing
//!                 ▲            │  └─no answer, twice▶ Unanswered ─again▶ Placing
//!                 └─Repricing ◀┘ prices changed
//! Starting or a link ─▶ Looking ─▶ Ordered | Missing | Lost ─again▶ Looking
//! anywhere but on the way to an answer ─orders▶ Listing ─an order▶ Looking
//! ```
//!
//! Invariant: only the merchant's answer can show an order as paid; what GoPay's container
//! says is a [`Hint`] that picks words. Invariant: one attempt has one key, and while its
//! request is under way no second one is sent. An event that the state does not expect is
//! late or doubled, and changes nothing.

mod attempt;
mod listing;
mod ordered;
pub mod run;

pub use attempt::{Attempt, Key};
pub use listing::Listing;
pub use ordered::{Hint, Look, Ordered, Seen, Step};

use crate::route::Route;
use crate::text::{Menu, Message};
use crate::trouble::Trouble;
use contract::{Line, OpenOrder, Order};
use std::mem::{Discriminant, discriminant};

/// Where the buyer is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum State {
    /// Nobody is signed in yet.
    Starting,
    /// The buyer picks.
    Browsing {
        /// Why the last attempt came to nothing.
        notice: Option<Trouble>,
    },
    /// The order is on its way to the merchant.
    Placing {
        /// What is being sent.
        attempt: Attempt,
        /// Who asked for it.
        origin: Origin,
        /// Which sending this is.
        sending: Sending,
    },
    /// Nobody knows whether the merchant has the order.
    Unanswered {
        /// To be sent again exactly so.
        attempt: Attempt,
        /// Why there is no answer.
        trouble: Trouble,
    },
    /// New prices are on their way.
    Repricing {
        /// Why the old ones will not do.
        trouble: Trouble,
    },
    /// The order in the address is on its way from the merchant.
    Looking {
        /// Its id.
        id: String,
    },
    /// The order in the address could not be read.
    Lost {
        /// Its id.
        id: String,
        /// Why not.
        trouble: Trouble,
    },
    /// The merchant has the order.
    Ordered(Box<Ordered>),
    /// All orders of the buyer.
    Listing(Listing),
    /// There is nothing at this address for this buyer.
    Missing,
}

impl State {
    /// The menu, with no notice above the pay button.
    pub fn menu() -> Self {
        browsing(None)
    }

    /// Equal for two states between which the buyer's screen stays what it is.
    pub fn face(&self) -> (Discriminant<Self>, Option<Look>) {
        let look = match self {
            Self::Ordered(ordered) => Some(ordered.look()),
            _ => None,
        };
        (discriminant(self), look)
    }
}

/// Who asked for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The buyer, just now: GoPay opens as soon as the order is there.
    Tap,
    /// An earlier run of the app that did not live to see the answer: the order is
    /// shown, and the buyer decides about paying.
    Storage,
}

/// How often a request has been sent since the buyer asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sending {
    /// Once.
    First,
    /// Once more, by itself, after no answer.
    Second,
    /// Once more, by itself, because so many times the merchant was still at it.
    UnderWay(u8),
}

/// Pauses before a request is sent again that the merchant is still answering, in seconds. The
/// merchant asks GoPay for 20 s at most.
const UNDER_WAY_PACE: [u32; 4] = [2, 3, 5, 10];

/// The order that the menu reminds of, once this is on the screen: the newest that is known to wait
/// for its payment.
pub fn reminder(before: Option<OpenOrder>, state: &State) -> Option<OpenOrder> {
    match state {
        State::Ordered(ordered) => {
            let order = &ordered.seen.order;
            (order.open()).or_else(|| before.filter(|reminder| reminder.id != order.id))
        }
        State::Listing(Listing {
            orders: Some(orders),
            ..
        }) => orders.iter().find_map(Order::open),
        _ => before,
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The buyer is signed in.
    Started {
        /// Where the app was opened.
        route: Route,
        /// What an earlier run left unfinished.
        attempt: Option<Attempt>,
    },
    /// The browser's history brought another address.
    Opened(Route),
    /// The buyer asked to pay what is in the cart.
    PayTapped(Attempt),
    /// The same, but the phone knows why nothing can be sent now.
    PayRefused(Trouble),
    /// The buyer asked to try again.
    RetryTapped,
    /// The buyer would rather change the order than wait for an answer.
    ChangeTapped,
    /// The merchant's answer to an order, or why there is none.
    Placed(Result<Seen, Trouble>),
    /// New prices are here, or why not.
    Repriced(Result<(), Trouble>),
    /// The merchant's word on an order, or why there is none.
    Read {
        /// The order asked for.
        id: String,
        /// What came.
        answer: Result<Seen, Trouble>,
    },
    /// GoPay's container answered a launch.
    Hinted {
        /// Which one.
        launch: Key,
        /// What it said.
        hint: Result<Hint, Trouble>,
    },
    /// All orders of the buyer, newest first, or why there is no answer.
    Listed(Result<Vec<Order>, Trouble>),
    /// The page is in front of the buyer again, or online again, or the time to pay ran out.
    Woke,
    /// The buyer asked to go on paying; the key is for the case that it takes a new payment.
    ContinueTapped(Key),
    /// The merchant's answer to that.
    Renewed {
        /// Of the request.
        key: Key,
        /// What came.
        answer: Result<Seen, Trouble>,
    },
    /// The buyer asked for the latest.
    CheckTapped,
    /// The buyer called the order off.
    CancelTapped,
    /// The merchant's answer to that.
    CalledOff {
        /// The order called off.
        id: String,
        /// What came.
        answer: Result<Seen, Trouble>,
    },
    /// The buyer asked for the shop.
    ShopTapped,
    /// The buyer asked for the shop with the same things picked.
    AgainTapped,
    /// The buyer asked for all of their orders.
    OrdersTapped,
    /// The buyer asked for one of them, or for the one that waits for its payment, by its id.
    OrderTapped(String),
}

/// What is to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Keep the attempt where a killed app finds it again.
    Remember(Attempt),
    /// The attempt is answered for.
    Forget,
    /// Send the order, answered by [`Event::Placed`].
    Place {
        /// The order and its key.
        attempt: Attempt,
        /// How long to wait first, in seconds.
        after: u32,
    },
    /// Fetch the prices, answered by [`Event::Repriced`].
    Reprice,
    /// Fetch what the menu shows, without an answer: the buyer may have looked away for hours.
    Refresh,
    /// Put these into the cart instead of what is in it.
    FillCart(Vec<Line>),
    /// Write the route into the address bar.
    Show(Route),
    /// Hand the deeplink to GoPay, answered by [`Event::Hinted`], or never.
    Launch {
        /// Checked to be a GoPay payment.
        deeplink: String,
        /// Of the request that brought the payment; comes back with the hint.
        launch: Key,
    },
    /// Ask for the order, instead of what was asked or planned before; answered by [`Event::Read`].
    Read {
        /// Its id.
        id: String,
        /// How long to wait first, in seconds.
        after: u32,
    },
    /// Ask for the buyer's orders, instead of what was asked or planned before; answered by
    /// [`Event::Listed`].
    List {
        /// How long to wait first, in seconds.
        after: u32,
    },
    /// Drop what was asked or planned.
    StopReading,
    /// Ask for a payment of the order, answered by [`Event::Renewed`].
    Renew {
        /// The order's id.
        id: String,
        /// Of this request.
        key: Key,
        /// How long to wait first, in seconds.
        after: u32,
    },
    /// Call the order off, answered by [`Event::CalledOff`].
    CallOff {
        /// The order's id.
        id: String,
    },
    /// Tell those who do not see the screen.
    Announce(Message),
}

/// The one transition function.
pub fn apply(state: State, event: Event) -> (State, Vec<Command>) {
    match (state, event) {
        // An order that was shown before anybody was signed in is another buyer's, or may be.
        (
            State::Starting
            | State::Looking { .. }
            | State::Lost { .. }
            | State::Ordered(_)
            | State::Listing(_)
            | State::Missing,
            Event::Started { route, attempt },
        ) => start(route, attempt),
        // With the session that was on the phone, while signing in is still under way.
        (
            State::Starting,
            Event::Read {
                answer: Ok(seen), ..
            },
        ) => Ordered::opened(seen).follow(),
        (State::Starting, Event::Listed(Ok(orders))) => Listing::of(orders),
        (State::Starting, Event::OrdersTapped) => list(),

        (State::Browsing { .. }, Event::PayTapped(attempt)) if !attempt.order.lines.is_empty() => {
            place(attempt, Origin::Tap)
        }
        (State::Browsing { .. }, Event::OrderTapped(id)) => visit(id),
        (State::Browsing { .. }, Event::PayRefused(trouble)) => (
            browsing(Some(trouble)),
            vec![Command::Announce(Message::Happened(trouble))],
        ),
        (State::Browsing { notice }, Event::Woke) => (
            browsing(notice.filter(|trouble| *trouble != Trouble::Offline)),
            vec![Command::Refresh],
        ),

        (
            State::Placing {
                attempt, origin, ..
            },
            Event::Placed(Ok(seen)),
        ) => placed(attempt.key, origin, seen),
        (
            State::Placing {
                attempt,
                origin,
                sending,
            },
            Event::Placed(Err(trouble)),
        ) => not_placed(attempt, origin, sending, trouble),
        // The order goes on its way whatever the address says meanwhile; its answer
        // writes the address anew.
        (state @ (State::Placing { .. } | State::Repricing { .. }), Event::Opened(_)) => {
            (state, Vec::new())
        }

        (State::Unanswered { attempt, .. }, Event::RetryTapped) => place(attempt, Origin::Tap),
        // As after a kill: the buyer may have given up waiting, so GoPay is not opened.
        (State::Unanswered { attempt, .. }, Event::Woke) => place(attempt, Origin::Storage),
        // This is the shop already; its attempt is let go by the buyer only.
        (state @ State::Unanswered { .. }, Event::Opened(Route::Shop)) => (state, Vec::new()),
        // Not forgotten, for the merchant may have the order: what is paid next replaces it.
        (State::Unanswered { .. }, Event::ChangeTapped) => (browsing(None), Vec::new()),

        (State::Repricing { trouble }, Event::Repriced(Ok(()))) => (
            browsing(Some(trouble)),
            vec![Command::Announce(Message::Happened(trouble))],
        ),
        (State::Repricing { .. }, Event::Repriced(Err(Trouble::AnotherBuyer))) => (
            browsing(Some(Trouble::AnotherBuyer)),
            vec![Command::Announce(Message::Happened(Trouble::AnotherBuyer))],
        ),
        // What stands in the way of paying is still that; the menu is asked for without a session.
        (State::Repricing { trouble }, Event::Repriced(Err(_))) => (
            browsing(Some(trouble)),
            vec![
                Command::Announce(Message::Happened(trouble)),
                Command::Refresh,
            ],
        ),

        (State::Looking { id }, Event::Read { id: read, answer }) if id == read => match answer {
            Ok(seen) => Ordered::opened(seen).follow(),
            Err(Trouble::NotFound) => (State::Missing, Vec::new()),
            Err(trouble) => (State::Lost { id, trouble }, Vec::new()),
        },
        (State::Lost { id, .. }, Event::RetryTapped | Event::Woke) => look(id),
        // While nobody saw the page, nobody was asked.
        (State::Looking { id }, Event::Woke) => look(id),

        (State::Looking { .. } | State::Lost { .. } | State::Missing, Event::ShopTapped) => {
            (browsing(None), vec![Command::Show(Route::Shop)])
        }
        (
            State::Browsing { .. } | State::Looking { .. } | State::Lost { .. } | State::Missing,
            Event::OrdersTapped,
        ) => list(),
        (State::Ordered(ordered), event) => ordered.apply(event),
        (State::Listing(listing), event) => listing.apply(event),
        (state, Event::Opened(route)) => open(state, route),

        (state, _) => (state, Vec::new()),
    }
}

fn start(route: Route, attempt: Option<Attempt>) -> (State, Vec<Command>) {
    match (route, attempt) {
        (Route::Order(id), _) => look(id),
        (Route::Orders, _) => Listing::open(),
        (Route::NotFound, _) => (State::Missing, vec![Command::StopReading]),
        (Route::Shop, Some(attempt)) => place(attempt, Origin::Storage),
        (Route::Shop, None) => (State::menu(), vec![Command::StopReading]),
    }
}

fn open(state: State, route: Route) -> (State, Vec<Command>) {
    match (state, route) {
        (state @ (State::Starting | State::Browsing { .. }), Route::Shop)
        | (state @ State::Starting, Route::Order(_) | Route::Orders | Route::NotFound) => {
            (state, Vec::new())
        }
        (_, Route::Order(id)) => look(id),
        (_, Route::Orders) => Listing::open(),
        (_, Route::Shop) => (browsing(None), vec![Command::StopReading]),
        (_, Route::NotFound) => (State::Missing, vec![Command::StopReading]),
    }
}

fn browsing(notice: Option<Trouble>) -> State {
    State::Browsing { notice }
}

fn look(id: String) -> (State, Vec<Command>) {
    let read = Command::Read {
        id: id.clone(),
        after: 0,
    };
    (State::Looking { id }, vec![read])
}

/// The order, at its own address.
fn visit(id: String) -> (State, Vec<Command>) {
    let show = Command::Show(Route::Order(id.clone()));
    let (state, mut commands) = look(id);
    commands.push(show);
    (state, commands)
}

/// All orders, at their own address.
fn list() -> (State, Vec<Command>) {
    let (state, mut commands) = Listing::open();
    commands.push(Command::Show(Route::Orders));
    (state, commands)
}

fn place(attempt: Attempt, origin: Origin) -> (State, Vec<Command>) {
    let mut commands = vec![
        Command::Remember(attempt.clone()),
        Command::Announce(Menu::Preparing.into()),
        Command::Place {
            attempt: attempt.clone(),
            after: 0,
        },
    ];
    if origin == Origin::Storage {
        commands.push(Command::FillCart(attempt.order.lines.clone()));
    }
    let state = State::Placing {
        attempt,
        origin,
        sending: Sending::First,
    };
    (state, commands)
}

/// What is in the cart has become an order, and the address says so before GoPay opens:
/// whatever happens to the page from here on, reloading it leads back to the order.
fn placed(key: Key, origin: Origin, seen: Seen) -> (State, Vec<Command>) {
    let mut commands = vec![
        Command::Forget,
        Command::FillCart(Vec::new()),
        Command::Show(Route::Order(seen.order.id.clone())),
    ];
    let ordered = Ordered::opened(seen);
    let (state, more) = match origin {
        Origin::Tap => ordered.launch(key),
        Origin::Storage => ordered.follow(),
    };
    commands.extend(more);
    (state, commands)
}

fn not_placed(
    attempt: Attempt,
    origin: Origin,
    sending: Sending,
    trouble: Trouble,
) -> (State, Vec<Command>) {
    if matches!(trouble, Trouble::PricesChanged | Trouble::SoldOut) {
        let commands = vec![Command::Forget, Command::Reprice];
        (State::Repricing { trouble }, commands)
    } else if !trouble.leaves_doubt() {
        let commands = vec![
            Command::Forget,
            Command::Announce(Message::Happened(trouble)),
        ];
        (browsing(Some(trouble)), commands)
    } else if let Some((sending, after)) = next_sending(sending, trouble) {
        let again = Command::Place {
            attempt: attempt.clone(),
            after,
        };
        let state = State::Placing {
            attempt,
            origin,
            sending,
        };
        (state, vec![again])
    } else {
        let announce = Command::Announce(Message::NoAnswer);
        (State::Unanswered { attempt, trouble }, vec![announce])
    }
}

/// Whether the request is sent again by itself, and after how many seconds.
fn next_sending(sending: Sending, trouble: Trouble) -> Option<(Sending, u32)> {
    match (sending, trouble) {
        (_, Trouble::UnderWay) => {
            let times = match sending {
                Sending::UnderWay(times) => times,
                Sending::First | Sending::Second => 0,
            };
            let pause = UNDER_WAY_PACE.get(usize::from(times))?;
            Some((Sending::UnderWay(times + 1), *pause))
        }
        (Sending::First, _) => Some((Sending::Second, 1)),
        (Sending::Second | Sending::UnderWay(_), _) => None,
    }
}
