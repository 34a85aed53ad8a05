//! A refund, and what follows from GoPay's answers about it.
//!
//! Invariant: a refund is reserved, under its number and with its amount, before the first byte of its
//! request is sent. The reserve is kept until GoPay's history of the payment says how it ended, or
//! GoPay refused a request that it cannot have received before.

use super::{
    attempt::Attempt, gopay_result::Error, inquiry_schedule::REVIEW_AFTER, next_try::NextTry,
    order::StoredOrder, time::Timestamp,
};
use contract::{OrderId, OrderStatus, Rupiah};
use gopay_protocol::{
    Amount, ExternalId, Meaning, PartnerReferenceNo, PartnerRefundNo,
    message::{
        notify::{self, RefundHistory},
        refund::{Request, Response},
    },
};
use std::time::Duration;
use strum::{EnumIter, EnumString, IntoStaticStr};

/// So long after it was first sent a request is sent again no more: GoPay knows an
/// `X-EXTERNAL-ID` again for 24 hours `[core-api-snap-open-api-overview]`, and clocks differ.
const IDEMPOTENCY_WINDOW: Duration = Duration::from_hours(23);

/// A refund that GoPay refused, and does not know so long after it was last sent, was never
/// made: no request can still be on its way.
const NOT_FOUND_MEANS_FAILED_AFTER: Duration = Duration::from_hours(1);

const MIN_PAUSE: Duration = Duration::from_secs(2);
/// The longest pause between two tries. What is due later than that was scheduled before
/// the clock was set back.
pub const MAX_PAUSE: Duration = Duration::from_hours(2);

/// A refund becomes a dead letter when its end is not found for this long.
const GIVE_UP_AFTER: Duration = Duration::from_hours(72);

/// So long after the first person a second one can ask for the same refund.
pub const APPROVE_WITHIN: Duration = Duration::from_hours(24);

/// How long a worker's lease of a refund lasts: longer than a token, two
/// inquiries and a refund, each with its second try, take together.
pub const LEASE: Duration = Duration::from_mins(2);

/// Why money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum RefundReason {
    /// Staff asked for it.
    Staff,
    /// The order was paid more than once.
    Surplus,
    /// The money came after the app had shown that the order is over.
    Late,
}

impl RefundReason {
    /// What the buyer reads in GoPay's order history.
    pub const fn buyer_text(self) -> &'static str {
        match self {
            Self::Staff => "Pengembalian dana dari toko",
            Self::Surplus => "Pembayaran ganda",
            Self::Late => "Pembayaran terlambat",
        }
    }

    /// Its name in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum RefundState {
    /// Reserved; GoPay is to be asked for it, or how it ended.
    Open,
    /// The same, but it waits for staff.
    #[strum(serialize = "parked")]
    DeadLetter,
    /// The money went back.
    Done,
    /// It did not, and never will under this number.
    Failed,
}

impl RefundState {
    /// Its name in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether the money is kept for it.
    pub const fn is_reserved(self) -> bool {
        matches!(self, Self::Open | Self::DeadLetter)
    }
}

/// What GoPay answered to the last request for a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastResponse {
    /// Only its history tells whether the money went back.
    Accepted,
    /// An earlier request may have been carried out nevertheless.
    Refused,
    /// No answer, or none that is certain.
    Unknown,
    /// The request certainly did not arrive: as if it had not been sent.
    NotSent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundProgress {
    /// When it was reserved.
    pub created_at: Timestamp,
    /// When its request was first sent, and last; `None` before the first byte.
    pub sent: Option<RefundSubmission>,
}

/// What was sent, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundSubmission {
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    pub last_response: LastResponse,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRefund {
    /// `partnerRefundNo`.
    pub number: PartnerRefundNo,
    /// `X-EXTERNAL-ID`: the same for every time it is sent.
    pub external_id: ExternalId,
    pub order_id: OrderId,
    /// Of which attempt: its `X-EXTERNAL-ID`.
    pub payment_external_id: ExternalId,
    pub amount: Rupiah,
    pub reason: RefundReason,
    pub request: String,
    pub state: RefundState,
    /// What was done for it.
    pub progress: RefundProgress,
    /// How often it was sent.
    pub tries: u32,
    /// The result of the last try.
    pub answer: Option<String>,
    /// The next try, or when it ended or became a dead letter.
    pub try_at: Timestamp,
}

/// A refund that one worker may send until the lease expires.
#[derive(Debug)]
pub struct LeasedRefund {
    /// What to give back.
    pub refund: StoredRefund,
    /// What it was paid for.
    pub order: StoredOrder,
    pub leased_until: Timestamp,
}

/// What staff ask to be given back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundRequest {
    /// All that is left where there is none.
    pub amount: Option<Rupiah>,
    /// Names the request: what was asked for of an order under a name is reserved once.
    pub key: Option<String>,
    /// Whether a request like an earlier one is meant as another one.
    pub again: bool,
    /// Where large refunds need a second person.
    pub approval: Option<ApprovalRule>,
}

/// When a refund of staff's needs a second person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalRule {
    /// From which amount on, with what staff have given back of the same order before.
    pub from: Rupiah,
    /// Who asks now.
    pub actor: String,
}

impl ApprovalRule {
    /// Whether `amount` needs a second person, after these refunds of the same order.
    pub fn applies(&self, amount: Rupiah, refunds: &[StoredRefund]) -> bool {
        let counts = |refund: &&StoredRefund| {
            refund.reason == RefundReason::Staff && refund.state != RefundState::Failed
        };
        let before = refunds.iter().filter(counts).map(|refund| refund.amount);
        Rupiah::sum(before.chain([amount])).is_none_or(|sum| sum >= self.from)
    }
}

impl From<Option<Rupiah>> for RefundRequest {
    fn from(amount: Option<Rupiah>) -> Self {
        Self {
            amount,
            ..Self::default()
        }
    }
}

/// What came of asking for a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReserveOutcome {
    /// These together; one for each payment that gives a part.
    Reserved(Vec<StoredRefund>),
    /// The same request reserved these before.
    Replayed(Vec<StoredRefund>),
    /// The key was used for another amount.
    KeyConflict,
    /// This one, for the same amount, was asked for a moment ago.
    Duplicate(StoredRefund),
    /// There is no such order.
    Unknown,
    NotPaid(OrderStatus),
    /// So much is left.
    TooMuch {
        /// What was neither refunded nor reserved.
        left: Rupiah,
    },
    /// Nothing is reserved until another person asks for the same.
    AwaitsApproval(RefundApproval),
}

/// A refund that one person asked for, and that a second one has to ask for too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundApproval {
    pub id: i64,
    pub order_id: OrderId,
    pub amount: Rupiah,
    /// The name of the request.
    pub asked_as: Option<String>,
    /// The failed refund that is to be tried again.
    pub retry_of: Option<PartnerRefundNo>,
    /// Who asked first.
    pub asked_by: String,
    pub asked_at: Timestamp,
}

/// What came of asking to try a refund again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundRetryOutcome {
    /// It was a dead letter, and is open again.
    Reopened,
    /// It had failed: the same amount is reserved under a new number.
    Reserved(StoredRefund),
    /// It had failed, and was tried again before under this number.
    Replayed(PartnerRefundNo),
    /// It had failed, and this one was reserved since, for the same amount of the same order.
    Duplicate(StoredRefund),
    /// There is no such refund.
    Unknown,
    /// It is done, or under way.
    NotNeeded(RefundState),
    /// The money it wanted is not there any more.
    TooMuch {
        /// What is left of its payment.
        left: Rupiah,
    },
    /// Nothing is reserved until another person asks for the same.
    AwaitsApproval(RefundApproval),
}

/// What to do about a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundAction {
    /// Send its one request, as it was written down.
    Send,
    /// Inquire later.
    Wait,
    /// The money went back.
    Done,
    /// It did not: give the reserve back.
    Failed,
    /// GoPay does not answer for the payment: leave it to staff.
    DeadLetter,
}

/// How the refund `number` of `amount` ended, where the history says so.
///
/// Where it names the refund twice, money that went back counts.
///
/// An entry under our number that names another amount settles nothing: a number stands for one
/// amount for ever, so staff have to see to it. One that names none is ours.
pub fn ending(
    history: &RefundHistory,
    number: &PartnerRefundNo,
    amount: Rupiah,
) -> Option<RefundState> {
    let is_ours = |entry: &&notify::Refund| {
        let fits = entry.refund_amount.is_none() || entry.rupiah() == Some(amount.get());
        entry.is_named(number) && fits
    };
    let ours = history.refunds.iter().filter(is_ours);
    let ends: Vec<bool> = ours.filter_map(notify::Refund::is_done).collect();
    match ends.contains(&true) {
        true => Some(RefundState::Done),
        false if ends.is_empty() => None,
        false => Some(RefundState::Failed),
    }
}

/// Whether the history names the refund `number`, whatever it says of it, or cannot be read well
/// enough to say that it does not.
pub fn may_be_known(history: &RefundHistory, number: &PartnerRefundNo) -> bool {
    history.is_partial || history.refunds.iter().any(|refund| refund.is_named(number))
}

/// After an inquiry whose history does not name the refund, at `now`.
///
/// | last answer | within the window | after it |
/// |---|---|---|
/// | yes | wait | wait |
/// | no | wait; an hour later: failed | the same |
/// | nothing | the identical request again | wait |
pub fn after_inquiry(progress: &RefundProgress, now: Timestamp) -> RefundAction {
    let Some(sent) = progress.sent else {
        return RefundAction::Send;
    };
    match sent.last_response {
        LastResponse::Accepted => RefundAction::Wait,
        LastResponse::Refused if now > sent.last_at + NOT_FOUND_MEANS_FAILED_AFTER => {
            RefundAction::Failed
        }
        LastResponse::Refused => RefundAction::Wait,
        LastResponse::Unknown if now < sent.first_at + IDEMPOTENCY_WINDOW => RefundAction::Send,
        LastResponse::Unknown => RefundAction::Wait,
        LastResponse::NotSent => RefundAction::Send,
    }
}

/// What GoPay's answer to the request for a refund is worth, and what follows from it at once.
///
/// | answer | sent for the first time | sent again |
/// |---|---|---|
/// | done (200) | inquire | inquire |
/// | 404 case 18 | inquire: it was done before | inquire |
/// | refused (400, 403, 404, 405 ...) | failed: nothing was reserved there | inquire |
/// | not sent, throttled, credentials | as if it had not been sent | inquire |
/// | conflict, unknown | inquire | inquire |
///
/// A 200 is not the end: GoPay may report 06 afterwards.
pub fn after_request(
    answer: &Result<Response, Error>,
    sent_before: bool,
) -> (LastResponse, RefundAction) {
    match answer {
        Ok(_) => (LastResponse::Accepted, RefundAction::Wait),
        // SNAP counts it as a success of a refund; it is one once an inquiry confirms it.
        Err(Error::Refused(code)) if code.meaning() == Meaning::Inconsistent => {
            (LastResponse::Unknown, RefundAction::Wait)
        }
        // An earlier request may have been heard; its refund is made if the history says so.
        Err(Error::Refused(_)) if sent_before => (LastResponse::Refused, RefundAction::Wait),
        Err(Error::Refused(_)) => (LastResponse::Refused, RefundAction::Failed),
        Err(Error::NotSent | Error::Throttled | Error::Credentials { .. }) if !sent_before => {
            (LastResponse::NotSent, RefundAction::Wait)
        }
        Err(
            Error::Conflict(_)
            | Error::NotSent
            | Error::Throttled
            | Error::Credentials { .. }
            | Error::Unknown(_),
        ) => (LastResponse::Unknown, RefundAction::Wait),
    }
}

/// After an inquiry that GoPay refused, at `now`. A refund that was not sent has had no other answer
/// since it was reserved: a no that repeats itself for minutes does not end by waiting. Before one that
/// was sent an inquiry succeeded, so a single no says little, and its history can still end it.
pub fn after_refused_inquiry(progress: &RefundProgress, now: Timestamp) -> RefundAction {
    let is_refused_for_minutes =
        progress.sent.is_none() && now > progress.created_at + REVIEW_AFTER;
    match is_refused_for_minutes {
        true => RefundAction::DeadLetter,
        false => RefundAction::Wait,
    }
}

/// When a refund without an end is due next. The pauses grow with its age.
pub fn next_poll(created_at: Timestamp, now: Timestamp) -> NextTry {
    let age = now.since(created_at);
    if age > GIVE_UP_AFTER {
        return NextTry::DeadLetter;
    }
    NextTry::At(now + (age / 2).clamp(MIN_PAUSE, MAX_PAUSE))
}

/// What GoPay is asked for: written down once, and sent so every time.
pub fn request(
    attempt: &Attempt,
    number: &PartnerRefundNo,
    amount: Rupiah,
    reason: RefundReason,
) -> Request {
    let unnamed = attempt.reference_no.is_none();
    Request {
        original_reference_no: attempt.reference_no.clone(),
        original_external_id: unnamed.then(|| attempt.external_id.clone()),
        original_partner_reference_no: (attempt.partner_reference_no())
            .unwrap_or_else(|| PartnerReferenceNo::from("")),
        partner_refund_no: number.clone(),
        refund_amount: Amount::idr(amount.get()),
        reason: reason.buyer_text().to_owned(),
    }
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests;
