//! Statements on a connection to PostgreSQL.

use crate::adapters::database::value::{Cell, Row, Value};
use sqlx::{
    Column, Connection as _, Executor, PgConnection, Postgres, Row as _, Transaction, TypeInfo,
    pool::PoolConnection,
    postgres::{PgArguments, PgCopyIn, PgRow},
    query::Query,
};
use std::{borrow::Cow, future::Future, sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long a statement may take. The server ends it before that, unless the network is cut.
pub(crate) const STATEMENT_TIMEOUT: Duration = Duration::from_secs(12);

/// A connection of the pool, perhaps in a transaction.
#[derive(Debug)]
pub enum Connection {
    Plain(PoolConnection<Postgres>),
    /// Of no pool, with what a statement may take.
    Alone(PgConnection, Option<Duration>),
    InTransaction(Transaction<'static, Postgres>),
}

impl Connection {
    fn raw(&mut self) -> &mut PgConnection {
        match self {
            Self::Plain(connection) => connection,
            Self::Alone(connection, _) => connection,
            Self::InTransaction(transaction) => transaction,
        }
    }

    const fn limit(&self) -> Option<Duration> {
        match self {
            Self::Plain(_) | Self::InTransaction(_) => Some(STATEMENT_TIMEOUT),
            Self::Alone(_, limit) => *limit,
        }
    }

    pub(crate) async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::InTransaction(transaction) => {
                within(Some(STATEMENT_TIMEOUT), transaction.commit()).await
            }
            Self::Plain(_) | Self::Alone(..) => Ok(()),
        }
    }

    pub(crate) async fn run_script(&mut self, text: &'static str) -> sqlx::Result<()> {
        self.raw().execute(sqlx::raw_sql(text)).await?;
        Ok(())
    }

    /// Returns how many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
    ) -> sqlx::Result<u64> {
        let limit = self.limit();
        let done = within(limit, self.raw().execute(bound(text, values))).await;
        Ok(self.unless_stale(done).await?.rows_affected())
    }

    /// Begins to fill a table.
    pub(crate) async fn copy_in(
        &mut self,
        text: &'static str,
    ) -> sqlx::Result<PgCopyIn<&mut PgConnection>> {
        self.raw().copy_in_raw(text).await
    }

    pub(crate) async fn fetch(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
    ) -> sqlx::Result<Vec<Row>> {
        let rows = match self.fetch_once(text, values).await {
            Err(error) if is_stale(&error) && !matches!(self, Self::InTransaction(_)) => {
                self.fetch_once(text, values).await?
            }
            rows => rows?,
        };
        read(&rows)
    }

    async fn fetch_once(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
    ) -> sqlx::Result<Vec<PgRow>> {
        let limit = self.limit();
        let rows = within(limit, self.raw().fetch_all(bound(text, values))).await;
        self.unless_stale(rows).await
    }

    /// Has all statements prepared anew after one was refused because the tables have changed.
    async fn unless_stale<T>(&mut self, result: sqlx::Result<T>) -> sqlx::Result<T> {
        if result.as_ref().is_err_and(is_stale) {
            self.raw().clear_cached_statements().await?;
        }
        result
    }
}

/// Whether a prepared statement was refused because another process has brought the tables up to date.
pub(crate) fn is_stale(error: &sqlx::Error) -> bool {
    code(error).as_deref() == Some("0A000")
}

/// PostgreSQL's code <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
pub(crate) fn code(error: &sqlx::Error) -> Option<Cow<'_, str>> {
    error.as_database_error()?.code()
}

pub(crate) async fn within<T>(
    limit: Option<Duration>,
    work: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    let Some(limit) = limit else {
        return work.await;
    };
    timeout(limit, work)
        .await
        .unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
}

fn bound<'q>(text: &'static str, values: &'q [Value<'q>]) -> Query<'q, Postgres, PgArguments> {
    let mut query = sqlx::query(text);
    for value in values {
        query = match value {
            Value::Integer(value) => query.bind(*value),
            Value::Text(value) => query.bind(value.map(without_nul)),
            Value::Bytes(value) => query.bind(*value),
        };
    }
    query
}

/// PostgreSQL has no text with U+0000: it is kept as U+FFFD, also where it is looked for.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => text.replace('\0', "\u{FFFD}").into(),
        false => text.into(),
    }
}

fn read(rows: &[PgRow]) -> sqlx::Result<Vec<Row>> {
    let Some(first) = rows.first() else {
        return Ok(Vec::new());
    };
    let columns: Arc<[String]> = (first.columns().iter())
        .map(|column| column.name().to_owned())
        .collect();
    rows.iter()
        .map(|row| {
            let cells = (0..columns.len()).map(|place| cell(row, place));
            Ok(Row::new(&columns, cells.collect::<sqlx::Result<_>>()?))
        })
        .collect()
}

fn cell(row: &PgRow, place: usize) -> sqlx::Result<Cell> {
    let integer = |value: Option<i64>| value.map_or(Cell::Null, Cell::Integer);
    Ok(match row.column(place).type_info().name() {
        "INT8" => integer(row.try_get(place)?),
        "INT4" => integer(row.try_get::<Option<i32>, _>(place)?.map(i64::from)),
        "BOOL" => integer(row.try_get::<Option<bool>, _>(place)?.map(i64::from)),
        "VOID" => Cell::Null,
        "BYTEA" => row
            .try_get::<Option<Vec<u8>>, _>(place)?
            .map_or(Cell::Null, Cell::Bytes),
        _ => row
            .try_get::<Option<String>, _>(place)?
            .map_or(Cell::Null, Cell::Text),
    })
}
