//! Reserves, and how they end: the part of other people's transactions.

use super::row::{by_number, of_payment};
use crate::{
    adapters::sqlite::{
        columns::{from_column, to_column},
        events,
    },
    domain::{
        order::StoredOrder,
        payment_balance::{PaymentBalance, allocate, automatic_refund_due},
        payment_event::{EventSource, PaymentEvent, settled_amounts, total_refunded},
        policy::LatePaymentPolicy,
        refund::{self, Cause, State, StoredRefund},
    },
    ids::new_external_id,
    ports::Error,
};
use contract::{OrderStatus, Rupiah};
use gopay_protocol::message::notify::RefundHistory;
use sqlx::SqliteConnection;
use uuid::Uuid;

/// Keeps what GoPay's history of a payment says: how our refunds ended, and how much went back
/// in all, by whomever.
pub(in crate::adapters::sqlite) async fn apply_refund_history(
    connection: &mut SqliteConnection,
    payment: &str,
    history: &RefundHistory,
    source: EventSource,
    now: i64,
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
        sqlx::query("update refunds set state = ?, try_at = ?, leased_until = 0 where number = ?")
            .bind(end.name())
            .bind(now)
            .bind(&ours.number)
            .execute(&mut *connection)
            .await?;
    }
    let amount = total_refunded(history, |entry| {
        let ours = refunds.iter().find(|ours| entry.is_named(&ours.number));
        ours.map(|ours| ours.amount)
    });
    if amount > Rupiah::ZERO {
        events::insert_event(
            connection,
            payment,
            PaymentEvent::Refunded(amount),
            source,
            now,
        )
        .await?;
    }
    Ok(())
}

/// Reserves what has to go back by itself, now that an order that was `before` has heard of
/// something. Returns whether its money is wanted at all: only then is it to be handed over.
pub(in crate::adapters::sqlite) async fn reserve_automatic_refunds(
    connection: &mut SqliteConnection,
    order: &StoredOrder,
    before: OrderStatus,
    policy: LatePaymentPolicy,
    now: i64,
) -> Result<bool, Error> {
    let refused_before: bool = sqlx::query_scalar(
        "select exists (select 1 from refunds join attempts on attempts.external_id = payment
         where order_id = ? and cause = 'late')",
    )
    .bind(&order.id)
    .fetch_one(&mut *connection)
    .await?;
    let was_over = matches!(
        before,
        OrderStatus::Expired | OrderStatus::Cancelled | OrderStatus::Failed
    );
    let refused_now = policy == LatePaymentPolicy::Refund
        && was_over
        && order.status == OrderStatus::Paid
        && order.pickup_code.is_none();
    let unwanted = refused_before || refused_now;
    // What a person has to look at moves by nobody else's doing.
    if order.status == OrderStatus::Review {
        return Ok(!unwanted);
    }
    let balances = balances(connection, order).await?;
    let so_far: i64 = sqlx::query_scalar(
        "select coalesce(sum(amount), 0) from refunds
         join attempts on attempts.external_id = payment
         where order_id = ? and (cause in ('surplus', 'late') or state <> 'failed')",
    )
    .bind(&order.id)
    .fetch_one(&mut *connection)
    .await?;
    let due = automatic_refund_due(order.total, &balances, unwanted, from_column(so_far)?);
    if let Some(parts) = allocate(due.min(left(&balances)?), &balances) {
        let cause = if refused_now && !refused_before {
            Cause::Late
        } else {
            Cause::Surplus
        };
        reserve(connection, order, &parts, cause, now).await?;
    }
    Ok(!unwanted)
}

pub(super) async fn reserve(
    connection: &mut SqliteConnection,
    order: &StoredOrder,
    parts: &[(usize, Rupiah)],
    cause: Cause,
    now: i64,
) -> Result<Vec<StoredRefund>, Error> {
    let mut reserved = Vec::new();
    for (index, amount) in parts {
        let attempt = order
            .attempts
            .get(*index)
            .ok_or(Error::CorruptRow("a payment"))?;
        let number = Uuid::new_v4().simple().to_string();
        let request = refund::request(attempt, &number, *amount, cause);
        sqlx::query(
            "insert into refunds
             (number, external_id, payment, amount, cause, request, created_at, try_at)
             values (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&number)
        .bind(new_external_id())
        .bind(&attempt.external_id)
        .bind(to_column(*amount)?)
        .bind(cause.name())
        .bind(serde_json::to_string(&request).map_err(|_| Error::CorruptRow("a refund"))?)
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
    connection: &mut SqliteConnection,
    order: &StoredOrder,
) -> Result<Vec<PaymentBalance>, Error> {
    let mut balances = Vec::with_capacity(order.attempts.len());
    for attempt in &order.attempts {
        let refunds = of_payment(connection, &attempt.external_id).await?;
        let sum = |counts: fn(State) -> bool| {
            let counted = refunds.iter().filter(|refund| counts(refund.state));
            Rupiah::sum(counted.map(|refund| refund.amount)).ok_or(Error::CorruptRow("refunds"))
        };
        let events: Vec<_> = attempt
            .events
            .iter()
            .map(|received| received.event)
            .collect();
        balances.push(PaymentBalance {
            settled: settled_amounts(order.total, &events),
            done: sum(|state| state == State::Done)?,
            reserved: sum(State::is_reserved)?,
        });
    }
    Ok(balances)
}

pub(super) fn left(balances: &[PaymentBalance]) -> Result<Rupiah, Error> {
    Rupiah::sum(balances.iter().map(PaymentBalance::refundable)).ok_or(Error::CorruptRow("refunds"))
}
