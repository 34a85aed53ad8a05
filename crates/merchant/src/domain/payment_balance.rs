//! How much of each payment can be refunded.
//!
//! Invariant: what was refunded and what is reserved is together never more than what was paid.

use super::{
    attempt::Attempt,
    order::StoredOrder,
    payment_event::PaymentAmounts,
    refund::{RefundState, StoredRefund},
};
use contract::Rupiah;

/// One payment of an order, and what became of its money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentBalance {
    pub amounts: PaymentAmounts,
    /// By our own refunds.
    pub done: Rupiah,
    /// By our refunds without an end.
    pub reserved: Rupiah,
}

impl PaymentBalance {
    /// Those of the order's attempts, in their order, by all refunds of the order; `None` where their
    /// amounts cannot be added up.
    pub fn of_order(order: &StoredOrder, refunds: &[StoredRefund]) -> Option<Vec<Self>> {
        let balance = |attempt: &Attempt| {
            let sum = |counts: fn(RefundState) -> bool| {
                let counted = refunds.iter().filter(|refund| {
                    refund.payment_external_id == attempt.external_id && counts(refund.state)
                });
                Rupiah::sum(counted.map(|refund| refund.amount))
            };
            Some(Self {
                amounts: attempt.payment_amounts(order.total),
                done: sum(|state| state == RefundState::Done)?,
                reserved: sum(RefundState::is_reserved)?,
            })
        };
        order.attempts.iter().map(balance).collect()
    }

    /// What can still be refunded.
    pub fn refundable(&self) -> Rupiah {
        let gone = self.amounts.refunded.max(self.done);
        minus(minus(self.amounts.paid, gone), self.reserved)
    }

    /// What was refunded in GoPay's dashboard, under no number of ours.
    pub fn refunded_elsewhere(&self) -> Rupiah {
        minus(self.amounts.refunded, self.done)
    }
}

/// What can still be refunded of all payments together; `None` where it cannot be added up.
pub fn total_refundable(balances: &[PaymentBalance]) -> Option<Rupiah> {
    Rupiah::sum(balances.iter().map(PaymentBalance::refundable))
}

/// Which payment gives how much of `amount`; `None` where there is not enough left. A payment
/// that is as large as what is wanted comes first, so that one stays whole where it can; among
/// equals the newest.
pub fn allocate(amount: Rupiah, balances: &[PaymentBalance]) -> Option<Vec<(usize, Rupiah)>> {
    let mut order: Vec<_> = balances
        .iter()
        .map(PaymentBalance::refundable)
        .enumerate()
        .collect();
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
