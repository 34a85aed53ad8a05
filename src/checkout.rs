//! The state machine from a filled cart to a settled order. PURE: events in, the next state and
//! commands out; `runner` carries the commands out.
//!
//! ```text
//! Starting ─▶ Browsing ─pay▶ Placing ─answer▶ Ordered ─shop▶ Browsing
//!                 ▲            │  └─no answer, twice▶ Unconfirmed ─retry▶ Placing
//!                 └─Repricing ◀┘ prices changed
//! Starting or a link ─▶ LoadingOrder ─▶ Ordered | NotFound | LoadFailed ─retry▶ LoadingOrder
//! any state without a request under way ─orders▶ Listing ─an order▶ LoadingOrder
//! ```
//!
//! Invariant: only the merchant's answer shows an order as paid; the container's word is a [`Hint`]
//! that chooses words. Invariant: one attempt has one key, and while its request is under way no
//! second one is sent. Invariant: an unexpected event is late or repeated, and changes nothing.

mod attempt;
mod listing;
mod order_flow;

pub use attempt::{Attempt, Key};
pub use listing::Listing;
pub use order_flow::{Hint, OrderFlow, OrderSnapshot, OrderView, PendingAction};

use crate::route::Route;
use crate::user_error::UserError;
use contract::{Line, OpenOrder, Order, OrderStatus};
use std::mem::{Discriminant, discriminant};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum State {
    /// Signing in is under way.
    Starting,
    Browsing {
        /// Why the last attempt failed.
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
    /// New prices are loading.
    Repricing {
        /// Why the old prices are rejected.
        error: UserError,
    },
    /// The order in the address is loading.
    LoadingOrder {
        id: String,
    },
    LoadFailed {
        id: String,
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

/// Pauses before a request under way is repeated. The merchant waits 20 s for GoPay at most.
const UNDER_WAY_PAUSES_SECONDS: [u32; 4] = [2, 3, 5, 10];

/// The order of the menu's reminder after this state: the newest known to wait for its payment.
pub fn reminder(before: Option<OpenOrder>, state: &State) -> Option<OpenOrder> {
    match state {
        State::Ordered(flow) => {
            let order = &flow.snapshot.order;
            (order.open()).or_else(|| before.filter(|reminder| reminder.id != order.id))
        }
        State::Listing(Listing {
            orders: Some(orders),
            ..
        }) => orders.iter().find_map(Order::open),
        _ => before,
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Started {
        route: Route,
        /// An attempt that an earlier run left.
        attempt: Option<Attempt>,
    },
    /// The browser's history moved to another address.
    Opened(Route),
    PayTapped(Attempt),
    /// A tap on pay that the phone cannot carry out now.
    PayBlocked(UserError),
    RetryTapped,
    /// The buyer changes the order instead of waiting for its answer.
    ChangeTapped,
    Placed(Result<OrderSnapshot, UserError>),
    Repriced(Result<(), UserError>),
    Read {
        id: String,
        answer: Result<OrderSnapshot, UserError>,
    },
    /// The container answered a launch.
    Hinted {
        launch: Key,
        hint: Result<Hint, UserError>,
    },
    /// All orders of the buyer, newest first.
    Listed(Result<Vec<Order>, UserError>),
    /// The page is visible or online again, or the time to pay is over.
    Resumed,
    /// The buyer continues to pay; the key is for a new payment.
    ContinueTapped(Key),
    Renewed {
        key: Key,
        answer: Result<OrderSnapshot, UserError>,
    },
    CheckTapped,
    CancelTapped,
    Cancelled {
        id: String,
        answer: Result<OrderSnapshot, UserError>,
    },
    ShopTapped,
    /// The buyer orders the same products again.
    ReorderTapped,
    OrdersTapped,
    /// The buyer opens an order, from the list or from the reminder.
    OrderTapped(String),
}

/// `after` is a pause before the request, in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Store the attempt for an app that is killed.
    PersistAttempt(Attempt),
    /// Drop the stored attempt, which is answered.
    ClearAttempt,
    /// Answered by [`Event::Placed`].
    Place {
        attempt: Attempt,
        after: u32,
    },
    /// Fetch the prices; answered by [`Event::Repriced`].
    Reprice,
    /// Fetch the menu's data, without an answer: the page may have been hidden for hours.
    Refresh,
    /// Replace the cart's content.
    FillCart(Vec<Line>),
    Navigate(Route),
    /// Open the deeplink in GoPay; answered by [`Event::Hinted`], or never.
    Launch {
        /// Checked to be a payment.
        deeplink: String,
        /// The key of the request that made the payment; returned with the hint.
        launch: Key,
    },
    /// Read the order, in place of any earlier read; answered by [`Event::Read`].
    Read {
        id: String,
        after: u32,
    },
    /// Read the buyer's orders, in place of any earlier read; answered by [`Event::Listed`].
    List {
        after: u32,
    },
    /// Drop any read under way or planned.
    StopReading,
    /// Request a payment of the order; answered by [`Event::Renewed`].
    Renew {
        id: String,
        key: Key,
        after: u32,
    },
    /// Answered by [`Event::Cancelled`].
    Cancel {
        id: String,
    },
    /// Say it in the live region.
    Announce(Announcement),
}

/// What the live region is to say. The shell chooses the words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announcement {
    /// The order is being placed, or its payment renewed.
    Preparing,
    /// The outcome of placing an order is unknown.
    Unconfirmed,
    Failed(UserError),
    /// A check has brought this status.
    Answered(OrderStatus, Option<Hint>),
}

/// The transition function.
pub fn apply(state: State, event: Event) -> (State, Vec<Command>) {
    match (state, event) {
        // An order that was shown before signing in may be another buyer's.
        (
            State::Starting
            | State::LoadingOrder { .. }
            | State::LoadFailed { .. }
            | State::Ordered(_)
            | State::Listing(_)
            | State::NotFound,
            Event::Started { route, attempt },
        ) => start(route, attempt),
        // Read with the stored session, while signing in is under way.
        (
            State::Starting,
            Event::Read {
                answer: Ok(snapshot),
                ..
            },
        ) => OrderFlow::opened(snapshot).poll(),
        (State::Starting, Event::Listed(Ok(orders))) => Listing::of(orders),
        (State::Starting, Event::OrdersTapped) => open_orders(),

        (State::Browsing { .. }, Event::PayTapped(attempt)) if !attempt.order.lines.is_empty() => {
            place(attempt, Origin::Tap)
        }
        (State::Browsing { .. }, Event::OrderTapped(id)) => open_order(id),
        (State::Browsing { .. }, Event::PayBlocked(error)) => (
            browsing(Some(error)),
            vec![Command::Announce(Announcement::Failed(error))],
        ),
        (State::Browsing { notice }, Event::Resumed) => (
            browsing(notice.filter(|error| *error != UserError::Offline)),
            vec![Command::Refresh],
        ),

        (
            State::Placing {
                attempt, origin, ..
            },
            Event::Placed(Ok(snapshot)),
        ) => placed(attempt.key, origin, snapshot),
        (
            State::Placing {
                attempt,
                origin,
                sending,
            },
            Event::Placed(Err(error)),
        ) => not_placed(attempt, origin, sending, error),
        // Placing continues whatever the address says meanwhile; its answer sets the address.
        (state @ (State::Placing { .. } | State::Repricing { .. }), Event::Opened(_)) => {
            (state, Vec::new())
        }

        (State::Unconfirmed { attempt, .. }, Event::RetryTapped) => place(attempt, Origin::Tap),
        // As after a kill: the buyer may have given up waiting, so GoPay does not open.
        (State::Unconfirmed { attempt, .. }, Event::Resumed) => place(attempt, Origin::Storage),
        // This is the shop already; only the buyer gives the attempt up.
        (state @ State::Unconfirmed { .. }, Event::Opened(Route::Shop)) => (state, Vec::new()),
        // The attempt stays stored, for the merchant may have the order: the next one replaces it.
        (State::Unconfirmed { .. }, Event::ChangeTapped) => (browsing(None), Vec::new()),

        (State::Repricing { error }, Event::Repriced(Ok(()))) => (
            browsing(Some(error)),
            vec![Command::Announce(Announcement::Failed(error))],
        ),
        (State::Repricing { .. }, Event::Repriced(Err(UserError::AnotherBuyer))) => (
            browsing(Some(UserError::AnotherBuyer)),
            vec![Command::Announce(Announcement::Failed(
                UserError::AnotherBuyer,
            ))],
        ),
        // The reason against paying stays; the menu is fetched without a new session.
        (State::Repricing { error }, Event::Repriced(Err(_))) => (
            browsing(Some(error)),
            vec![
                Command::Announce(Announcement::Failed(error)),
                Command::Refresh,
            ],
        ),

        (State::LoadingOrder { id }, Event::Read { id: read, answer }) if id == read => {
            match answer {
                Ok(snapshot) => OrderFlow::opened(snapshot).poll(),
                Err(UserError::NotFound) => (State::NotFound, Vec::new()),
                Err(error) => (State::LoadFailed { id, error }, Vec::new()),
            }
        }
        (State::LoadFailed { id, .. }, Event::RetryTapped | Event::Resumed) => load_order(id),
        // A hidden page sends no reads.
        (State::LoadingOrder { id }, Event::Resumed) => load_order(id),

        (
            State::LoadingOrder { .. } | State::LoadFailed { .. } | State::NotFound,
            Event::ShopTapped,
        ) => (browsing(None), vec![Command::Navigate(Route::Shop)]),
        (
            State::Browsing { .. }
            | State::LoadingOrder { .. }
            | State::LoadFailed { .. }
            | State::NotFound,
            Event::OrdersTapped,
        ) => open_orders(),
        (State::Ordered(flow), event) => flow.apply(event),
        (State::Listing(listing), event) => listing.apply(event),
        (state, Event::Opened(route)) => open(state, route),

        (state, _) => (state, Vec::new()),
    }
}

fn start(route: Route, attempt: Option<Attempt>) -> (State, Vec<Command>) {
    match (route, attempt) {
        (Route::Order(id), _) => load_order(id),
        (Route::Orders, _) => Listing::open(),
        (Route::NotFound, _) => (State::NotFound, vec![Command::StopReading]),
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
        (_, Route::Order(id)) => load_order(id),
        (_, Route::Orders) => Listing::open(),
        (_, Route::Shop) => (browsing(None), vec![Command::StopReading]),
        (_, Route::NotFound) => (State::NotFound, vec![Command::StopReading]),
    }
}

fn browsing(notice: Option<UserError>) -> State {
    State::Browsing { notice }
}

fn load_order(id: String) -> (State, Vec<Command>) {
    let read = Command::Read {
        id: id.clone(),
        after: 0,
    };
    (State::LoadingOrder { id }, vec![read])
}

fn open_order(id: String) -> (State, Vec<Command>) {
    let show = Command::Navigate(Route::Order(id.clone()));
    let (state, mut commands) = load_order(id);
    commands.push(show);
    (state, commands)
}

fn open_orders() -> (State, Vec<Command>) {
    let (state, mut commands) = Listing::open();
    commands.push(Command::Navigate(Route::Orders));
    (state, commands)
}

fn place(attempt: Attempt, origin: Origin) -> (State, Vec<Command>) {
    let mut commands = vec![
        Command::PersistAttempt(attempt.clone()),
        Command::Announce(Announcement::Preparing),
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

/// The address names the order before GoPay opens: from here on a reload leads back to the order.
fn placed(key: Key, origin: Origin, snapshot: OrderSnapshot) -> (State, Vec<Command>) {
    let mut commands = vec![
        Command::ClearAttempt,
        Command::FillCart(Vec::new()),
        Command::Navigate(Route::Order(snapshot.order.id.clone())),
    ];
    let flow = OrderFlow::opened(snapshot);
    let (state, more) = match origin {
        Origin::Tap => flow.launch(key),
        Origin::Storage => flow.poll(),
    };
    commands.extend(more);
    (state, commands)
}

fn not_placed(
    attempt: Attempt,
    origin: Origin,
    sending: Sending,
    error: UserError,
) -> (State, Vec<Command>) {
    if matches!(error, UserError::PricesChanged | UserError::SoldOut) {
        let commands = vec![Command::ClearAttempt, Command::Reprice];
        (State::Repricing { error }, commands)
    } else if !error.outcome_is_unknown() {
        let commands = vec![
            Command::ClearAttempt,
            Command::Announce(Announcement::Failed(error)),
        ];
        (browsing(Some(error)), commands)
    } else if let Some((sending, after)) = next_sending(sending, error) {
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
        let announce = Command::Announce(Announcement::Unconfirmed);
        (State::Unconfirmed { attempt, error }, vec![announce])
    }
}

/// Whether the request is repeated automatically, and after how many seconds.
fn next_sending(sending: Sending, error: UserError) -> Option<(Sending, u32)> {
    match (sending, error) {
        (_, UserError::UnderWay) => {
            let times = match sending {
                Sending::UnderWay(times) => times,
                Sending::First | Sending::Second => 0,
            };
            let pause = UNDER_WAY_PAUSES_SECONDS.get(usize::from(times))?;
            Some((Sending::UnderWay(times + 1), *pause))
        }
        (Sending::First, _) => Some((Sending::Second, 1)),
        (Sending::Second | Sending::UnderWay(_), _) => None,
    }
}
