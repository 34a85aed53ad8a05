//! Connections to PostgreSQL.

use super::{
    connection::Connection,
    connector::{self, CONNECT_TIMEOUT, Connector},
    deadline::STATEMENT_TIMEOUT,
    pooled::PooledConnection,
};
use crate::adapters::database::driver_error::DriverError;
use deadpool::managed::{self, Object, PoolError, QueueMode};
use sqlx::postgres::PgConnectOptions;
use std::{io, time::Duration};
use tokio::time::{sleep, timeout};

/// How many connections a transaction tries to begin on: as many as may have been used before a restart.
const MAX_TRIES: u32 = 10;

/// How often a pool that is closed looks whether its connections are back.
const CLOSE_PAUSE: Duration = Duration::from_millis(5);

/// Connections that are used in turn.
#[derive(Debug, Clone)]
pub(crate) struct Pool(managed::Pool<Connector>);

impl Pool {
    /// Opens the first connection at its first use.
    pub(crate) fn open(
        options: &PgConnectOptions,
        connections: usize,
    ) -> Result<Self, DriverError> {
        let builder = managed::Pool::builder(Connector(options.clone()))
            .max_size(connections)
            // The one that was used last needs no ping.
            .queue_mode(QueueMode::Lifo);
        let pool = builder.build();
        Ok(Self(pool.map_err(|error| {
            sqlx::Error::Configuration(Box::new(error))
        })?))
    }

    pub(crate) async fn acquire(&self) -> Result<Connection, DriverError> {
        Ok(Connection::Pooled(self.get().await?))
    }

    async fn get(&self) -> sqlx::Result<PooledConnection> {
        let object = timeout(CONNECT_TIMEOUT, self.0.get()).await;
        match object.map_err(|_| sqlx::Error::PoolTimedOut)? {
            // It was being opened when the pool was closed.
            Ok(object) if self.0.is_closed() => {
                drop(Object::take(object));
                Err(sqlx::Error::PoolClosed)
            }
            Ok(object) => Ok(PooledConnection::new(object)),
            Err(PoolError::Backend(error)) => Err(error),
            Err(_) => Err(sqlx::Error::PoolClosed),
        }
    }

    /// Begins a transaction, which is rolled back where it is dropped.
    pub(crate) async fn begin(&self) -> Result<Connection, DriverError> {
        let mut tries = 1;
        loop {
            let mut connection = self.get().await?;
            match connection.begin().await {
                Ok(()) => return Ok(Connection::Pooled(connection)),
                // Nothing has been done yet: where PostgreSQL was restarted, another connection may do it.
                Err(error) if is_lost(&error) && tries < MAX_TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits for the connections that are used, and opens no more.
    pub(crate) async fn close(&self) {
        self.0.close();
        while self.0.status().size > 0 {
            sleep(CLOSE_PAUSE).await;
        }
    }
}

/// A connection that is of no pool. The error is the cause, not a timeout of the pool.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<Connection, DriverError> {
    Ok(Connection::Alone(
        connector::connect(options).await?,
        Some(STATEMENT_TIMEOUT),
    ))
}

/// The same, whose statements and transactions take as long as they take.
pub(crate) async fn connect_without_limits(
    options: &PgConnectOptions,
) -> Result<Connection, DriverError> {
    let mut connection = Connection::Alone(connector::connect(options).await?, None);
    let unlimited = "set statement_timeout = 0; set lock_timeout = 0;
        set idle_in_transaction_session_timeout = 0";
    connection.run_script(unlimited).await?;
    Ok(connection)
}

/// Whether PostgreSQL ended the connection, not whether it did not answer in time.
fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() != io::ErrorKind::TimedOut,
        sqlx::Error::Database(_) => true,
        _ => false,
    }
}
