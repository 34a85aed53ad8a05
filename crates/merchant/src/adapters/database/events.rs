//! Payment events, append-only, in the table `evidence`.

use super::columns::{event_columns, event_from_columns, from_column, parse_name, to_column};
use super::connection::{Connection, sql};
use super::value::Row;
use crate::{
    domain::{
        payment_event::{EventSource, PaymentEvent, ReceivedEvent},
        time::Timestamp,
    },
    ports::Error,
};
use gopay_protocol::ExternalId;

pub(super) fn read(row: &Row) -> Result<ReceivedEvent, Error> {
    Ok(ReceivedEvent {
        event: read_event(row)?,
        source: parse_name(row.get("source")?, "an event")?,
        received_at: row.get("received_at")?,
    })
}

pub(super) fn read_event(row: &Row) -> Result<PaymentEvent, Error> {
    event_from_columns(row.get("finding")?, from_column(row.get("amount")?)?)
}

/// Writes an event, once. Whether it is news.
pub(super) async fn insert_event(
    connection: &mut Connection,
    external_id: &ExternalId,
    event: PaymentEvent,
    source: EventSource,
    received_at: Timestamp,
) -> Result<bool, Error> {
    let (finding, amount) = event_columns(event);
    let written = sql(
        "insert into evidence (external_id, source, finding, amount, received_at)
         values ($1, $2, $3, $4, $5) on conflict do nothing",
    )
    .bind(external_id.as_str())
    .bind(<&str>::from(source))
    .bind(finding)
    .bind(to_column(amount)?)
    .bind(received_at)
    .execute(connection)
    .await?;
    Ok(written == 1)
}
