//! Queries of refunds.

use crate::adapters::database::connection::{Connection, Statement, sql};
use crate::adapters::database::value::Row;
use crate::{
    adapters::database::columns::{
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

fn read(row: &Row) -> Result<StoredRefund, Error> {
    let sent = match (row.get("sent_at")?, row.get("last_sent_at")?) {
        (Some(first_at), Some(last_at)) => Some(RefundSubmission {
            first_at,
            last_at,
            last_response: last_response_from_column(row.get("last_response")?)?,
        }),
        _ => None,
    };
    Ok(StoredRefund {
        number: read_id(row, "number")?,
        external_id: read_id(row, "external_id")?,
        order_id: read_id(row, "order_id")?,
        payment_external_id: read_id(row, "payment")?,
        amount: from_column(row.get("amount")?)?,
        reason: parse_name(row.get("cause")?, "a refund")?,
        request: row.get("request")?,
        state: parse_name(row.get("state")?, "a refund")?,
        progress: RefundProgress {
            created_at: row.get("created_at")?,
            sent,
        },
        tries: count(row.get("tries")?)?,
        answer: row.get("answer")?,
        try_at: row.get("try_at")?,
    })
}

/// Refunds as [`read`] takes them, picked by what follows.
macro_rules! select_refunds {
    ($which:literal) => {
        sql(concat!(
            "select refunds.*, order_id from refunds
             join attempts on attempts.external_id = payment ",
            $which
        ))
    };
}

async fn all(
    connection: &mut Connection,
    select: Statement<'_>,
) -> Result<Vec<StoredRefund>, Error> {
    let rows = select.fetch_all(connection).await?;
    rows.iter().map(read).collect()
}

pub(super) async fn by_number(
    connection: &mut Connection,
    number: &PartnerRefundNo,
) -> Result<Option<StoredRefund>, Error> {
    let select = select_refunds!("where refunds.number = $1").bind(number.as_str());
    let row = select.fetch_optional(connection).await?;
    row.as_ref().map(read).transpose()
}

/// Those in a state, the oldest first; of the failed ones those that were not tried again under
/// another number.
pub(super) async fn in_state(
    connection: &mut Connection,
    state: RefundState,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!(
        "where state = $1 and retried_as is null order by refunds.created_at, refunds.number"
    );
    all(connection, select.bind(state.name())).await
}

pub(super) async fn of_payment(
    connection: &mut Connection,
    payment: &ExternalId,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!("where payment = $1 order by refunds.created_at, refunds.number");
    all(connection, select.bind(payment.as_str())).await
}

pub(in crate::adapters::database) async fn of_order(
    connection: &mut Connection,
    order_id: &OrderId,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!("where order_id = $1 order by refunds.created_at, refunds.number");
    all(connection, select.bind(order_id.as_str())).await
}

/// What staff asked for of an order under a name.
pub(super) async fn asked_as(
    connection: &mut Connection,
    order_id: &OrderId,
    key: &str,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!("where order_id = $1 and asked_as = $2 order by attempts.number");
    all(connection, select.bind(order_id.as_str()).bind(key)).await
}

/// What staff asked for of an order after `since`, but for what was asked for
/// in the place of a refund that had failed.
pub(super) async fn asked_since(
    connection: &mut Connection,
    order_id: &OrderId,
    since: Timestamp,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!(
        "where order_id = $1 and cause = 'staff' and refunds.created_at > $2
         and refunds.number not in (select retried_as from refunds where retried_as is not null)"
    );
    all(connection, select.bind(order_id.as_str()).bind(since)).await
}

/// The number under which a failed refund was tried again.
pub(super) async fn retried_as(
    connection: &mut Connection,
    number: &PartnerRefundNo,
) -> Result<Option<PartnerRefundNo>, Error> {
    let number: Option<String> = sql("select retried_as from refunds where number = $1")
        .bind(number.as_str())
        .fetch_value(connection)
        .await?;
    Ok(number.map(PartnerRefundNo::from))
}
