//! How much work waits in the database, and for how long.

use super::Error;
use crate::domain::time::Timestamp;
use std::{future::Future, time::Duration};
use strum::{IntoStaticStr, VariantArray};

/// Work that a worker takes up when it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Queue {
    Inquiry,
    /// Those inquiries that say whether an order is handed over.
    UrgentInquiry,
    Refund,
    Webhook,
    MiniApp,
}

impl Queue {
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// The due work of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueWork {
    pub queue: Queue,
    /// How much it is, up to [`BacklogRepository::MAX_DUE`].
    pub count: u64,
    /// Since when the oldest is due; `None` where there is none.
    pub oldest_at: Option<Timestamp>,
}

impl DueWork {
    /// For how long the oldest has been due.
    pub fn age(&self, now: Timestamp) -> Duration {
        self.oldest_at.map_or(Duration::ZERO, |at| now.since(at))
    }
}

/// Where work is that has not ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum ItemState {
    /// It goes on by itself.
    Pending,
    /// GoPay or the receiver refused it.
    Refused,
    /// It was tried too often.
    DeadLetter,
    Failed,
}

impl ItemState {
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// What waits at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// One for each queue.
    pub due: Vec<DueWork>,
    /// How much is in each state.
    pub items: Vec<(Queue, ItemState, u64)>,
    pub orders_in_review: u64,
    pub unmatched_notifications: u64,
    /// Buyers whose token GoPay does not take, and who have not signed in since.
    pub buyers_to_sign_in: u64,
}

pub trait BacklogRepository {
    /// Further due work is not counted.
    const MAX_DUE: u32 = 1_000;

    /// What waits `now`.
    fn backlog(&self, now: Timestamp) -> impl Future<Output = Result<Backlog, Error>> + Send;

    /// Fails where nothing can be written. Writes nothing.
    fn check_writable(&self) -> impl Future<Output = Result<(), Error>> + Send;
}
