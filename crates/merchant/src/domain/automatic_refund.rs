//! What goes back by itself: money that was paid more than once, or too late to be wanted.

use super::{
    operator_policy::LatePaymentPolicy,
    order::StoredOrder,
    payment_balance::{PaymentBalance, allocate, total_refundable},
    refund::{RefundReason, RefundState, StoredRefund},
};
use contract::{OrderStatus, Rupiah};

/// What an event leads to, beside the order's status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutomaticRefunds {
    /// Whether the order's money is wanted: only then is it fulfilled.
    pub is_wanted: bool,
    /// Why `parts` go back.
    pub reason: RefundReason,
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
    let refused_before = refunds
        .iter()
        .any(|refund| refund.reason == RefundReason::Late);
    let was_over = matches!(
        before,
        OrderStatus::Expired | OrderStatus::Cancelled | OrderStatus::Failed
    );
    let refused_now = policy == LatePaymentPolicy::Refund
        && was_over
        && order.status == OrderStatus::Paid
        && order.pickup_code.is_none();
    let is_wanted = !refused_before && !refused_now;
    let reason = match refused_now && !refused_before {
        true => RefundReason::Late,
        false => RefundReason::Surplus,
    };
    // Staff decide about an order in review.
    let parts = match order.status {
        OrderStatus::Review => None,
        _ => {
            let balances = PaymentBalance::of_order(order, refunds)?;
            // A failed automatic refund counts too: staff decide whether it is tried again.
            let reserved = refunds.iter().filter(|refund| {
                refund.reason != RefundReason::Staff || refund.state != RefundState::Failed
            });
            let reserved = Rupiah::sum(reserved.map(|refund| refund.amount))?;
            let due = automatic_refund_due(order.total, &balances, is_wanted, reserved);
            allocate(due.min(total_refundable(&balances)?), &balances)
        }
    };
    Some(AutomaticRefunds {
        is_wanted,
        reason,
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
    let in_full = || balances.iter().filter(|balance| balance.amounts.in_full);
    let surplus = in_full().count().saturating_sub(usize::from(is_wanted));
    let due = (0..surplus).fold(0_u64, |due, _| due.saturating_add(total.get()));
    let elsewhere = in_full().fold(0_u64, |sum, balance| {
        sum.saturating_add(balance.refunded_elsewhere().get())
    });
    let due = due.saturating_sub(elsewhere);
    Rupiah::new(due.saturating_sub(reserved.get()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::domain::{
        attempt::Attempt,
        operator_policy::Confirmation,
        payment_event::{EventSource, PaymentEvent, ReceivedEvent},
        refund::RefundProgress,
    };

    const PRICE: Rupiah = Rupiah::new(25_000);

    fn order(status: OrderStatus, paid: &[bool], pickup_code: Option<&str>) -> StoredOrder {
        let attempt = |(index, paid): (usize, &bool)| Attempt {
            external_id: format!("x{index}").into(),
            number: 1 + u32::try_from(index).unwrap_or(0),
            idempotency_key: "".into(),
            request: String::new(),
            created_at: Timestamp::EPOCH,
            valid_until: Timestamp::EPOCH,
            reference_no: None,
            way: None,
            events: vec![ReceivedEvent {
                source: EventSource::Inquiry,
                event: match paid {
                    true => PaymentEvent::Paid(PRICE),
                    false => PaymentEvent::Expired,
                },
                received_at: Timestamp::EPOCH,
            }],
        };
        StoredOrder {
            id: "o".into(),
            customer_id: "c".into(),
            mini_app: "kedai".into(),
            lines: Vec::new(),
            total: PRICE,
            discount: None,
            table: None,
            created_at: Timestamp::EPOCH,
            status,
            confirmation: Confirmation::NotNeeded,
            pickup_code: pickup_code.map(str::to_owned),
            rewards: Vec::new(),
            attempts: paid.iter().enumerate().map(attempt).collect(),
        }
    }

    fn refund(reason: RefundReason, state: RefundState, of: usize) -> StoredRefund {
        StoredRefund {
            number: "r".into(),
            external_id: "xr".into(),
            order_id: "o".into(),
            payment_external_id: format!("x{of}").into(),
            amount: PRICE,
            reason,
            request: String::new(),
            state,
            progress: RefundProgress {
                created_at: Timestamp::EPOCH,
                sent: None,
            },
            tries: 0,
            answer: None,
            try_at: Timestamp::EPOCH,
        }
    }

    #[test]
    fn money_goes_back_by_itself_by_this_table() {
        use LatePaymentPolicy::{Fulfil, Refund};
        use OrderStatus::{
            AwaitingPayment, Cancelled, Checking, Expired, Failed, Paid, PartiallyRefunded, Review,
        };
        use RefundReason::{Late, Staff, Surplus};
        let twice: &[bool] = &[true, true];
        let reserved = |reason, of| vec![refund(reason, RefundState::Open, of)];
        for (before, status, policy, paid, code, refunds, is_wanted, reason, parts) in [
            // Paid in time.
            (
                AwaitingPayment,
                Paid,
                Refund,
                &[true][..],
                None,
                vec![],
                true,
                Surplus,
                vec![],
            ),
            (
                Checking,
                Paid,
                Refund,
                &[true],
                None,
                vec![],
                true,
                Surplus,
                vec![],
            ),
            // Paid when the order was over.
            (
                Expired,
                Paid,
                Fulfil,
                &[true],
                None,
                vec![],
                true,
                Surplus,
                vec![],
            ),
            (
                Expired,
                Paid,
                Refund,
                &[true],
                None,
                vec![],
                false,
                Late,
                vec![0],
            ),
            (
                Cancelled,
                Paid,
                Refund,
                &[true],
                None,
                vec![],
                false,
                Late,
                vec![0],
            ),
            (
                Failed,
                Paid,
                Refund,
                &[false, true],
                None,
                vec![],
                false,
                Late,
                vec![1],
            ),
            // It was fulfilled before.
            (
                Expired,
                Paid,
                Refund,
                &[true],
                Some("A1"),
                vec![],
                true,
                Surplus,
                vec![],
            ),
            // Money that was refused once is never wanted again, and goes back once.
            (
                Paid,
                Paid,
                Refund,
                &[true],
                None,
                reserved(Late, 0),
                false,
                Surplus,
                vec![],
            ),
            (
                Paid,
                Paid,
                Fulfil,
                twice,
                None,
                reserved(Late, 0),
                false,
                Surplus,
                vec![1],
            ),
            // Paid twice: the newest of two equal payments goes back.
            (
                Paid,
                Paid,
                Fulfil,
                twice,
                Some("A1"),
                vec![],
                true,
                Surplus,
                vec![1],
            ),
            (
                Paid,
                Paid,
                Fulfil,
                twice,
                Some("A1"),
                reserved(Surplus, 1),
                true,
                Surplus,
                vec![],
            ),
            (
                Paid,
                Paid,
                Fulfil,
                twice,
                Some("A1"),
                reserved(Staff, 1),
                true,
                Surplus,
                vec![],
            ),
            // A refund of staff's that failed gave nothing back.
            (
                PartiallyRefunded,
                Paid,
                Fulfil,
                twice,
                Some("A1"),
                vec![refund(Staff, RefundState::Failed, 1)],
                true,
                Surplus,
                vec![1],
            ),
            // About a failed automatic one, and about an order in review, staff decide.
            (
                Paid,
                Paid,
                Fulfil,
                twice,
                Some("A1"),
                vec![refund(Surplus, RefundState::Failed, 1)],
                true,
                Surplus,
                vec![],
            ),
            (
                Paid,
                Review,
                Fulfil,
                twice,
                Some("A1"),
                vec![],
                true,
                Surplus,
                vec![],
            ),
        ] {
            let order = order(status, paid, code);
            let back = automatic_refunds(&order, before, policy, &refunds);
            let parts = parts.into_iter().map(|index| (index, PRICE)).collect();
            let expected = AutomaticRefunds {
                is_wanted,
                reason,
                parts,
            };
            let case = format!("{before:?} -> {status:?}, {policy:?}, {paid:?}, {refunds:?}");
            assert_eq!(back, Some(expected), "{case}");
        }
    }
}
