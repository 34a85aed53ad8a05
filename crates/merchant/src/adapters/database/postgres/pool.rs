//! Connections to PostgreSQL.

use super::connection::{Connection, STATEMENT_TIMEOUT, within};
use crate::adapters::database::driver_error::DriverError;
use sqlx::{
    ConnectOptions, Connection as _, PgConnection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{io, str::FromStr, time::Duration};
use tokio::time::timeout;

/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection that was used less long ago is not tried before it is used: that would be one more round trip for
/// each transaction.
const IDLE: Duration = Duration::from_secs(1);

/// How long PostgreSQL may take to answer a ping.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// How many connections a transaction tries to begin on: as many as may have been used before a restart.
const MAX_TRIES: u32 = 10;

/// More texts of statements than there are.
const KEPT_STATEMENTS: usize = 256;

/// The server ends a statement, and one that waits for a lock, after so many milliseconds; and a transaction
/// whose process is silent, which would keep its locks.
const SETTINGS: [(&str, &str); 5] = [
    // What the locks of rows are for: a statement reads what was committed before it, not before the lock.
    ("default_transaction_isolation", "read committed"),
    ("statement_timeout", "10000"),
    ("lock_timeout", "5000"),
    ("idle_in_transaction_session_timeout", "15000"),
    ("tcp_keepalives_idle", "10"),
];

/// For the merchant, whose statements find their rows by an index whatever their parameters are: to plan each again
/// takes longer than to carry it out. Commands list rows by a state, which a plan has to know.
pub(crate) const GENERIC_PLANS: [(&str, &str); 1] = [("plan_cache_mode", "force_generic_plan")];

pub(crate) fn options(url: &str) -> sqlx::Result<PgConnectOptions> {
    let mut options = PgConnectOptions::from_str(url)?;
    if options.get_application_name().is_none() {
        options = options.application_name("merchant");
    }
    Ok(options
        // Errors are logged by the callers.
        .disable_statement_logging()
        .statement_cache_capacity(KEPT_STATEMENTS)
        .options(SETTINGS))
}

/// Opens the first connection at its first use.
pub(crate) fn open(options: &PgConnectOptions, connections: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, state| {
            Box::pin(async move {
                if state.idle_for < IDLE {
                    return Ok(true);
                }
                // One that does not answer, as where the network is cut, is replaced.
                Ok(timeout(PING_TIMEOUT, connection.ping())
                    .await
                    .is_ok_and(|pong| pong.is_ok()))
            })
        })
        .after_release(|connection, _| {
            Box::pin(async move {
                let pong = timeout(PING_TIMEOUT, connection.ping()).await;
                pong.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut))?;
                Ok(true)
            })
        })
        .connect_lazy_with(options.clone())
}

pub(crate) async fn acquire(pool: &PgPool) -> Result<Connection, DriverError> {
    Ok(Connection::Plain(pool.acquire().await?))
}

/// A connection that is of no pool. The error is the cause, not a timeout of the pool.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<Connection, DriverError> {
    Ok(Connection::Alone(
        raw(options).await?,
        Some(STATEMENT_TIMEOUT),
    ))
}

async fn raw(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    let connection = timeout(ACQUIRE_TIMEOUT, PgConnection::connect_with(options)).await;
    let timed_out = || sqlx::Error::Io(io::ErrorKind::TimedOut.into());
    connection.unwrap_or_else(|_| Err(timed_out()))
}

/// The same, whose statements and transactions take as long as they take.
pub(crate) async fn connect_without_limits(
    options: &PgConnectOptions,
) -> Result<Connection, DriverError> {
    let mut connection = Connection::Alone(raw(options).await?, None);
    let unlimited = "set statement_timeout = 0; set lock_timeout = 0;
        set idle_in_transaction_session_timeout = 0";
    connection.run_script(unlimited).await?;
    Ok(connection)
}

/// A transaction, which is rolled back where it is dropped.
pub(crate) async fn begin(pool: &PgPool) -> Result<Connection, DriverError> {
    let mut tries = 1;
    loop {
        match within(Some(STATEMENT_TIMEOUT), pool.begin()).await {
            Ok(transaction) => return Ok(Connection::InTransaction(transaction)),
            // Nothing has been done yet: where PostgreSQL was restarted, another connection may do it.
            Err(error) if is_lost(&error) && tries < MAX_TRIES => tries += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether PostgreSQL ended the connection, not whether it did not answer in time.
fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() != io::ErrorKind::TimedOut,
        sqlx::Error::Database(_) => true,
        _ => false,
    }
}
