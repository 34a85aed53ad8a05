//! Every payment GoPay was asked for, and what became of it. Pure: the time is an argument.
//!
//! Invariant: a payment is settled once. Paid stays paid, whatever is asked afterwards.

use crate::refunds::{self, Refund};
use gopay_protocol::{Amount, LatestTransactionStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// One payment.
#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub(crate) reference_no: String,
    pub(crate) partner_reference_no: String,
    pub(crate) external_id: String,
    pub(crate) amount: Amount,
    pub(crate) created_at: Timestamp,
    /// By this clock.
    pub(crate) valid_until: Timestamp,
    /// As the merchant wrote it, by its own clock.
    pub(crate) valid_up_to: String,
    pub(crate) state: State,
    /// How often the buyer has left the sheet without deciding.
    pub(crate) leaves: u32,
    pub(crate) refunds: Vec<Refund>,
}

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Pending,
    Settled { ending: Ending, at: Timestamp },
}

/// How a payment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Paid,
    Cancelled,
    Failed,
    Expired,
}

/// What can happen to a payment that is waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Act {
    Pay,
    Cancel,
    Fail,
    Expire,
    /// The buyer goes back: nothing is decided.
    Leave,
}

/// Why an act has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ActError {
    #[error("there is no payment with this reference")]
    Unknown,
    #[error("the payment is {} and cannot change any more", .0.name())]
    Settled(Ending),
}

/// Why nothing goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RefundError {
    #[error("there is no payment with this reference")]
    Unknown,
    #[error("the payment is {}", .0.name())]
    NotPaid(State),
    #[error("only {left} rupiah are left of the payment")]
    TooMuch { left: u64 },
}

impl Payment {
    pub(crate) fn latest_transaction_status(&self) -> LatestTransactionStatus {
        if refunds::total(&self.refunds) > 0 {
            LatestTransactionStatus::Refunded
        } else {
            self.state.latest_transaction_status()
        }
    }

    /// How many rupiah of `wanted`, or of all there is, can go back.
    pub(crate) fn refundable(&self, wanted: Option<u64>) -> Result<u64, RefundError> {
        match self.state {
            State::Settled {
                ending: Ending::Paid,
                ..
            } => {}
            state => return Err(RefundError::NotPaid(state)),
        }
        let paid = self.amount.rupiah().unwrap_or_default();
        let left = paid.saturating_sub(refunds::total(&self.refunds));
        let wanted = wanted.unwrap_or(left);
        if wanted == 0 || wanted > left {
            return Err(RefundError::TooMuch { left });
        }
        Ok(wanted)
    }
}

impl Ending {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Settled { ending, .. } => ending.name(),
        }
    }

    fn latest_transaction_status(self) -> LatestTransactionStatus {
        match self {
            Self::Pending => LatestTransactionStatus::Pending,
            Self::Settled { ending, .. } => match ending {
                Ending::Paid => LatestTransactionStatus::Success,
                Ending::Cancelled => LatestTransactionStatus::Canceled,
                Ending::Failed => LatestTransactionStatus::Failed,
                Ending::Expired => LatestTransactionStatus::Expired,
            },
        }
    }
}

/// All payments, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Payments {
    all: Vec<Payment>,
    by_reference: HashMap<String, usize>,
    by_external_id: HashMap<String, usize>,
    waiting: BTreeSet<(Timestamp, usize)>,
}

impl Payments {
    pub(crate) fn add(&mut self, payment: Payment) {
        let index = self.all.len();
        self.by_reference
            .insert(payment.reference_no.clone(), index);
        self.by_external_id
            .insert(payment.external_id.clone(), index);
        self.waiting.insert((payment.valid_until, index));
        self.all.push(payment);
    }

    pub(crate) fn all(&self) -> &[Payment] {
        &self.all
    }

    pub(crate) fn get(&self, reference_no: &str) -> Option<&Payment> {
        self.all.get(*self.by_reference.get(reference_no)?)
    }

    pub(crate) fn by_external_id(&self, external_id: &str) -> Option<&Payment> {
        self.all.get(*self.by_external_id.get(external_id)?)
    }

    /// Applies `act`; the payment as it then is.
    pub(crate) fn act(
        &mut self,
        reference_no: &str,
        act: Act,
        now: Timestamp,
    ) -> Result<&Payment, ActError> {
        let index = *self
            .by_reference
            .get(reference_no)
            .ok_or(ActError::Unknown)?;
        let payment = self.all.get_mut(index).ok_or(ActError::Unknown)?;
        if let State::Settled { ending, .. } = payment.state {
            return Err(ActError::Settled(ending));
        }
        let ending = match act {
            Act::Leave => {
                payment.leaves += 1;
                return Ok(payment);
            }
            Act::Pay => Ending::Paid,
            Act::Cancel => Ending::Cancelled,
            Act::Fail => Ending::Failed,
            Act::Expire => Ending::Expired,
        };
        payment.state = State::Settled { ending, at: now };
        self.waiting.remove(&(payment.valid_until, index));
        Ok(payment)
    }

    /// The refund with a number of the merchant's, and its payment.
    pub(crate) fn refund_with(&self, number: &str) -> Option<(&Payment, &Refund)> {
        self.all.iter().find_map(|payment| {
            let mut refunds = payment.refunds.iter();
            let found = refunds.find(|it| it.partner_refund_no.as_deref() == Some(number))?;
            Some((payment, found))
        })
    }

    /// Notes that something went back of a payment.
    pub(crate) fn add_refund(
        &mut self,
        reference_no: &str,
        refund: Refund,
    ) -> Result<&Payment, RefundError> {
        let index = self.by_reference.get(reference_no);
        let payment = index.and_then(|index| self.all.get_mut(*index));
        let payment = payment.ok_or(RefundError::Unknown)?;
        payment.refunds.push(refund);
        Ok(payment)
    }

    /// The next payment whose time has run out.
    pub(crate) fn overdue(&self, now: Timestamp) -> Option<String> {
        let (at, index) = self.waiting.first()?;
        let payment = self.all.get(*index)?;
        (*at <= now).then(|| payment.reference_no.clone())
    }

    /// When the next payment runs out of time.
    pub(crate) fn next_expiry(&self) -> Option<Timestamp> {
        self.waiting.first().map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn payments() -> Payments {
        let mut payments = Payments::default();
        payments.add(Payment {
            reference_no: "A1".to_owned(),
            partner_reference_no: "ORDER-1".to_owned(),
            external_id: "x-1".to_owned(),
            amount: Amount::idr(25_000),
            created_at: at(0),
            valid_until: at(900),
            valid_up_to: String::new(),
            state: State::Pending,
            leaves: 0,
            refunds: Vec::new(),
        });
        payments
    }

    #[test]
    fn a_settled_payment_never_changes() {
        for (act, ending) in [
            (Act::Pay, Ending::Paid),
            (Act::Cancel, Ending::Cancelled),
            (Act::Fail, Ending::Failed),
            (Act::Expire, Ending::Expired),
        ] {
            let mut payments = payments();
            let settled = payments.act("A1", act, at(5)).unwrap().state;
            assert_eq!(settled, State::Settled { ending, at: at(5) });
            for again in [Act::Pay, Act::Cancel, Act::Fail, Act::Expire, Act::Leave] {
                assert_eq!(
                    payments.act("A1", again, at(6)).err(),
                    Some(ActError::Settled(ending))
                );
            }
            assert_eq!(payments.by_external_id("x-1").unwrap().state, settled);
            assert_eq!(payments.overdue(at(10_000)), None);
        }
    }

    #[test]
    fn leaving_decides_nothing() {
        let mut payments = payments();
        assert_eq!(payments.act("A1", Act::Leave, at(5)).unwrap().leaves, 1);
        assert_eq!(payments.get("A1").unwrap().state, State::Pending);
        assert_eq!(
            payments.act("A2", Act::Leave, at(5)).err(),
            Some(ActError::Unknown)
        );
    }

    #[test]
    fn time_runs_out_at_the_stated_moment() {
        let payments = payments();
        assert_eq!(payments.overdue(at(899)), None);
        assert_eq!(payments.overdue(at(900)).as_deref(), Some("A1"));
        assert_eq!(payments.next_expiry(), Some(at(900)));
    }
}
