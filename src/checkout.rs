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
mod io;
mod listing;
mod loading;
mod order;
mod order_flow;
mod state;

pub use attempt::Attempt;
pub use io::{Announcement, Command, Event};
pub use order::{Hint, OrderFlow, OrderSnapshot, OrderView, PendingAction};
pub use state::{Listing, Origin, Sending, State};

use crate::route::Route;
use crate::user_error::UserError;
use contract::{IdempotencyKey, OpenOrder, Order};
use listing::open_orders;
use loading::{load_order, loaded, open_order};
use state::browsing;

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
                id,
                answer: Ok(snapshot),
            },
        ) => loaded(&id, snapshot),
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
                Ok(snapshot) => loaded(&id, snapshot),
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
fn placed(key: IdempotencyKey, origin: Origin, snapshot: OrderSnapshot) -> (State, Vec<Command>) {
    let mut commands = vec![
        Command::ClearAttempt,
        Command::FillCart(Vec::new()),
        Command::ClearTable,
        Command::ClearPromo,
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
        let mut commands = vec![
            Command::ClearAttempt,
            Command::Announce(Announcement::Failed(error)),
        ];
        // The buyer can pay without it.
        match error {
            UserError::NoTable => commands.push(Command::ClearTable),
            UserError::PromoRefused | UserError::PromoExpired => commands.push(Command::ClearPromo),
            _ => {}
        }
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
