//! Payment events, append-only, in the table `evidence`.

use super::columns::{event_columns, event_from_columns, from_column, parse_name, to_column};
use super::connection::{Connection, sql};
use super::locks::order_lock_by_attempt;
use super::value::Row;
use crate::{
    domain::payment_event::{PaymentEvent, ReceivedEvent},
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
    received: ReceivedEvent,
) -> Result<bool, Error> {
    let insert = "insert into evidence (external_id, source, finding, amount, received_at)
         values ($1, $2, $3, $4, $5) on conflict do nothing";
    insert_by(connection, insert, external_id, received).await
}

/// The same, as the first statement of a write that decides by the order: it is locked before that, by the same
/// statement where the database needs locks (`locks.rs`).
pub(super) async fn lock_order_and_insert_event(
    connection: &mut Connection,
    external_id: &ExternalId,
    received: ReceivedEvent,
) -> Result<bool, Error> {
    if matches!(connection, Connection::Sqlite(_)) {
        return insert_event(connection, external_id, received).await;
    }
    let insert = concat!(
        "with locked as (",
        order_lock_by_attempt!(),
        ") insert into evidence (external_id, source, finding, amount, received_at)
         select $1, $2, $3, $4, $5 from locked on conflict do nothing"
    );
    insert_by(connection, insert, external_id, received).await
}

async fn insert_by(
    connection: &mut Connection,
    insert: &'static str,
    external_id: &ExternalId,
    received: ReceivedEvent,
) -> Result<bool, Error> {
    let (finding, amount) = event_columns(received.event);
    let written = sql(insert)
        .bind(external_id.as_str())
        .bind(<&str>::from(received.source))
        .bind(finding)
        .bind(to_column(amount)?)
        .bind(received.received_at)
        .execute(connection)
        .await?;
    Ok(written == 1)
}
