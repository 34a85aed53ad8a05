//! What the database does for the services and workers.
//!
//! Invariant: each method is one transaction, whole or not at all, and what it returned has
//! happened.

use crate::domain::{
    attempt::Attempt,
    fulfilment::{FulfilmentId, LeasedFulfilment},
    mini_app_id::MiniAppId,
    mini_app_request::{MiniAppResult, NextStep, StoredMiniAppRequest},
    next_try::NextTry,
    operator_policy::OrderLimits,
    order::{NewAttempt, NewOrder, PlaceOutcome, StoredOrder},
    payment_event::ReceivedEvent,
    refund::{LastResponse, LeasedRefund, RefundState},
    time::Timestamp,
    unmatched_notification::UnmatchedNotification,
};
use contract::{CustomerId, IdempotencyKey, OrderId, PaymentWay};
use gopay_protocol::{
    ExternalId, PartnerRefundNo, ReferenceNo, RequestId, message::notify::RefundHistory,
};
use std::future::Future;

/// Why the database did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the database failed: {0}")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It holds something this program never wrote.
    #[error("the database holds {0} that cannot be read")]
    CorruptRow(&'static str),
    /// The program did not get as far as the database.
    #[error("{0}")]
    Internal(&'static str),
}

impl StoredOrder {
    /// The newest attempt, the only one that may still be paid.
    pub fn attempt(&self) -> Result<&Attempt, Error> {
        self.attempts
            .last()
            .ok_or(Error::CorruptRow("an order without attempts"))
    }
}

/// Orders, attempts and refunds.
pub trait Repository:
    OrderRepository + AttemptRepository + RefundRepository + Send + Sync + 'static
{
}

impl<T: OrderRepository + AttemptRepository + RefundRepository + Send + Sync + 'static> Repository
    for T
{
}

/// Orders, and beginning to pay them.
pub trait OrderRepository {
    /// When this buyer, who must be one of ours, first signed in.
    fn first_sign_in(
        &self,
        customer_id: &CustomerId,
    ) -> impl Future<Output = Result<Timestamp, Error>> + Send;

    /// Writes an order and its first attempt, or finds the order that the same request
    /// made before.
    fn place_order(
        &self,
        order: &NewOrder<'_>,
        attempt: &NewAttempt<'_>,
    ) -> impl Future<Output = Result<PlaceOutcome, Error>> + Send;

    /// The order that the same request made before, if it did.
    fn order_by_key(
        &self,
        customer_id: &CustomerId,
        key: &IdempotencyKey,
        fingerprint: &[u8],
    ) -> impl Future<Output = Result<Option<StoredOrder>, Error>> + Send;

    /// Writes a further attempt after attempt `number` of the order came to nothing, or
    /// finds what the same request, or one that was faster, made before. The order is open again,
    /// so it needs room among the buyer's open orders.
    fn place_attempt(
        &self,
        order_id: &OrderId,
        number: u32,
        attempt: &NewAttempt<'_>,
        limits: OrderLimits,
    ) -> impl Future<Output = Result<PlaceOutcome, Error>> + Send;

    /// The order, of any buyer.
    fn order(
        &self,
        id: &OrderId,
    ) -> impl Future<Output = Result<Option<StoredOrder>, Error>> + Send;

    /// Which of the buyer's own orders has this id, or a payment with it: see
    /// [`is_id_of_order`](crate::domain::message_ids::is_id_of_order).
    fn own_order_id(
        &self,
        customer_id: &CustomerId,
        id: &str,
    ) -> impl Future<Output = Result<Option<OrderId>, Error>> + Send;

    /// The buyer's own order.
    fn order_of(
        &self,
        customer_id: &CustomerId,
        id: &OrderId,
    ) -> impl Future<Output = Result<Option<StoredOrder>, Error>> + Send
    where
        Self: Sync,
    {
        async move {
            let order = self.order(id).await?;
            Ok(order.filter(|order| order.customer_id == *customer_id))
        }
    }
}

/// Attempts to pay, their events, and the leases of their inquiries.
pub trait AttemptRepository {
    /// Records an event and brings the order's status up to date; an order that this pays is entered
    /// into the outbox in the same transaction.
    fn record(
        &self,
        external_id: &ExternalId,
        received: ReceivedEvent,
    ) -> impl Future<Output = Result<StoredOrder, Error>> + Send {
        self.record_with_refunds(external_id, received, RefundHistory::EMPTY)
    }

    /// The same, with GoPay's refund history of the payment: how our refunds ended, and how much went
    /// back in all.
    fn record_with_refunds(
        &self,
        external_id: &ExternalId,
        received: ReceivedEvent,
        history: &RefundHistory,
    ) -> impl Future<Output = Result<StoredOrder, Error>> + Send;

    /// Records GoPay's answer to a payment request: the payment can be made.
    fn record_created(
        &self,
        external_id: &ExternalId,
        reference_no: Option<&ReferenceNo>,
        way: &PaymentWay,
        received: ReceivedEvent,
    ) -> impl Future<Output = Result<StoredOrder, Error>> + Send;

    /// The order with the attempt of this name, and its `X-EXTERNAL-ID`.
    fn order_with_attempt(
        &self,
        name: AttemptLookup<'_>,
    ) -> impl Future<Output = Result<Option<(StoredOrder, ExternalId)>, Error>> + Send;

    /// Leases an attempt for an inquiry. `false` while it is leased, where the last inquiry was after
    /// `inquired_before`, or when no inquiry is due any more.
    fn lease(
        &self,
        external_id: &ExternalId,
        inquired_before: Timestamp,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Gives the lease until `leased_until` back and schedules the next inquiry, if any; one that was
    /// scheduled at once meanwhile stands. Changes nothing when another worker has the lease.
    fn release(
        &self,
        external_id: &ExternalId,
        leased_until: Timestamp,
        next_inquiry_at: Option<Timestamp>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Schedules an inquiry at once, or as soon as the one that is under way has ended; also about an
    /// attempt that has ended.
    fn schedule_inquiry_now(
        &self,
        external_id: &ExternalId,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Keeps a notification about no payment of this database, once, and counts its repetitions; the
    /// newest thousand are kept.
    fn record_unmatched(
        &self,
        notification: UnmatchedNotification,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// The attempt whose inquiry is due first, in the past where it is overdue. Of those that are due `now`,
    /// those of which money is known come before all others: their inquiry says whether GoPay suspects fraud,
    /// and must not wait behind payments that nobody makes.
    fn next_due(
        &self,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<DueInquiry>, Error>> + Send;
}

/// Refunds that are under way; how they end is found in what [`AttemptRepository`] records.
pub trait RefundRepository {
    /// The refunds that are due, the longest overdue first.
    fn due_refunds(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<PartnerRefundNo>, Error>> + Send;

    /// Leases a refund; `None` while it is leased, or when there is nothing to do.
    fn lease_refund(
        &self,
        number: &PartnerRefundNo,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Option<LeasedRefund>, Error>> + Send;

    /// Counts a try before its first byte leaves. `false` when another worker has the lease: then
    /// nothing may be sent.
    fn mark_refund_sent(
        &self,
        lease: &LeasedRefund,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Records the answer. Changes nothing when another worker has the lease.
    fn record_refund_response(
        &self,
        lease: &LeasedRefund,
        last_response: LastResponse,
        answer: &str,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Gives the lease back, and where the refund failed the reserve too. Changes nothing when the
    /// refund is at its end, or another worker has the lease.
    fn release_refund(
        &self,
        lease: &LeasedRefund,
        state: RefundState,
        try_at: Timestamp,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// What one attempt is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptLookup<'a> {
    /// GoPay's id of its payment.
    ByReferenceNo(&'a ReferenceNo),
    /// The `X-EXTERNAL-ID` of its request.
    ByExternalId(&'a ExternalId),
}

/// An attempt whose inquiry is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueInquiry {
    pub external_id: ExternalId,
    /// Not before its lease expires.
    pub at: Timestamp,
}

/// Buyers, their sessions, and their orders.
pub trait CustomerRepository {
    /// The buyer of this mini app with this account: their id, `new_id` on their first visit, and their sealed
    /// name. Their sealed auth token replaces an older one.
    fn remember_customer(
        &self,
        mini_app: &MiniAppId,
        account: SealedAccount<'_>,
        new_id: &CustomerId,
        now: Timestamp,
    ) -> impl Future<Output = Result<(CustomerId, Option<Vec<u8>>), Error>> + Send;

    /// The buyer of this mini app who is stored under one of these hashes.
    fn customer_by_hash(
        &self,
        mini_app: &MiniAppId,
        account_hashes: &[Vec<u8>],
    ) -> impl Future<Output = Result<Option<StoredCustomer>, Error>> + Send;

    /// Writes what was sealed and hashed anew of a buyer; `false` where they are no longer stored as in
    /// `before`, or the new hash is another's.
    fn replace_sealed(
        &self,
        before: &StoredCustomer,
        after: &StoredCustomer,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// A buyer by their id, which must be one of ours.
    fn customer(
        &self,
        id: &CustomerId,
    ) -> impl Future<Output = Result<StoredCustomer, Error>> + Send;

    /// GoPay did not take this token: what needs it waits for the buyer's next sign-in, and their
    /// sessions end, so that the app's next request leads to one. A newer token stays.
    fn deactivate_token(
        &self,
        customer: &StoredCustomer,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Keeps a buyer's sealed name in the place of an older one, or none; `false` where it is sealed for
    /// another hash than the buyer has now.
    fn keep_name(
        &self,
        customer: &StoredCustomer,
        name: Option<&[u8]>,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Forgets a buyer's name.
    fn forget_name(&self, id: &CustomerId) -> impl Future<Output = Result<(), Error>> + Send;

    /// Remembers an auth code by its hash, and forgets those seen before `forgotten`; `false`
    /// where it was remembered already, by this hash or by a former one.
    fn remember_auth_code(
        &self,
        hash: &[u8],
        former_hashes: &[Vec<u8>],
        forgotten: Timestamp,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Forgets an auth code that was not exchanged.
    fn forget_auth_code(&self, hash: &[u8]) -> impl Future<Output = Result<(), Error>> + Send;

    /// Opens a session and ends the one that was held before in the same mini app, if there was one.
    fn open_session(
        &self,
        customer_id: &CustomerId,
        token_hash: &[u8],
        expires_at: Timestamp,
        replaced: Option<&[u8]>,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Whose session in this mini app this is, if it is one that was used after `used_since`. Notes that it
    /// is used, now and then.
    fn session_customer(
        &self,
        mini_app: &MiniAppId,
        token_hash: &[u8],
        used_since: Timestamp,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<CustomerId>, Error>> + Send;

    /// The order of this id of the buyer whose session in this mini app this is, in one statement. `None` also where
    /// the use of the session has to be noted, which [`Self::session_customer`] does.
    fn order_in_session(
        &self,
        mini_app: &MiniAppId,
        token_hash: &[u8],
        now: Timestamp,
        id: &OrderId,
    ) -> impl Future<Output = Result<Option<StoredOrder>, Error>> + Send;

    /// Ends a session of this mini app, if it is one.
    fn end_session(
        &self,
        mini_app: &MiniAppId,
        token_hash: &[u8],
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// The buyer's newest order that waits for its payment.
    fn open_order_of(
        &self,
        customer_id: &CustomerId,
    ) -> impl Future<Output = Result<Option<StoredOrder>, Error>> + Send;

    /// The buyer's newest orders, newest first.
    fn orders_of(
        &self,
        customer_id: &CustomerId,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<StoredOrder>, Error>> + Send;
}

/// The outbox: fulfilments that the merchant's own systems have not acknowledged.
pub trait FulfilmentRepository {
    /// The fulfilments whose webhook is due, the longest overdue first. Those whose order is
    /// refunded or in review wait, and those whose payment GoPay has contradicted, until an
    /// inquiry has been answered. The first try is due at once; a time or a lease that lies farther
    /// ahead than any does was written before the clock was set back, and holds up nothing.
    fn due_fulfilments(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<FulfilmentId>, Error>> + Send;

    /// Takes the lease, and counts the try before it is made; `None` while another worker has it,
    /// or when there is nothing to send.
    fn lease_fulfilment(
        &self,
        id: &FulfilmentId,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Option<LeasedFulfilment>, Error>> + Send;

    /// The webhook was acknowledged. That is a fact, also after the lease has expired.
    fn mark_fulfilment_delivered(
        &self,
        id: &FulfilmentId,
        answer: &str,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// The try failed. Changes nothing when another worker has the lease by now.
    fn record_failed_delivery(
        &self,
        lease: &LeasedFulfilment,
        answer: &str,
        next: NextTry,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// The outbox of the mini-app API: rewards, reminders and pushes.
pub trait MiniAppRequestRepository {
    /// The requests that are due, the longest overdue first. Those of a buyer whose token GoPay did
    /// not take wait for their next sign-in.
    fn due_requests(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<RequestId>, Error>> + Send;

    /// Leases a request that is [ready](crate::domain::mini_app_request::readiness), fixes its amount and
    /// body, and counts the try before it is made. `None` while it is leased, has to wait, or is not
    /// needed, which is written.
    fn lease_request(
        &self,
        id: &RequestId,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Option<LeasedMiniAppRequest>, Error>> + Send;

    /// Records an answer and what follows from it. A request of which GoPay has certainly carried out
    /// no try counts as not sent. What was carried out is recorded also after the lease
    /// has expired; anything else only under the lease. The removal of a reminder whose order is over
    /// is entered in the same transaction.
    fn record_request_result(
        &self,
        lease: &LeasedMiniAppRequest,
        result: &MiniAppResult,
        next: NextStep,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// A request that one worker may send until the lease expires.
#[derive(Debug)]
pub struct LeasedMiniAppRequest {
    pub request: StoredMiniAppRequest,
    /// Whether GoPay had certainly not carried it out before.
    pub is_first: bool,
    pub customer: StoredCustomer,
    pub leased_until: Timestamp,
}

/// A buyer, as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCustomer {
    pub id: CustomerId,
    /// Keyed hash of GoPay's id of them.
    pub account_hash: Vec<u8>,
    /// That id, sealed; `None` until their first sign-in since it is kept.
    pub gopay_account_id: Option<Vec<u8>>,
    /// Sealed.
    pub auth_token: Vec<u8>,
    /// Tells it from that of another sign-in, also when it is sealed anew.
    pub auth_token_version: i64,
    /// Sealed.
    pub name: Option<Vec<u8>>,
}

/// What a sign-in brings.
#[derive(Debug, Clone, Copy)]
pub struct SealedAccount<'a> {
    /// Keyed hash of the account's id.
    pub hash: &'a [u8],
    pub gopay_account_id: &'a [u8],
    pub auth_token: &'a [u8],
}
