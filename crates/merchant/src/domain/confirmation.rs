//! Whether an event confirms that an order is paid, where the operator wants that before the order is handed
//! over.

use super::{
    operator_policy::Confirmation,
    order::StoredOrder,
    payment_balance::PaymentBalance,
    payment_event::{EventSource, PaymentEvent, ReceivedEvent},
    refund::StoredRefund,
};
use contract::Rupiah;
use gopay_protocol::ExternalId;

/// Whether an event of this attempt confirms the order; `refunds` are all of the order.
///
/// An inquiry confirms the payment that it is about, and that payment has to be the one whose money stays: of
/// two payments one goes back, and staff may have refunded the order while it was held back. An order in
/// review is confirmed too: the review may end without a further inquiry.
pub fn is_confirmed_by(
    order: &StoredOrder,
    external_id: &ExternalId,
    received: &ReceivedEvent,
    refunds: &[StoredRefund],
) -> bool {
    let is_said = order.confirmation == Confirmation::Awaited
        && received.source == EventSource::Inquiry
        && received.event == PaymentEvent::Paid(order.total);
    let is_kept = || {
        let balances = PaymentBalance::of_order(order, refunds).unwrap_or_default();
        order
            .attempts
            .iter()
            .zip(balances)
            .any(|(attempt, balance)| {
                attempt.external_id == *external_id && balance.refundable() > Rupiah::ZERO
            })
    };
    is_said && is_kept()
}
