//! The order as the app sees it.

use super::{attempt::Attempt, order::StoredOrder, payment_event::PaymentEvent, time::Timestamp};
use contract::{Order, OrderStatus, Payment, Rupiah};

/// The order as the app gets it.
pub fn to_response(order: &StoredOrder, now: Timestamp) -> Order {
    let payment = order
        .attempts
        .last()
        .filter(|_| order.status == OrderStatus::AwaitingPayment)
        .filter(|attempt| attempt.valid_until > now)
        .and_then(|attempt| {
            Some(Payment {
                way: attempt.way.clone()?,
                valid_until: attempt.valid_until.as_seconds(),
            })
        });
    // To the buyer, the payment is still being checked.
    let is_awaited = order.awaits_confirmation();
    let paid_at = paid_at(&order.attempts).filter(|_| !is_awaited);
    Order {
        id: order.id.clone(),
        status: match is_awaited {
            true => OrderStatus::Checking,
            false => order.status,
        },
        lines: order.lines.clone(),
        total: order.total,
        discount: order.discount.clone(),
        table: order.table.clone(),
        created_at: order.created_at.as_seconds(),
        paid_at: paid_at.map(Timestamp::as_seconds),
        refunded: refunded(order),
        pickup_code: order.pickup_code.clone().filter(|_| is_owed(order.status)),
        payment,
        rewards: order.rewards.clone(),
        as_of: now.as_seconds(),
    }
}

/// What went back of the order's price. What was paid once too often, and went back for that, is
/// none of it: a receipt that names more than its total is not understood.
pub(super) fn refunded(order: &StoredOrder) -> Option<Rupiah> {
    if !matches!(
        order.status,
        OrderStatus::PartiallyRefunded | OrderStatus::Refunded
    ) {
        return None;
    }
    let (mut paid, mut back) = (0_u64, 0_u64);
    for attempt in &order.attempts {
        let money = attempt.payment_amounts(order.total);
        paid = paid.saturating_add(money.paid.get());
        back = back.saturating_add(money.refunded.get());
    }
    let surplus = paid.saturating_sub(order.total.get());
    let back = back.saturating_sub(surplus);
    (back > 0).then(|| Rupiah::new(back))
}

/// Whether there is something to pick up.
const fn is_owed(status: OrderStatus) -> bool {
    matches!(status, OrderStatus::Paid | OrderStatus::PartiallyRefunded)
}

fn paid_at(attempts: &[Attempt]) -> Option<Timestamp> {
    attempts
        .iter()
        .flat_map(|attempt| &attempt.events)
        .filter(|it| matches!(it.event, PaymentEvent::Paid(_)))
        .map(|received| received.received_at)
        .min()
}
