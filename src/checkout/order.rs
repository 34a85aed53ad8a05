//! An order that the merchant has, and what its screen shows. PURE.

use crate::user_error::UserError;
use contract::{IdempotencyKey, Order, OrderStatus};

/// An order as the merchant described it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderSnapshot {
    pub order: Order,
    /// Milliseconds of the monotonic clock. The time left to pay counts from here, because the phone's
    /// wall clock may be days off.
    pub received_at: u64,
}

/// What the container says about a payment: it chooses words and states no fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hint {
    /// Reported as paid or on its way.
    Underway,
    /// Reported as cancelled or impossible.
    Unpaid,
    /// Launched by an earlier run of the app, without an answer since.
    Opened,
}

/// The action under way on the order, or the last one's failure.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PendingAction {
    Idle,
    /// The buyer has asked for the latest status.
    Checking,
    Launching,
    LaunchFailed(UserError),
    /// A new payment is requested under this key.
    Renewing(IdempotencyKey),
    /// The request's outcome is unknown; the next try uses the same key.
    RenewalUnconfirmed(IdempotencyKey, UserError),
    /// The merchant or GoPay refused another payment.
    RenewalRefused(UserError),
    Cancelling,
    CancelFailed(UserError),
}

impl PendingAction {
    /// Whether an action of the buyer is under way.
    pub fn is_busy(&self) -> bool {
        matches!(
            self,
            Self::Checking | Self::Launching | Self::Renewing(_) | Self::Cancelling
        )
    }
}

/// The order, and how current the app's knowledge of it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderFlow {
    pub snapshot: OrderSnapshot,
    pub action: PendingAction,
    /// What the container said since the last launch.
    pub hint: Option<Hint>,
    /// Whether `snapshot` is newer than the hint, or than the return from GoPay.
    pub confirmed: bool,
    pub read_error: Option<UserError>,
    /// The request whose payment was last launched.
    pub(super) launched: Option<IdempotencyKey>,
    /// Answers since the last change, up to a limit.
    pub(super) answers: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrderView {
    /// GoPay is about to cover the page.
    Opening,
    /// Back from GoPay, before the merchant's answer.
    Verifying,
    /// The payment can no longer be made, and its outcome is unknown.
    TimeUp,
    Result(OrderStatus),
}

impl OrderFlow {
    /// An order that has just arrived.
    pub fn opened(snapshot: OrderSnapshot) -> Self {
        Self {
            snapshot,
            action: PendingAction::Idle,
            hint: None,
            confirmed: true,
            read_error: None,
            launched: None,
            answers: 0,
        }
    }

    pub fn view(&self) -> OrderView {
        let status = self.snapshot.order.status;
        if !status.is_open() {
            OrderView::Result(status)
        } else if self.action == PendingAction::Launching {
            OrderView::Opening
        } else if !self.confirmed {
            OrderView::Verifying
        } else if status == OrderStatus::AwaitingPayment && self.snapshot.order.payment.is_none() {
            OrderView::TimeUp
        } else {
            OrderView::Result(status)
        }
    }

    /// The failure of the buyer's last action.
    pub fn error(&self) -> Option<UserError> {
        match &self.action {
            PendingAction::LaunchFailed(error)
            | PendingAction::RenewalUnconfirmed(_, error)
            | PendingAction::RenewalRefused(error)
            | PendingAction::CancelFailed(error) => Some(*error),
            PendingAction::Idle
            | PendingAction::Checking
            | PendingAction::Launching
            | PendingAction::Renewing(_)
            | PendingAction::Cancelling => None,
        }
    }
}
