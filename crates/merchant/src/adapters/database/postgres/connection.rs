//! Statements on a connection to PostgreSQL.

use super::{
    deadline::{STATEMENT_TIMEOUT, within},
    pooled::PooledConnection,
};
use crate::adapters::database::value::{Cell, Row, Value};
use sqlx::{
    Column, Connection as _, Executor, PgConnection, Postgres, Row as _, TypeInfo,
    postgres::{PgArguments, PgCopyIn, PgRow},
    query::Query,
};
use std::{borrow::Cow, sync::Arc, time::Duration};

#[derive(Debug)]
pub enum Connection {
    Pooled(PooledConnection),
    /// Of no pool, with what a statement may take.
    Alone(PgConnection, Option<Duration>),
}

impl Connection {
    /// For one statement, whose result [`Self::ended`] takes.
    fn start(&mut self) -> &mut PgConnection {
        match self {
            Self::Pooled(connection) => connection.start(),
            Self::Alone(connection, _) => connection,
        }
    }

    fn ended<T>(&mut self, result: &sqlx::Result<T>) {
        match self {
            Self::Pooled(connection) => connection.ended(result),
            Self::Alone(..) => {}
        }
    }

    const fn limit(&self) -> Option<Duration> {
        match self {
            Self::Pooled(_) => Some(STATEMENT_TIMEOUT),
            Self::Alone(_, limit) => *limit,
        }
    }

    const fn is_in_transaction(&self) -> bool {
        match self {
            Self::Pooled(connection) => connection.is_in_transaction(),
            Self::Alone(..) => false,
        }
    }

    pub(crate) async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Pooled(connection) => connection.commit().await,
            Self::Alone(..) => Ok(()),
        }
    }

    pub(crate) async fn run_script(&mut self, text: &'static str) -> sqlx::Result<()> {
        let done = self.start().execute(sqlx::raw_sql(text)).await;
        self.ended(&done);
        done.map(|_| ())
    }

    /// Returns how many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
    ) -> sqlx::Result<u64> {
        let limit = self.limit();
        let done = within(limit, self.start().execute(bound(text, values))).await;
        self.ended(&done);
        Ok(self.unless_stale(done).await?.rows_affected())
    }

    /// Begins to fill a table.
    pub(crate) async fn copy_in(
        &mut self,
        text: &'static str,
    ) -> sqlx::Result<PgCopyIn<&mut PgConnection>> {
        self.start().copy_in_raw(text).await
    }

    pub(crate) async fn fetch(
        &mut self,
        text: &'static str,
        values: &[Value<'_>],
    ) -> sqlx::Result<Vec<Row>> {
        let rows = match self.fetch_once(text, values).await {
            Err(error) if is_stale(&error) && !self.is_in_transaction() => {
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
        let rows = within(limit, self.start().fetch_all(bound(text, values))).await;
        self.ended(&rows);
        self.unless_stale(rows).await
    }

    /// Has all statements prepared anew after one was refused because the tables have changed.
    async fn unless_stale<T>(&mut self, result: sqlx::Result<T>) -> sqlx::Result<T> {
        if result.as_ref().is_err_and(is_stale) {
            let limit = self.limit();
            let cleared = within(limit, self.start().clear_cached_statements()).await;
            self.ended(&cleared);
            cleared?;
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
