//! A refund as the table has it.

use crate::{
    adapters::sqlite::columns::{
        cause_from_column, from_column, last_response_from_column, state_from_column,
    },
    domain::refund::{Progress, Sent, State, StoredRefund},
    ports::Error,
};
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
    created_at: i64,
    state: String,
    sent_at: Option<i64>,
    last_sent_at: Option<i64>,
    last_response: String,
    tries: i64,
    answer: Option<String>,
    try_at: i64,
}

impl Row {
    fn read(self) -> Result<StoredRefund, Error> {
        let sent = match (self.sent_at, self.last_sent_at) {
            (Some(first_at), Some(last_at)) => Some(Sent {
                first_at,
                last_at,
                last_response: last_response_from_column(&self.last_response)?,
            }),
            _ => None,
        };
        Ok(StoredRefund {
            number: self.number,
            external_id: self.external_id,
            order_id: self.order_id,
            payment: self.payment,
            amount: from_column(self.amount)?,
            cause: cause_from_column(&self.cause)?,
            request: self.request,
            state: state_from_column(&self.state)?,
            progress: Progress {
                created_at: self.created_at,
                sent,
            },
            tries: self.tries,
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
    number: &str,
) -> Result<Option<StoredRefund>, Error> {
    let select = select_refunds!("where refunds.number = ?").bind(number);
    let row = select.fetch_optional(connection).await?;
    row.map(Row::read).transpose()
}

/// Those in a state, the oldest first; of the failed ones those that were not tried again under
/// another number.
pub(super) async fn in_state(
    connection: &mut SqliteConnection,
    state: State,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!(
        "where state = ? and retried_as is null order by refunds.created_at, refunds.number"
    );
    all(connection, select.bind(state.name())).await
}

pub(super) async fn of_payment(
    connection: &mut SqliteConnection,
    payment: &str,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!("where payment = ? order by refunds.created_at, refunds.number");
    all(connection, select.bind(payment)).await
}

pub(super) async fn of_order(
    connection: &mut SqliteConnection,
    order_id: &str,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!("where order_id = ? order by refunds.created_at, refunds.number");
    all(connection, select.bind(order_id)).await
}

/// What staff asked for of an order under a name.
pub(super) async fn asked_as(
    connection: &mut SqliteConnection,
    order_id: &str,
    key: &str,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!("where order_id = ? and asked_as = ? order by attempts.number");
    all(connection, select.bind(order_id).bind(key)).await
}

/// What staff asked for of an order after `since`, unix milliseconds, but for what was asked for
/// in the place of a refund that had failed.
pub(super) async fn asked_since(
    connection: &mut SqliteConnection,
    order_id: &str,
    since: i64,
) -> Result<Vec<StoredRefund>, Error> {
    let select = select_refunds!(
        "where order_id = ? and cause = 'staff' and refunds.created_at > ?
         and refunds.number not in (select retried_as from refunds where retried_as is not null)"
    );
    all(connection, select.bind(order_id).bind(since)).await
}

/// The number under which a failed refund was tried again.
pub(super) async fn retried_as(
    connection: &mut SqliteConnection,
    number: &str,
) -> Result<Option<String>, Error> {
    Ok(
        sqlx::query_scalar("select retried_as from refunds where number = ?")
            .bind(number)
            .fetch_one(connection)
            .await?,
    )
}
