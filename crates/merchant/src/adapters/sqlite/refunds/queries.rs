//! Queries of refunds.

use crate::{
    adapters::sqlite::columns::{
        count, from_column, last_response_from_column, parse_name, read_id,
    },
    domain::{
        refund::{RefundProgress, RefundState, RefundSubmission, StoredRefund},
        time::Timestamp,
    },
    ports::Error,
};
use contract::OrderId;
use gopay_protocol::{ExternalId, PartnerRefundNo};
use sqlx::{
    Row, Sqlite, SqliteConnection,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};

fn read(row: &SqliteRow) -> Result<StoredRefund, Error> {
    let sent = match (row.try_get("sent_at")?, row.try_get("last_sent_at")?) {
        (Some(first_at), Some(last_at)) => Some(RefundSubmission {
            first_at,
            last_at,
            last_response: last_response_from_column(row.try_get("last_response")?)?,
        }),
        _ => None,
    };
    Ok(StoredRefund {
        number: read_id(row, "number")?,
        external_id: read_id(row, "external_id")?,
        order_id: read_id(row, "order_id")?,
        payment_external_id: read_id(row, "payment")?,
        amount: from_column(row.try_get("amount")?)?,
        reason: parse_name(row.try_get("cause")?, "a refund")?,
        request: row.try_get("request")?,
        state: parse_name(row.try_get("state")?, "a refund")?,
        progress: RefundProgress {
            created_at: row.try_get("created_at")?,
            sent,
        },
        tries: count(row.try_get("tries")?)?,
        answer: row.try_get("answer")?,
        try_at: row.try_get("try_at")?,
    })
}

/// Refunds as [`read`] takes them, picked by what follows.
macro_rules! select_refunds {
    ($which:literal) => {
        sqlx::query(concat!(
            "select refunds.*, order_id from refunds
             join attempts on attempts.external_id = payment ",
            $which
        ))
    };
}

async fn all(
    connection: &mut SqliteConnection,
    select: Query<'_, Sqlite, SqliteArguments>,
) -> Result<Vec<StoredRefund>, Error> {
    let rows = select.fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

pub(super) async fn by_number(
    connection: &mut SqliteConnection,
    number: &PartnerRefundNo,
) -> Result<Option<StoredRefund>, Error> {
    let select = select_refunds!("where refunds.number = ?").bind(number.as_str());
    let row = select.fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// Those in a state, the oldest first; of the failed ones those that were not tried again under
/// another number.
pub(super) async fn in_state(
    connection: &mut SqliteConnection,
    state: RefundState,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!(
        "where state = ? and retried_as is null order by refunds.created_at, refunds.number"
    );
    all(connection, select.bind(state.name())).await
}

pub(super) async fn of_payment(
    connection: &mut SqliteConnection,
    payment: &ExternalId,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!("where payment = ? order by refunds.created_at, refunds.number");
    all(connection, select.bind(payment.as_str())).await
}

pub(in crate::adapters::sqlite) async fn of_order(
    connection: &mut SqliteConnection,
    order_id: &OrderId,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!("where order_id = ? order by refunds.created_at, refunds.number");
    all(connection, select.bind(order_id.as_str())).await
}

/// What staff asked for of an order under a name.
pub(super) async fn asked_as(
    connection: &mut SqliteConnection,
    order_id: &OrderId,
    key: &str,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!("where order_id = ? and asked_as = ? order by attempts.number");
    all(connection, select.bind(order_id.as_str()).bind(key)).await
}

/// What staff asked for of an order after `since`, but for what was asked for
/// in the place of a refund that had failed.
pub(super) async fn asked_since(
    connection: &mut SqliteConnection,
    order_id: &OrderId,
    since: Timestamp,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!(
        "where order_id = ? and cause = 'staff' and refunds.created_at > ?
         and refunds.number not in (select retried_as from refunds where retried_as is not null)"
    );
    all(connection, select.bind(order_id.as_str()).bind(since)).await
}

/// The number under which a failed refund was tried again.
pub(super) async fn retried_as(
    connection: &mut SqliteConnection,
    number: &PartnerRefundNo,
) -> Result<Option<PartnerRefundNo>, Error> {
    let number: Option<String> =
        sqlx::query_scalar("select retried_as from refunds where number = ?")
            .bind(number.as_str())
            .fetch_one(connection)
            .await?;
    Ok(number.map(PartnerRefundNo::from))
}
