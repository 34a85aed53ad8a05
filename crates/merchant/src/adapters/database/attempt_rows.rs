//! Attempts to pay.

use super::connection::{Connection, sql};
use super::value::Row;
use super::{
    columns::{count, read_id, way_from_column},
    events,
    store::Store,
};
use crate::{
    domain::{attempt::Attempt, order::NewAttempt, time::Timestamp},
    ports::Error,
};
use contract::OrderId;
use gopay_protocol::{ExternalId, ReferenceNo};

/// Adds the attempt of a row, unless it is the last one, and the row's event.
pub(super) fn add(attempts: &mut Vec<Attempt>, row: &Row) -> Result<(), Error> {
    let Some(external_id) = row.get::<Option<&str>>("external_id")? else {
        return Ok(());
    };
    let last = attempts.last();
    if last.is_none_or(|last| last.external_id.as_str() != external_id) {
        let reference_no: Option<String> = row.get("reference_no")?;
        attempts.push(Attempt {
            external_id: read_id(row, "external_id")?,
            number: count(row.get("number")?)?,
            idempotency_key: read_id(row, "attempt_key")?,
            request: row.get("request")?,
            created_at: row.get("attempted_at")?,
            valid_until: row.get("valid_until")?,
            reference_no: reference_no.map(ReferenceNo::from),
            way: row.get::<Option<&str>>("deeplink")?.map(way_from_column),
            events: Vec::new(),
        });
    }
    if let Some(attempt) = attempts.last_mut()
        && row.get::<Option<&str>>("finding")?.is_some()
    {
        attempt.events.push(events::read(row)?);
    }
    Ok(())
}

pub(super) async fn insert(
    connection: &mut Connection,
    order_id: &OrderId,
    number: u32,
    attempt: &NewAttempt<'_>,
) -> Result<(), Error> {
    sql("insert into attempts
         (external_id, order_id, number, idempotency_key, request, created_at, valid_until,
          last_inquiry_at, next_inquiry_at, leased_until)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
    .bind(attempt.external_id.as_str())
    .bind(order_id.as_str())
    .bind(number)
    .bind(attempt.idempotency_key.as_str())
    .bind(attempt.request)
    .bind(attempt.created_at)
    .bind(attempt.valid_until)
    .bind(attempt.created_at)
    .bind(attempt.leased_until)
    .bind(attempt.leased_until)
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn schedule_inquiry_now(
    connection: &mut Connection,
    external_id: &ExternalId,
    now: Timestamp,
) -> Result<(), Error> {
    sql(
        "update attempts set next_inquiry_at = $1, last_inquiry_at = 0, is_urgent = case when exists (
             select 1 from evidence where evidence.external_id = $2
             and finding in ('paid', 'paid_in_doubt', 'refunded')) then 1 else 0 end
         where external_id = $2",
    )
    .bind(now)
    .bind(external_id.as_str())
    .execute(connection)
    .await?;
    Ok(())
}

impl Store {
    /// The attempts, with their orders, that may have taken money, whose end is not known, or
    /// that were made since then; the oldest first.
    pub async fn attempts_to_reconcile(
        &self,
        since: Timestamp,
    ) -> Result<Vec<(OrderId, ExternalId)>, Error> {
        let rows = sql("select order_id, external_id from attempts
             where created_at >= $1 or not exists (
                 select 1 from evidence where evidence.external_id = attempts.external_id
                 and finding in ('refused', 'never_made', 'cancelled', 'failed', 'expired'))
             or exists (
                 select 1 from evidence where evidence.external_id = attempts.external_id
                 and finding in ('paid', 'paid_in_doubt', 'refunded'))
             order by created_at, number")
        .bind(since)
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let typed = |row: &Row| Ok((read_id(row, "order_id")?, read_id(row, "external_id")?));
        rows.iter().map(typed).collect()
    }
}
