//! What goes back by itself: money that was paid more than once, or too late to be wanted.

use super::{
    order::StoredOrder,
    payment_balance::{PaymentBalance, allocate, total_refundable},
    policy::LatePaymentPolicy,
    refund::{Cause, State, StoredRefund},
};
use contract::{OrderStatus, Rupiah};

/// What an event leads to, beside the order's status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutomaticRefunds {
    /// Whether the order's money is wanted: only then is it fulfilled.
    pub is_wanted: bool,
    /// Why money goes back.
    pub cause: Cause,
    /// How much of which attempt, by its index; empty where nothing goes back.
    pub parts: Vec<(usize, Rupiah)>,
}

/// After an event of `order`, whose status was `before`; `refunds` are all of the order. `None` where
/// the amounts cannot be added up.
pub fn automatic_refunds(
    order: &StoredOrder,
    before: OrderStatus,
    policy: LatePaymentPolicy,
    refunds: &[StoredRefund],
) -> Option<AutomaticRefunds> {
    let refused_before = refunds.iter().any(|refund| refund.cause == Cause::Late);
    let was_over = matches!(
        before,
        OrderStatus::Expired | OrderStatus::Cancelled | OrderStatus::Failed
    );
    let refused_now = policy == LatePaymentPolicy::Refund
        && was_over
        && order.status == OrderStatus::Paid
        && order.pickup_code.is_none();
    let is_wanted = !refused_before && !refused_now;
    let cause = match refused_now && !refused_before {
        true => Cause::Late,
        false => Cause::Surplus,
    };
    // Staff decide about an order in review.
    let parts = match order.status {
        OrderStatus::Review => None,
        _ => {
            let balances = PaymentBalance::of_order(order, refunds)?;
            // A failed automatic refund counts too: staff decide whether it is tried again.
            let reserved = refunds
                .iter()
                .filter(|refund| refund.cause != Cause::Staff || refund.state != State::Failed);
            let reserved = Rupiah::sum(reserved.map(|refund| refund.amount))?;
            let due = automatic_refund_due(order.total, &balances, is_wanted, reserved);
            allocate(due.min(total_refundable(&balances)?), &balances)
        }
    };
    Some(AutomaticRefunds {
        is_wanted,
        cause,
        parts: parts.unwrap_or_default(),
    })
}

/// How much has to be reserved now so that the shop keeps the price of the order once, or,
/// where the money is not wanted, not at all. `reserved` is what was reserved before.
///
/// What was refunded in GoPay's dashboard counts: staff have seen to it already.
pub fn automatic_refund_due(
    total: Rupiah,
    balances: &[PaymentBalance],
    is_wanted: bool,
    reserved: Rupiah,
) -> Rupiah {
    let in_full = || balances.iter().filter(|balance| balance.settled.in_full);
    let surplus = in_full().count().saturating_sub(usize::from(is_wanted));
    let due = (0..surplus).fold(0_u64, |due, _| due.saturating_add(total.get()));
    let elsewhere = in_full().fold(0_u64, |sum, balance| {
        sum.saturating_add(balance.refunded_elsewhere().get())
    });
    let due = due.saturating_sub(elsewhere);
    Rupiah::new(due.saturating_sub(reserved.get()))
}
