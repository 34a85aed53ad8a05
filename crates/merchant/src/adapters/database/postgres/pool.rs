//! Connections to PostgreSQL.

use super::connection::Connection;
use crate::adapters::database::driver_error::DriverError;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr, time::Duration};

/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// More texts of statements than there are.
const KEPT_STATEMENTS: usize = 256;

/// The server ends a statement, and one that waits for a lock, after so many milliseconds; and a transaction
/// whose process says nothing, which would keep its locks.
const SERVER_LIMITS: [(&str, &str); 4] = [
    ("statement_timeout", "10000"),
    ("lock_timeout", "5000"),
    ("idle_in_transaction_session_timeout", "15000"),
    ("tcp_keepalives_idle", "10"),
];

pub(crate) fn options(url: &str) -> sqlx::Result<PgConnectOptions> {
    let mut options = PgConnectOptions::from_str(url)?;
    if options.get_application_name().is_none() {
        options = options.application_name("merchant");
    }
    Ok(options
        .statement_cache_capacity(KEPT_STATEMENTS)
        .options(SERVER_LIMITS))
}

/// Opens the first connection at its first use.
pub(crate) fn open(options: &PgConnectOptions, connections: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(options.clone())
}

pub(crate) async fn acquire(pool: &PgPool) -> Result<Connection, DriverError> {
    Ok(Connection::Plain(pool.acquire().await?))
}

/// A connection that is of no pool any more.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<Connection, DriverError> {
    acquire(&open(options, 1)).await
}

/// A transaction, which is rolled back where it is dropped.
pub(crate) async fn begin(pool: &PgPool) -> Result<Connection, DriverError> {
    Ok(Connection::InTransaction(pool.begin().await?))
}
