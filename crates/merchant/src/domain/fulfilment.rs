//! The handing over of a paid order.

use super::{order::StoredOrder, time::Timestamp};
use contract::{OrderId, OrderStatus};
use std::fmt;
use strum::{EnumString, IntoStaticStr};

/// Of a fulfilment; the `webhook-id` of its webhook.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FulfilmentId(String);

impl FulfilmentId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for FulfilmentId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl fmt::Display for FulfilmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A fulfilment as the admin commands list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fulfilment {
    pub id: FulfilmentId,
    pub order_id: OrderId,
    /// Where the order stands; while it is not paid, no webhook is sent.
    pub order_status: OrderStatus,
    /// What the buyer shows.
    pub pickup_code: String,
    pub state: DeliveryState,
    pub tries: u32,
    pub answer: Option<String>,
    /// The next try, or when it was delivered or became a dead letter.
    pub try_at: Timestamp,
}

/// Where the webhook of a fulfilment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum DeliveryState {
    /// No webhook was configured when the order was paid.
    #[strum(serialize = "counter")]
    PickupOnly,
    /// To be sent, perhaps again.
    Pending,
    /// Acknowledged.
    Delivered,
    /// It waits for staff.
    #[strum(serialize = "parked")]
    DeadLetter,
}

impl DeliveryState {
    /// Its name in the database.
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }
}

/// A fulfilment whose webhook one worker may send until the lease expires.
#[derive(Debug)]
pub struct LeasedFulfilment {
    /// The same for every try.
    pub fulfilment_id: FulfilmentId,
    pub order: StoredOrder,
    /// What the buyer shows.
    pub pickup_code: String,
    /// When the event of the payment was received.
    pub paid_at: Timestamp,
    pub tries: u32,
    pub leased_until: Timestamp,
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
