//! A request of GoPay's mini-app API that an order leads to: a reward, a reminder, a push.
//!
//! Invariant: an order leads to one request of a kind; staff may ask for more collections of gems. Its
//! `Request-Id`, amount and body are written before its first byte is sent, and stay while GoPay may have
//! carried it out. A reward is not sent for money that went back before.
//!
//! Coins that were given for money that went back afterwards cannot be taken back: no API does. The
//! buyer's next reward of that kind is smaller by as many.

mod hint;
#[cfg(test)]
mod tests;

pub use hint::hint;

use super::{
    gopay_result::Error, next_try::NextTry, order::StoredOrder, order_response::refunded, retry,
    time::Timestamp,
};
use contract::{OrderId, OrderStatus, RewardKind, RewardStatus};
use gopay_protocol::{
    MiniAppErrorCode, ReminderId, RequestId,
    message::rewards::{self, RewardAmount},
};
use std::{fmt, num::NonZeroU64, time::Duration};
use strum::{EnumIter, EnumString, IntoStaticStr};

/// A request may be sent again within this time after it was first sent.
///
/// Unverified: for how long GoPay knows a `Request-Id` again. BI-SNAP knows its ids for 24 hours.
const IDEMPOTENCY_WINDOW: Duration = Duration::from_hours(23);

/// When a request that has to wait for its order is looked at again.
pub const RECHECK_INTERVAL: Duration = Duration::from_mins(1);

/// A push about a receipt is sent within this time or not at all.
const PUSH_WITHIN: Duration = Duration::from_hours(1);

/// How long a worker's lease lasts: longer than a request takes.
pub const LEASE: Duration = Duration::from_mins(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum RequestKind {
    Coins,
    Emoney,
    Gems,
    /// Takes gems from the buyer; staff ask for it.
    GemsCollection,
    Reminder,
    ReminderRemoval,
    Push,
}

impl RequestKind {
    /// Its name in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What the buyer is given, where it is a reward.
    pub const fn reward(self) -> Option<RewardKind> {
        match self {
            Self::Coins => Some(RewardKind::Coins),
            Self::Emoney => Some(RewardKind::Emoney),
            Self::Gems => Some(RewardKind::Gems),
            Self::GemsCollection | Self::Reminder | Self::ReminderRemoval | Self::Push => None,
        }
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum RequestState {
    /// To be sent, perhaps again.
    Pending,
    /// GoPay carried it out.
    Accepted,
    /// Its order needs it no more, and it was never sent.
    NotNeeded,
    /// GoPay refuses it for this buyer, for good.
    Refused,
    /// It waits for staff.
    DeadLetter,
}

impl RequestState {
    /// Its name in the database.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A request, before it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMiniAppRequest {
    pub kind: RequestKind,
    /// Of a reward: what the whole order brings.
    pub full_amount: Option<NonZeroU64>,
    /// Its body; of a removal, the reminder's id.
    pub request: String,
    /// Not sent before.
    pub due_at: Timestamp,
}

impl NewMiniAppRequest {
    /// Removes a reminder.
    pub fn removal(reminder_id: &ReminderId, now: Timestamp) -> Self {
        Self {
            kind: RequestKind::ReminderRemoval,
            full_amount: None,
            request: reminder_id.to_string(),
            due_at: now,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMiniAppRequest {
    pub id: RequestId,
    pub order_id: OrderId,
    pub kind: RequestKind,
    /// See [`NewMiniAppRequest::full_amount`].
    pub full_amount: Option<u64>,
    /// Of a reward: what is sent; `None` before it is sent.
    pub amount: Option<u64>,
    /// See [`NewMiniAppRequest::request`].
    pub request: String,
    pub created_at: Timestamp,
    pub state: RequestState,
    /// Since when GoPay may have carried it out.
    pub first_sent_at: Option<Timestamp>,
    pub tries: u32,
    /// How often GoPay did not take the buyer's token.
    pub token_refusals: u32,
    /// GoPay's id of what it did: `payment_id` or `reminder_id`.
    pub gopay_id: Option<String>,
    /// The result of the last try.
    pub answer: Option<String>,
    /// The next try, or when it ended.
    pub try_at: Timestamp,
}

/// Whether a request is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// With this body; a reward, of this amount.
    Send {
        amount: Option<u64>,
        request: String,
    },
    /// Not now: how the order goes on is not known.
    Wait,
    /// Never.
    NotNeeded(&'static str),
    /// GoPay may not know its id any more, and may have carried it out: staff have to look.
    TooOld,
}

/// What the order and its buyer bring to the decision.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    pub order: &'a StoredOrder,
    /// Whether a refund of the order has no end yet.
    pub is_refund_open: bool,
    /// See [`overpaid`].
    pub overpaid: u64,
}

/// | kind | order | readiness |
/// | --- | --- | --- |
/// | any, sent before | any | send the same, while GoPay knows its `Request-Id` |
/// | reward | paid, partially refunded, no refund open | send what is left of it |
/// | reward | a refund open, in review | wait |
/// | reward | anything else | not needed |
/// | reminder | awaits payment | send |
/// | reminder | outcome unknown | wait |
/// | reminder | over | not needed |
/// | push | paid | send, within an hour |
/// | push | in review | wait |
/// | push | anything else | not needed |
/// | removal, collection | any | send |
///
/// `None` where the stored request cannot be read.
pub fn readiness(
    request: &StoredMiniAppRequest,
    circumstances: Circumstances<'_>,
    now: Timestamp,
) -> Option<Readiness> {
    use OrderStatus as O;
    let order = circumstances.order;
    let same = Readiness::Send {
        amount: request.amount,
        request: request.request.clone(),
    };
    if request.first_sent_at.is_some() {
        return Some(match may_repeat(request, now) {
            true => same,
            false => Readiness::TooOld,
        });
    }
    Some(match (request.kind, order.status) {
        (RequestKind::ReminderRemoval | RequestKind::GemsCollection, _) => same,
        (RequestKind::Coins | RequestKind::Emoney | RequestKind::Gems, status) => match status {
            O::Review => Readiness::Wait,
            O::Paid | O::PartiallyRefunded if circumstances.is_refund_open => Readiness::Wait,
            O::Paid | O::PartiallyRefunded => {
                return reward(request, order, circumstances.overpaid);
            }
            _ => Readiness::NotNeeded("the money went back before"),
        },
        (RequestKind::Reminder, O::AwaitingPayment) => same,
        (RequestKind::Reminder, O::Checking) => Readiness::Wait,
        (RequestKind::Reminder, _) => Readiness::NotNeeded("the order is over"),
        (RequestKind::Push, O::Paid) if now.since(request.created_at) <= PUSH_WITHIN => same,
        (RequestKind::Push, O::Paid) => Readiness::NotNeeded("it is too late for it"),
        (RequestKind::Push, O::Review) => Readiness::Wait,
        (RequestKind::Push, _) => Readiness::NotNeeded("the order is no longer paid"),
    })
}

fn reward(request: &StoredMiniAppRequest, order: &StoredOrder, overpaid: u64) -> Option<Readiness> {
    let entitled = entitled(request.full_amount?, order);
    let Some(amount) = NonZeroU64::new(entitled.saturating_sub(overpaid)) else {
        return Some(Readiness::NotNeeded(match entitled {
            0 => "the money went back before",
            _ => "the buyer has more from an order that was refunded",
        }));
    };
    let mut body: rewards::Request = serde_json::from_str(&request.request).ok()?;
    body.amount = RewardAmount::new(amount);
    Some(Readiness::Send {
        amount: Some(amount.get()),
        request: serde_json::to_string(&body).ok()?,
    })
}

/// What is left of an order's reward after its refunds: as large a part as of its money, rounded down.
pub fn entitled(full_amount: u64, order: &StoredOrder) -> u64 {
    let total = u128::from(order.total.get());
    let kept = match order.status {
        OrderStatus::Refunded => 0,
        _ => {
            order.total.get() - refunded(order).map_or(0, |back| back.get().min(order.total.get()))
        }
    };
    let part = u128::from(full_amount) * u128::from(kept) / total.max(1);
    u64::try_from(part).unwrap_or(full_amount)
}

/// By how much a buyer has more of a kind than they are entitled to. `rewards` are those whose amount
/// is fixed, each with what it is entitled to now.
pub fn overpaid(rewards: impl IntoIterator<Item = (u64, u64)>) -> u64 {
    let (mut given, mut entitled) = (0_u64, 0_u64);
    for (amount, right) in rewards {
        given = given.saturating_add(amount);
        entitled = entitled.saturating_add(right);
    }
    given.saturating_sub(entitled)
}

/// What GoPay answered to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MiniAppResult {
    /// It is carried out, under GoPay's id where there is one.
    Accepted(Option<String>),
    /// GoPay does not take the buyer's token: after a new sign-in there is another one.
    TokenInactive(Option<MiniAppErrorCode>),
    /// GoPay does not do it. Some of its refusals have no code.
    Refused(Option<MiniAppErrorCode>),
    /// Nothing was done, or nothing certain is known.
    Failed {
        error: Error,
        code: Option<MiniAppErrorCode>,
    },
}

impl MiniAppResult {
    /// Whether GoPay has certainly not carried out this one request.
    pub const fn did_nothing(&self) -> bool {
        match self {
            Self::Accepted(_) => false,
            Self::TokenInactive(_) | Self::Refused(_) => true,
            Self::Failed { error, .. } => matches!(error, Error::NotSent | Error::Throttled),
        }
    }

    /// The code of GoPay's answer, where it has one.
    pub fn code(&self) -> Option<&MiniAppErrorCode> {
        match self {
            Self::Accepted(_) => None,
            Self::TokenInactive(code) | Self::Refused(code) | Self::Failed { code, .. } => {
                code.as_ref()
            }
        }
    }
}

/// One word or two, for the lists of staff.
impl fmt::Display for MiniAppResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(_) => f.write_str("accepted")?,
            Self::TokenInactive(_) => f.write_str("token inactive")?,
            Self::Refused(_) => f.write_str("refused")?,
            Self::Failed { error, .. } => write!(f, "{error}")?,
        }
        match self.code() {
            Some(code) => write!(f, " ({code})"),
            None => Ok(()),
        }
    }
}

/// What follows from an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    End(RequestState),
    TryAt(Timestamp),
    /// Due again once the buyer has signed in anew.
    AwaitSignIn,
}

/// | answer | next |
/// | --- | --- |
/// | carried out | accepted |
/// | refused without a code, a removal | accepted: the reminder is gone |
/// | refused because of the buyer | refused |
/// | refused otherwise | dead letter |
/// | token inactive, first time | await the next sign-in |
/// | token inactive again | dead letter: the new token is not taken either |
/// | no answer, or none that is certain | try again, while GoPay knows the `Request-Id`; then dead letter |
///
/// `tries` includes the one that was just made, whose first was at `first_sent_at`.
pub fn next_step(
    request: &StoredMiniAppRequest,
    result: &MiniAppResult,
    now: Timestamp,
    jitter: u8,
) -> NextStep {
    use RequestState as S;
    match result {
        MiniAppResult::Accepted(_) => NextStep::End(S::Accepted),
        // "Reminder not found" is the documented refusal without a code.
        MiniAppResult::Refused(None) if request.kind == RequestKind::ReminderRemoval => {
            NextStep::End(S::Accepted)
        }
        MiniAppResult::Refused(Some(code)) if code.is_about_buyer() => NextStep::End(S::Refused),
        MiniAppResult::Refused(_) => NextStep::End(S::DeadLetter),
        MiniAppResult::TokenInactive(_) if request.token_refusals == 0 => NextStep::AwaitSignIn,
        MiniAppResult::TokenInactive(_) => NextStep::End(S::DeadLetter),
        MiniAppResult::Failed { .. } => match retry::next_retry(request.tries, now, jitter) {
            NextTry::At(at) if may_repeat(request, at) => NextStep::TryAt(at),
            NextTry::At(_) | NextTry::DeadLetter => NextStep::End(S::DeadLetter),
        },
    }
}

/// Whether GoPay still knows the request's id then.
pub fn may_repeat(request: &StoredMiniAppRequest, at: Timestamp) -> bool {
    let sent = request.first_sent_at;
    sent.is_none_or(|first| at.since(first) <= IDEMPOTENCY_WINDOW)
}

/// The result of asking to send a request again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestRetryOutcome {
    /// It is due now, with all its tries.
    Due,
    Unknown,
    /// Only what waits for staff, or was refused, is sent again.
    NotToRetry(RequestState),
    /// GoPay may not know its id any more, and may have carried it out.
    TooOld,
    /// GoPay is asked for nothing in their name.
    BuyerErased,
}

/// How the buyer is told of a reward; `None` where there is nothing to tell.
pub const fn reward_status(state: RequestState) -> Option<RewardStatus> {
    match state {
        RequestState::Pending | RequestState::DeadLetter => Some(RewardStatus::Pending),
        RequestState::Accepted => Some(RewardStatus::Given),
        RequestState::Refused => Some(RewardStatus::Refused),
        RequestState::NotNeeded => None,
    }
}
