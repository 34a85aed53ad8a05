//! New connections to PostgreSQL, and whether one that was used can be used again.

use super::deadline::within;
use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use std::{fmt, io, str::FromStr, time::Duration};
use tokio::time::sleep;

/// How long PostgreSQL may take to accept a connection.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A PostgreSQL that is starting is tried again after this.
const CONNECT_PAUSE: Duration = Duration::from_millis(50);

/// A connection that was used less long ago is not tried before it is used: that would be one more round trip for
/// each transaction.
const IDLE: Duration = Duration::from_secs(1);

/// A connection is replaced after this, so that none stays with a server that another one has taken the place of.
const MAX_AGE: Duration = Duration::from_mins(30);

/// How long PostgreSQL may take to answer a ping.
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// More texts of statements than there are.
const KEPT_STATEMENTS: usize = 256;

/// The server ends a statement, and one that waits for a lock, after so many milliseconds; and a transaction
/// whose process is silent, which would keep its locks.
const SETTINGS: [(&str, &str); 6] = [
    // What the locks of rows are for: a statement reads what was committed before it, not before the lock.
    ("default_transaction_isolation", "read committed"),
    ("statement_timeout", "10000"),
    ("lock_timeout", "5000"),
    ("idle_in_transaction_session_timeout", "15000"),
    // No statement of the merchant's is worth having its plan compiled. PostgreSQL would: where it has to read all of a
    // small table, `enable_seqscan` makes that cost more than any limit.
    ("jit", "off"),
    ("tcp_keepalives_idle", "10"),
];

/// For the merchant, whose statements find their rows by an index whatever their parameters are: to plan each again
/// takes longer than to carry it out. A plan that was made while a table was small would read all of the table until
/// its statistics are new, which takes PostgreSQL a minute. Commands list rows by a state, which a plan has to know.
pub(crate) const GENERIC_PLANS: [(&str, &str); 4] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
];

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

pub(crate) async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    within(Some(CONNECT_TIMEOUT), PgConnection::connect_with(options)).await
}

/// Opens the connections of a pool.
pub(crate) struct Connector(pub(crate) PgConnectOptions);

/// Without the options, which have a password.
impl fmt::Debug for Connector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Connector").finish_non_exhaustive()
    }
}

impl Manager for Connector {
    type Type = PgConnection;
    type Error = sqlx::Error;

    /// Waits for a PostgreSQL that is starting, for as long as the caller does.
    async fn create(&self) -> sqlx::Result<PgConnection> {
        loop {
            match connect(&self.0).await {
                Err(error) if is_starting(&error) => sleep(CONNECT_PAUSE).await,
                result => return result,
            }
        }
    }

    async fn recycle(
        &self,
        connection: &mut PgConnection,
        metrics: &Metrics,
    ) -> RecycleResult<sqlx::Error> {
        if metrics.age() >= MAX_AGE {
            return Err(RecycleError::message("it is old"));
        }
        if metrics.last_used() >= IDLE {
            // One that does not answer, as where the network is cut, is replaced.
            within(Some(PING_TIMEOUT), connection.ping()).await?;
        }
        Ok(())
    }
}

fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() == io::ErrorKind::ConnectionRefused,
        // It starts, or has no room for another connection
        // <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
        sqlx::Error::Database(error) => matches!(error.code().as_deref(), Some("57P03" | "53300")),
        _ => false,
    }
}
