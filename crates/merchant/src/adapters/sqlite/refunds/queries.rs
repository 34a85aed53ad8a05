//! Queries of refunds.

use crate::{
    adapters::sqlite::columns::{count, from_column, last_response_from_column, named},
    domain::{
        refund::{RefundProgress, RefundState, RefundSubmission, StoredRefund},
        time::Timestamp,
    },
    ports::Error,
};
use contract::OrderId;
use gopay_protocol::{ExternalId, PartnerRefundNo};
use sqlx::{Sqlite, SqliteConnection, prelude::FromRow, query::QueryAs, sqlite::SqliteArguments};

#[derive(FromRow)]
struct Row {
    number: String,
    external_id: String,
    order_id: String,
    payment: String,
    amount: i64,
    cause: String,
    request: String,
    created_at: Timestamp,
    state: String,
    sent_at: Option<Timestamp>,
    last_sent_at: Option<Timestamp>,
    last_response: String,
    tries: i64,
    answer: Option<String>,
    try_at: Timestamp,
}

impl Row {
    fn read(self) -> Result<StoredRefund, Error> {
        let sent = match (self.sent_at, self.last_sent_at) {
            (Some(first_at), Some(last_at)) => Some(RefundSubmission {
                first_at,
                last_at,
                last_response: last_response_from_column(&self.last_response)?,
            }),
            _ => None,
        };
        Ok(StoredRefund {
            number: self.number.into(),
            external_id: self.external_id.into(),
            order_id: self.order_id.into(),
            payment_external_id: self.payment.into(),
            amount: from_column(self.amount)?,
            reason: named(&self.cause, "a refund")?,
            request: self.request,
            state: named(&self.state, "a refund")?,
            progress: RefundProgress {
                created_at: self.created_at,
                sent,
            },
            tries: count(self.tries)?,
            answer: self.answer,
            try_at: self.try_at,
        })
    }
}

/// Refunds as [`Row`] has them, picked by what follows.
macro_rules! select_refunds {
    ($which:literal) => {
        sqlx::query_as::<_, Row>(concat!(
            "select refunds.*, order_id from refunds
             join attempts on attempts.external_id = payment ",
            $which
        ))
    };
}

type Select<'q> = QueryAs<'q, Sqlite, Row, SqliteArguments>;

async fn all(
    connection: &mut SqliteConnection,
    select: Select<'_>,
) -> Result<Vec<StoredRefund>, Error> {
    let rows = select.fetch_all(connection).await?;
    rows.into_iter().map(Row::read).collect()
}

pub(super) async fn by_number(
    connection: &mut SqliteConnection,
    number: &PartnerRefundNo,
) -> Result<Option<StoredRefund>, Error> {
    let select = select_refunds!("where refunds.number = ?").bind(number.as_str());
    let row = select.fetch_optional(connection).await?;
    row.map(Row::read).transpose()
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

pub(super) async fn of_order(
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
