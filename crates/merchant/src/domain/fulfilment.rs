//! The handing over of a paid order.

use super::order::StoredOrder;
use contract::OrderStatus;

/// A fulfilment as staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fulfilment {
    /// Names it at the hook.
    pub id: String,
    /// Whose it is.
    pub order_id: String,
    /// Where the order stands; while it is not paid, the hook is not told.
    pub order_status: OrderStatus,
    /// What the buyer shows.
    pub pickup_code: String,
    /// Where its delivery to the hook stands.
    pub state: DeliveryState,
    /// So often.
    pub tries: u32,
    /// What came of the last try.
    pub answer: Option<String>,
    /// The next try, or when it was delivered or parked; unix milliseconds.
    pub try_at: i64,
}

/// Where telling the hook stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// There was no hook when the order was paid: the pick-up code is all there is.
    PickupOnly,
    /// To be told, perhaps again.
    Pending,
    /// The hook said that it knows.
    Delivered,
    /// Tried too often; a person has to look at it.
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

/// One paid order that somebody has taken on to tell the hook about.
#[derive(Debug)]
pub struct LeasedFulfilment {
    /// The same for every time the hook hears of this order.
    pub fulfilment_id: String,
    /// What was paid.
    pub order: StoredOrder,
    /// What the buyer shows.
    pub pickup_code: String,
    /// When the merchant learned of the money; unix milliseconds.
    pub paid_at: i64,
    /// With this one.
    pub tries: u32,
    /// The right to try ends; unix milliseconds.
    pub leased_until: i64,
}

/// What came of asking for further tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryOutcome {
    /// It is due now, with all tries before it.
    Due,
    /// There is no such fulfilment.
    Unknown,
    /// The hook knows already.
    Delivered,
    /// The order is no longer one to hand over.
    NotPaid(OrderStatus),
}
