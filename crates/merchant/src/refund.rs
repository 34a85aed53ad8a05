//! Giving money back: how much, from which payment, and what follows from GoPay's answers.
//!
//! Invariant: a refund is reserved, under its number and with its amount, before GoPay hears of
//! it, and the reserve is kept until GoPay's own history of the payment says how it ended, or
//! GoPay refused what it cannot know by another way. What was refunded and what is reserved
//! is together never more than what was paid.
//!
//! Not here: HTTP, SQL, the clock. All times are unix milliseconds.

use crate::{evidence::Money, gopay::Error, outbox::Next, schedule::REVIEW_AFTER, store::Attempt};
use contract::Rupiah;
use gopay_protocol::{
    Amount,
    message::{
        notify::{self, RefundHistory},
        refund::{Request, Response},
    },
};

/// So long after it was first sent a request is sent again no more: GoPay knows an
/// `X-EXTERNAL-ID` again for 24 hours `[core-api-snap-open-api-overview]`, and clocks differ.
const WINDOW: i64 = 23 * 3_600_000;

/// A refund that GoPay refused, and does not know so long after it was last sent, was never
/// made: no request can still be on its way.
const NEVER: i64 = 3_600_000;

/// The pauses between two looks. What is planned for later than the latest was planned before
/// the clock was set back.
const SOONEST: i64 = 2_000;
/// The longest pause; milliseconds.
pub const LATEST: i64 = 2 * 3_600_000;

/// A refund that GoPay does not tell the end of for so long is for a person to look at.
const PATIENCE: i64 = 72 * 3_600_000;

/// How long whoever talks to GoPay about a refund has the right to: longer than a token, two
/// inquiries and a refund, each with its second try, take together.
pub const LEASE: i64 = 120_000;

/// Why money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// Staff asked for it.
    Staff,
    /// The order was paid more than once.
    Surplus,
    /// The money came after the buyer had been told that the order was over.
    Late,
}

impl Cause {
    /// What the buyer reads in GoPay's order history.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Staff => "Pengembalian dana dari toko",
            Self::Surplus => "Pembayaran ganda",
            Self::Late => "Pembayaran terlambat",
        }
    }

    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Surplus => "surplus",
            Self::Late => "late",
        }
    }
}

/// What is done with money for an order that the buyer was told is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaidLate {
    /// The order is fulfilled after all.
    #[default]
    Fulfil,
    /// All of it goes back.
    Refund,
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Reserved; GoPay is to be asked for it, or how it ended.
    Open,
    /// The same, but a person has to look at it.
    Parked,
    /// The money went back.
    Done,
    /// It did not, and never will under this number.
    Failed,
}

impl State {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Open, Self::Parked, Self::Done, Self::Failed];

    /// Its name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Parked => "parked",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// Whether the money is kept for it.
    pub const fn is_reserved(self) -> bool {
        matches!(self, Self::Open | Self::Parked)
    }
}

/// What GoPay said when it was last asked for a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// That it will: only its history tells whether it did.
    Yes,
    /// No. An earlier request may have been heard nevertheless.
    No,
    /// Nothing that could be relied on.
    Nothing,
    /// Nothing, for it certainly never heard of it: as if it had not been sent.
    Unsent,
}

/// A refund that somebody looks after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// When it was reserved.
    pub created_at: i64,
    /// When its request was first sent, and last; `None` before the first byte.
    pub sent: Option<Sent>,
}

/// What was sent, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// The first time.
    pub first_at: i64,
    /// The last time.
    pub last_at: i64,
    /// The last answer.
    pub said: Said,
}

/// What to do about a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Send its one request, as it was written down.
    Send,
    /// Look at it again later.
    Wait,
    /// The money went back.
    Done,
    /// It did not: give the reserve back.
    Failed,
    /// GoPay does not answer for the payment: leave it to a person.
    Park,
}

/// How the refund `number` of `amount` ended, where the history says so.
///
/// Where it names the refund twice, money that went back counts.
///
/// An entry under our number that names another amount settles nothing: a number stands for one
/// amount for ever, so a person has to look at it. One that names none is ours.
pub fn ending(history: &RefundHistory, number: &str, amount: Rupiah) -> Option<State> {
    let is_ours = |entry: &&notify::Refund| {
        let fits = entry.refund_amount.is_none() || entry.rupiah() == Some(amount.get());
        entry.is_named(number) && fits
    };
    let ours = history.refunds.iter().filter(is_ours);
    let ends: Vec<bool> = ours.filter_map(notify::Refund::is_done).collect();
    match ends.contains(&true) {
        true => Some(State::Done),
        false if ends.is_empty() => None,
        false => Some(State::Failed),
    }
}

/// Whether the history names the refund `number`, whatever it says of it, or cannot be read well
/// enough to say that it does not.
pub fn may_be_known(history: &RefundHistory, number: &str) -> bool {
    history.is_partial || history.refunds.iter().any(|refund| refund.is_named(number))
}

/// After an inquiry whose history does not tell of the refund, at `now`.
///
/// | last answer | within the window | after it |
/// |---|---|---|
/// | yes | wait | wait |
/// | no | wait; an hour later: failed | the same |
/// | nothing | the identical request again | wait |
pub fn after_inquiry(progress: &Progress, now: i64) -> Step {
    let Some(sent) = progress.sent else {
        return Step::Send;
    };
    match sent.said {
        Said::Yes => Step::Wait,
        Said::No if now > sent.last_at.saturating_add(NEVER) => Step::Failed,
        Said::No => Step::Wait,
        Said::Nothing if now < sent.first_at.saturating_add(WINDOW) => Step::Send,
        Said::Nothing => Step::Wait,
        Said::Unsent => Step::Send,
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
/// | conflict | inquire | GoPay has the request: inquire, and send it no more |
/// | unknown | inquire | inquire |
///
/// A 200 is not the end: GoPay may report 06 afterwards.
pub fn after_request(answer: &Result<Response, Error>, sent_before: bool) -> (Said, Step) {
    match answer {
        Ok(_) => (Said::Yes, Step::Wait),
        // SNAP counts it as a success of a refund; it is one once an inquiry confirms it.
        Err(Error::Refused(code)) if code.http == 404 && code.case == 18 => {
            (Said::Nothing, Step::Wait)
        }
        // The identical request is known there: no answer to it, but no refusal either.
        Err(Error::Conflict(_)) if sent_before => (Said::Yes, Step::Wait),
        // An earlier request may have been heard; its refund is made if the history says so.
        Err(Error::Refused(_)) if sent_before => (Said::No, Step::Wait),
        Err(Error::Refused(_)) => (Said::No, Step::Failed),
        Err(Error::NotSent | Error::Throttled | Error::Credentials(_)) if !sent_before => {
            (Said::Unsent, Step::Wait)
        }
        Err(
            Error::Conflict(_)
            | Error::NotSent
            | Error::Throttled
            | Error::Credentials(_)
            | Error::Unknown(_),
        ) => (Said::Nothing, Step::Wait),
    }
}

/// After an inquiry that GoPay refused, at `now`: a clear no that repeats itself for minutes does
/// not end by waiting.
pub fn after_refused_inquiry(progress: &Progress, now: i64) -> Step {
    match now > progress.created_at.saturating_add(REVIEW_AFTER) {
        true => Step::Park,
        false => Step::Wait,
    }
}

/// When to look at a refund again that has no end yet. The pauses grow with its age.
pub fn next_look(created_at: i64, now: i64) -> Next {
    let age = now.saturating_sub(created_at);
    if age > PATIENCE {
        return Next::Park;
    }
    Next::Again(now.saturating_add((age / 2).clamp(SOONEST, LATEST)))
}

/// One payment of an order, and what became of its money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purse {
    /// By GoPay's word.
    pub money: Money,
    /// What we know to have gone back by our own refunds.
    pub done: Rupiah,
    /// What our refunds without an end keep.
    pub reserved: Rupiah,
}

impl Purse {
    /// What can still be refunded.
    pub fn left(&self) -> Rupiah {
        let gone = self.money.refunded.max(self.done);
        minus(minus(self.money.paid, gone), self.reserved)
    }

    /// What went back by nobody's request here: in GoPay's dashboard.
    pub fn external(&self) -> Rupiah {
        minus(self.money.refunded, self.done)
    }
}

/// What GoPay is asked for: written down once, and sent so every time.
pub fn request(attempt: &Attempt, number: &str, amount: Rupiah, cause: Cause) -> Request {
    let unnamed = attempt.reference_no.is_none();
    Request {
        original_reference_no: attempt.reference_no.clone(),
        original_external_id: unnamed.then(|| attempt.external_id.clone()),
        original_partner_reference_no: attempt.partner_reference_no().unwrap_or_default(),
        partner_refund_no: number.to_owned(),
        refund_amount: Amount::idr(amount.get()),
        reason: cause.reason().to_owned(),
    }
}

/// How much has to be reserved now so that the shop keeps the price of the order once, or,
/// where it was paid too late to be wanted, not at all. `reserved` is all that was ever
/// reserved for these causes, what failed included, for a person decides about that; and what
/// staff gave back.
///
/// What was refunded in the dashboard counts: somebody has seen it before us.
pub fn surplus(total: Rupiah, purses: &[Purse], unwanted: bool, reserved: Rupiah) -> Rupiah {
    let paid = purses.iter().filter(|purse| purse.money.in_full).count();
    let too_often = paid.saturating_sub(usize::from(!unwanted));
    let due = (0..too_often).fold(0_u64, |due, _| due.saturating_add(total.get()));
    let elsewhere = purses
        .iter()
        .filter(|purse| purse.money.in_full)
        .fold(0_u64, |sum, purse| {
            sum.saturating_add(purse.external().get())
        });
    let due = due.saturating_sub(elsewhere);
    Rupiah::new(due.saturating_sub(reserved.get()))
}

/// Which payment gives how much of `amount`; `None` where there is not enough left. A payment
/// that is as large as what is wanted comes first, so that one stays whole where it can; among
/// equals the newest.
pub fn allot(amount: Rupiah, purses: &[Purse]) -> Option<Vec<(usize, Rupiah)>> {
    let mut order: Vec<_> = purses.iter().map(Purse::left).enumerate().collect();
    order.sort_by_key(|(index, left)| {
        let fit = match left {
            left if *left == amount => 0,
            left if *left > amount => 1,
            _ => 2,
        };
        (fit, usize::MAX - index)
    });
    let mut missing = amount;
    let mut parts = Vec::new();
    for (index, left) in order {
        let part = left.min(missing);
        if part > Rupiah::ZERO {
            parts.push((index, part));
            missing = minus(missing, part);
        }
    }
    (missing == Rupiah::ZERO && amount > Rupiah::ZERO).then_some(parts)
}

fn minus(one: Rupiah, other: Rupiah) -> Rupiah {
    Rupiah::new(one.get().saturating_sub(other.get()))
}

#[cfg(test)]
mod properties;

#[cfg(test)]
mod tests;
