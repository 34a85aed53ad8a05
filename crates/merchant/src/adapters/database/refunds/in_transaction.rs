//! Reserves, and how they end: the part of the transactions of others.

pub(in crate::adapters::database) use super::queries::of_order as refunds_of_order;
use super::queries::{by_number, of_payment};
use crate::adapters::database::connection::{Connection, sql};
use crate::{
    adapters::database::{columns::to_column, events},
    domain::{
        automatic_refund::automatic_refunds,
        operator_policy::LatePaymentPolicy,
        order::StoredOrder,
        payment_balance::PaymentBalance,
        payment_event::{EventSource, PaymentEvent, ReceivedEvent, total_refunded},
        refund::{self, RefundReason, StoredRefund},
        time::Timestamp,
    },
    ids::{new_external_id, new_id},
    ports::Error,
};
use contract::{OrderStatus, Rupiah};
use gopay_protocol::{ExternalId, PartnerRefundNo, message::notify::RefundHistory};

/// Keeps what GoPay's history of a payment says: how our refunds ended, and how much went back
/// in all, by whomever.
pub(in crate::adapters::database) async fn apply_refund_history(
    connection: &mut Connection,
    payment: &ExternalId,
    history: &RefundHistory,
    source: EventSource,
    now: Timestamp,
) -> Result<(), Error> {
    if history.is_empty() {
        return Ok(());
    }
    let refunds = of_payment(connection, payment).await?;
    for ours in &refunds {
        if !ours.state.is_reserved() {
            continue;
        }
        let Some(end) = refund::ending(history, &ours.number, ours.amount) else {
            continue;
        };
        sql(
            "update refunds set state = $1, try_at = $2, leased_until = 0
             where number = $3 and state in ('open', 'parked')",
        )
        .bind(end.name())
        .bind(now)
        .bind(ours.number.as_str())
        .execute(&mut *connection)
        .await?;
    }
    let amount = total_refunded(history, |entry| {
        let ours = refunds.iter().find(|ours| entry.is_named(&ours.number));
        ours.map(|ours| ours.amount)
    });
    if amount > Rupiah::ZERO {
        let refunded = ReceivedEvent {
            event: PaymentEvent::Refunded(amount),
            source,
            received_at: now,
        };
        events::insert_event(connection, payment, refunded).await?;
    }
    Ok(())
}

/// Reserves what has to go back by itself after an event of an order whose status was `before`, and which has these
/// refunds. Returns whether its money is wanted: only then is it fulfilled.
pub(in crate::adapters::database) async fn reserve_automatic_refunds(
    connection: &mut Connection,
    order: &StoredOrder,
    refunds: &[StoredRefund],
    before: OrderStatus,
    policy: LatePaymentPolicy,
    now: Timestamp,
) -> Result<bool, Error> {
    let automatic =
        automatic_refunds(order, before, policy, refunds).ok_or(Error::CorruptRow("refunds"))?;
    reserve(connection, order, &automatic.parts, automatic.reason, now).await?;
    Ok(automatic.is_wanted)
}

pub(super) async fn reserve(
    connection: &mut Connection,
    order: &StoredOrder,
    parts: &[(usize, Rupiah)],
    reason: RefundReason,
    now: Timestamp,
) -> Result<Vec<StoredRefund>, Error> {
    let mut reserved = Vec::new();
    for (index, amount) in parts {
        let attempt = order
            .attempts
            .get(*index)
            .ok_or(Error::CorruptRow("a payment"))?;
        let number = PartnerRefundNo::from(new_id().simple().to_string());
        let request = refund::request(attempt, &number, *amount, reason);
        let body = serde_json::to_string(&request).map_err(|_| Error::CorruptRow("a refund"))?;
        sql("insert into refunds
             (number, external_id, payment, amount, cause, request, created_at, try_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(number.as_str())
        .bind(new_external_id().as_str())
        .bind(attempt.external_id.as_str())
        .bind(to_column(*amount)?)
        .bind(reason.name())
        .bind(&body)
        .bind(now)
        .bind(now)
        .execute(&mut *connection)
        .await?;
        reserved.extend(by_number(connection, &number).await?);
    }
    Ok(reserved)
}

/// What became of the money of each attempt, in their order.
pub(super) async fn balances(
    connection: &mut Connection,
    order: &StoredOrder,
) -> Result<Vec<PaymentBalance>, Error> {
    let refunds = refunds_of_order(connection, &order.id).await?;
    PaymentBalance::of_order(order, &refunds).ok_or(Error::CorruptRow("refunds"))
}
