//! How much of each payment can be refunded, and what has to go back by itself.
//!
//! Invariant: what was refunded and what is reserved is together never more than what was paid.

use super::payment_event::SettledAmounts;
use contract::Rupiah;

/// One payment of an order, and what became of its money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentBalance {
    /// By GoPay's word.
    pub settled: SettledAmounts,
    /// What we know to have gone back by our own refunds.
    pub done: Rupiah,
    /// What our refunds without an end keep.
    pub reserved: Rupiah,
}

impl PaymentBalance {
    /// What can still be refunded.
    pub fn refundable(&self) -> Rupiah {
        let gone = self.settled.refunded.max(self.done);
        minus(minus(self.settled.paid, gone), self.reserved)
    }

    /// What went back by nobody's request here: in GoPay's dashboard.
    pub fn refunded_elsewhere(&self) -> Rupiah {
        minus(self.settled.refunded, self.done)
    }
}

/// How much has to be reserved now so that the shop keeps the price of the order once, or,
/// where it was paid too late to be wanted, not at all. `reserved` is all that was ever
/// reserved for these causes, what failed included, for a person decides about that; and what
/// staff gave back.
///
/// What was refunded in the dashboard counts: somebody has seen it before us.
pub fn automatic_refund_due(
    total: Rupiah,
    balances: &[PaymentBalance],
    unwanted: bool,
    reserved: Rupiah,
) -> Rupiah {
    let paid = balances
        .iter()
        .filter(|balance| balance.settled.in_full)
        .count();
    let too_often = paid.saturating_sub(usize::from(!unwanted));
    let due = (0..too_often).fold(0_u64, |due, _| due.saturating_add(total.get()));
    let elsewhere = balances
        .iter()
        .filter(|balance| balance.settled.in_full)
        .fold(0_u64, |sum, balance| {
            sum.saturating_add(balance.refunded_elsewhere().get())
        });
    let due = due.saturating_sub(elsewhere);
    Rupiah::new(due.saturating_sub(reserved.get()))
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
