//! Payment events, append-only, in the table `evidence`.

use super::columns::{event_columns, event_from_columns, from_column, parse_name, to_column};
use crate::{
    domain::{
        payment_event::{EventSource, PaymentEvent, ReceivedEvent},
        time::Timestamp,
    },
    ports::Error,
};
use gopay_protocol::ExternalId;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

pub(super) fn read(row: &SqliteRow) -> Result<ReceivedEvent, Error> {
    Ok(ReceivedEvent {
        event: read_event(row)?,
        source: parse_name(row.try_get("source")?, "an event")?,
        received_at: row.try_get("received_at")?,
    })
}

pub(super) fn read_event(row: &SqliteRow) -> Result<PaymentEvent, Error> {
    event_from_columns(
        row.try_get("finding")?,
        from_column(row.try_get("amount")?)?,
    )
}

/// Writes an event, once. Whether it is news.
pub(super) async fn insert_event(
    connection: &mut SqliteConnection,
    external_id: &ExternalId,
    event: PaymentEvent,
    source: EventSource,
    received_at: Timestamp,
) -> Result<bool, Error> {
    let (finding, amount) = event_columns(event);
    let written = sqlx::query(
        "insert into evidence (external_id, source, finding, amount, received_at)
         values (?, ?, ?, ?, ?) on conflict do nothing",
    )
    .bind(external_id.as_str())
    .bind(<&str>::from(source))
    .bind(finding)
    .bind(to_column(amount)?)
    .bind(received_at)
    .execute(connection)
    .await?;
    Ok(written.rows_affected() == 1)
}
