//! What the shop needs its database to do, wherever that is.
//!
//! Invariant: each method is one transaction, whole or not at all, and what it returned has
//! happened. The [`Store`](crate::store::Store) keeps the books on disk; a simulated world
//! keeps them in memory.

use crate::{
    outbox::Next,
    refund::Said,
    store::{Error, Evidence, NewAttempt, NewOrder, Placed, RefundErrand, StoredOrder, Unplaced},
};
use gopay_protocol::message::notify::RefundHistory;
use std::future::Future;

/// Orders, attempts and refunds.
pub trait Books: Orders + Attempts + Refunds + Send + Sync + 'static {}

impl<T: Orders + Attempts + Refunds + Send + Sync + 'static> Books for T {}

/// Orders, and beginning to pay them.
pub trait Orders {
    /// Writes an order and its first attempt, or finds the order that the same request
    /// made before.
    fn place_order(
        &self,
        order: &NewOrder<'_>,
        attempt: &NewAttempt<'_>,
    ) -> impl Future<Output = Result<Placed, Error>> + Send;

    /// The order that the same request made before, if it did.
    fn order_by_key(
        &self,
        customer_id: &str,
        key: &str,
        fingerprint: &[u8],
    ) -> impl Future<Output = Result<Option<StoredOrder>, Error>> + Send;

    /// Writes a further attempt after attempt `number` of the order came to nothing, or
    /// finds what the same request, or one that was faster, made before.
    fn place_attempt(
        &self,
        order_id: &str,
        number: i64,
        attempt: &NewAttempt<'_>,
    ) -> impl Future<Output = Result<Placed, Error>> + Send;

    /// The order, whoever owns it.
    fn order(&self, id: &str) -> impl Future<Output = Result<Option<StoredOrder>, Error>> + Send;

    /// The buyer's own order.
    fn order_of(
        &self,
        customer_id: &str,
        id: &str,
    ) -> impl Future<Output = Result<Option<StoredOrder>, Error>> + Send
    where
        Self: Sync,
    {
        async move {
            let order = self.order(id).await?;
            Ok(order.filter(|order| order.customer_id == customer_id))
        }
    }
}

/// Attempts to pay, the evidence of what became of them, and who is asking about them.
pub trait Attempts {
    /// Keeps what GoPay said and brings the order's status up to date; in the same transaction,
    /// an order that this pays is entered into the outbox.
    fn record(
        &self,
        external_id: &str,
        evidence: Evidence,
    ) -> impl Future<Output = Result<StoredOrder, Error>> + Send {
        self.record_with_refunds(external_id, evidence, RefundHistory::EMPTY)
    }

    /// The same, with what GoPay said of refunds beside it: how ours ended, and how much went
    /// back in all.
    fn record_with_refunds(
        &self,
        external_id: &str,
        evidence: Evidence,
        history: &RefundHistory,
    ) -> impl Future<Output = Result<StoredOrder, Error>> + Send;

    /// Keeps GoPay's answer to a payment request: the payment can be made.
    fn record_made(
        &self,
        external_id: &str,
        reference_no: Option<&str>,
        deeplink: &str,
        evidence: Evidence,
    ) -> impl Future<Output = Result<StoredOrder, Error>> + Send;

    /// The order with the attempt of this name, and its `X-EXTERNAL-ID`.
    fn order_with_attempt(
        &self,
        name: AttemptName<'_>,
    ) -> impl Future<Output = Result<Option<(StoredOrder, String)>, Error>> + Send;

    /// Takes the right to talk to GoPay about an attempt, unless somebody has it, the last
    /// talk was after `looked_before`, or GoPay has said its last word.
    fn lease(
        &self,
        external_id: &str,
        looked_before: i64,
        now: i64,
        until: i64,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Gives the lease until `leased_until` back and says when to look again, if ever; a look
    /// at once that was asked for meanwhile stands. Changes nothing when the lease is another's
    /// by now.
    fn release(
        &self,
        external_id: &str,
        leased_until: i64,
        look_at: Option<i64>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Asks for a look at once, or as soon as the one that is under way has ended; also at an
    /// attempt that was settled.
    fn look_now(
        &self,
        external_id: &str,
        now: i64,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Keeps a notification that is about no payment known here, once, and counts how often it
    /// came; the newest thousand of them.
    fn keep_unplaced(
        &self,
        notification: Unplaced,
        now: i64,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// The attempt to be looked at first of all, in the past where it is overdue.
    fn next_due(&self) -> impl Future<Output = Result<Option<Due>, Error>> + Send;
}

/// Refunds that are under way; how they end is found in what [`Attempts`] records.
pub trait Refunds {
    /// The refunds whose time has come, the longest overdue first.
    fn due_refunds(
        &self,
        now: i64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<String>, Error>> + Send;

    /// Takes the right to talk to GoPay about a refund; `None` when somebody has it, or there
    /// is nothing to do.
    fn lease_refund(
        &self,
        number: &str,
        now: i64,
        until: i64,
    ) -> impl Future<Output = Result<Option<RefundErrand>, Error>> + Send;

    /// Counts a try before its first byte leaves. `false` when somebody else has taken over
    /// meanwhile: then nothing may be sent.
    fn refund_is_sent(
        &self,
        errand: &RefundErrand,
        now: i64,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Keeps what the answer was worth. Changes nothing when somebody else has taken over
    /// meanwhile.
    fn refund_answered(
        &self,
        errand: &RefundErrand,
        said: Said,
        answer: &str,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Gives the reserve back: GoPay never made this refund. Changes nothing when somebody
    /// else has taken over meanwhile.
    fn refund_failed(
        &self,
        errand: &RefundErrand,
        now: i64,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Gives the lease back. Changes nothing when the refund is at its end, or somebody else
    /// has taken over meanwhile.
    fn release_refund(
        &self,
        errand: &RefundErrand,
        next: Next,
        now: i64,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// What an attempt goes by; no two have one in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptName<'a> {
    /// GoPay's id of its payment.
    ReferenceNo(&'a str),
    /// The `X-EXTERNAL-ID` of its request.
    ExternalId(&'a str),
}

/// An attempt that has to be looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub external_id: String,
    /// From then on; unix milliseconds. Not before whoever looks at it now should be done.
    pub at: i64,
}
