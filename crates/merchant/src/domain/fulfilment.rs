//! The handing over of a paid order.

use super::order::StoredOrder;
use contract::OrderStatus;

/// A fulfilment as the admin commands list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fulfilment {
    /// The `webhook-id`.
    pub id: String,
    pub order_id: String,
    /// Where the order stands; while it is not paid, no webhook is sent.
    pub order_status: OrderStatus,
    /// What the buyer shows.
    pub pickup_code: String,
    pub state: DeliveryState,
    pub tries: u32,
    pub answer: Option<String>,
    /// The next try, or when it was delivered or parked; unix milliseconds.
    pub try_at: i64,
}

/// Where the webhook of a fulfilment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// No webhook was configured when the order was paid.
    PickupOnly,
    /// To be sent, perhaps again.
    Pending,
    /// Acknowledged.
    Delivered,
    /// A dead letter: it waits for staff.
    Parked,
}

impl DeliveryState {
    pub(crate) const ALL: [Self; 4] = [
        Self::PickupOnly,
        Self::Pending,
        Self::Delivered,
        Self::Parked,
    ];

    /// Its name in the database.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PickupOnly => "counter",
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Parked => "parked",
        }
    }
}

/// A fulfilment whose webhook one worker may send until the lease expires.
#[derive(Debug)]
pub struct LeasedFulfilment {
    /// The `webhook-id`, the same for every try.
    pub fulfilment_id: String,
    pub order: StoredOrder,
    /// What the buyer shows.
    pub pickup_code: String,
    /// When the event of the payment was received; unix milliseconds.
    pub paid_at: i64,
    pub tries: u32,
    /// Unix milliseconds.
    pub leased_until: i64,
}

/// What came of an admin's retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryOutcome {
    /// It is due now, with all its tries.
    Due,
    Unknown,
    /// It was acknowledged already.
    Delivered,
    /// The order is no longer paid.
    NotPaid(OrderStatus),
}
