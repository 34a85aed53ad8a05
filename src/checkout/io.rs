//! What enters and leaves the state machine: events, commands and announcements. PURE.

use super::attempt::Attempt;
use super::order::{Hint, OrderSnapshot};
use crate::route::Route;
use crate::user_error::UserError;
use contract::{IdempotencyKey, Line, Order, OrderId, OrderStatus, PaymentWay};

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
        id: OrderId,
        answer: Result<OrderSnapshot, UserError>,
    },
    /// The container answered a launch.
    Hinted {
        launch: IdempotencyKey,
        hint: Result<Hint, UserError>,
    },
    /// All orders of the buyer, newest first.
    Listed(Result<Vec<Order>, UserError>),
    /// The page is visible or online again, or the time to pay is over.
    Resumed,
    /// The buyer continues to pay; the key is for a new payment.
    ContinueTapped(IdempotencyKey),
    Renewed {
        key: IdempotencyKey,
        answer: Result<OrderSnapshot, UserError>,
    },
    CheckTapped,
    CancelTapped,
    Cancelled {
        id: OrderId,
        answer: Result<OrderSnapshot, UserError>,
    },
    ShopTapped,
    /// The buyer orders the same products again.
    ReorderTapped,
    OrdersTapped,
    /// The buyer opens an order, from the list or from the reminder.
    OrderTapped(OrderId),
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
    FillCart(Vec<Line>),
    /// The next order is brought to no table.
    ClearTable,
    /// The next order has no promo code.
    ClearPromo,
    Navigate(Route),
    /// Put the route into the address in place of the one there, without a new history entry.
    ReplaceAddress(Route),
    /// Open GoPay's payment page; answered by [`Event::Hinted`], or never.
    Launch {
        /// Checked to be a payment.
        way: PaymentWay,
        /// The key of the request that made the payment; returned with the hint.
        launch: IdempotencyKey,
    },
    /// Read the order, in place of any earlier read; answered by [`Event::Read`].
    Read {
        id: OrderId,
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
        id: OrderId,
        key: IdempotencyKey,
        after: u32,
    },
    /// Answered by [`Event::Cancelled`].
    Cancel {
        id: OrderId,
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
