//! Which merchant processes are there: each holds a lock that many can hold, on a connection of its own.

use super::{connection::Connection, pool};
use crate::{adapters::database::driver_error::DriverError, ports::ProcessCount};
use sqlx::postgres::PgConnectOptions;
use std::{fmt, pin::pin, time::Duration};
use tokio::{
    task::AbortHandle,
    time::{sleep, timeout},
};

/// Any number, the same in all versions, with the schema.
macro_rules! of_this_database {
    ($function:literal) => {
        concat!(
            "select ",
            $function,
            "(4672903, hashtext(current_schema()))"
        )
    };
}

/// Who holds it or waits for it: PostgreSQL splits the key of the lock into these columns.
macro_rules! holders {
    ($granted:literal) => {
        concat!(
            "select count(*) from pg_locks
             where locktype = 'advisory' and mode = 'ShareLock' and objsubid = 2
             and database = (select oid from pg_database where datname = current_database())
             and classid = 4672903
             and objid = (hashtext(current_schema())::bigint & 4294967295)::oid and ",
            $granted
        )
    };
}

/// How often the connection is tried: PostgreSQL may have been restarted.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// A wait for another process that is worth a word.
const LONG_WAIT: Duration = Duration::from_secs(2);

/// That this process is there, for as long as it is kept.
pub(crate) struct Presence {
    options: Box<PgConnectOptions>,
    /// Whether no other process is there, and none can come before [`Self::admit_others`].
    pub(crate) is_alone: bool,
    /// As many as hold the lock that many can hold.
    pub(crate) processes: ProcessCount,
    /// Until the keeper has it.
    connection: Option<Connection>,
    keeper: Option<AbortHandle>,
}

/// Without the options, which have a password.
impl fmt::Debug for Presence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = formatter.debug_struct("Presence");
        text.field("is_alone", &self.is_alone)
            .finish_non_exhaustive()
    }
}

impl Presence {
    /// Waits while another process keeps others from coming.
    pub(crate) async fn announce(options: Box<PgConnectOptions>) -> Result<Self, DriverError> {
        let mut connection = connect(&options).await?;
        let is_alone = try_alone(&mut connection).await?;
        share(&mut connection).await?;
        Ok(Self {
            options,
            is_alone,
            processes: ProcessCount::default(),
            connection: Some(connection),
            keeper: None,
        })
    }

    /// Whether no other process is there any more: then none can come before [`Self::admit_others`].
    pub(crate) async fn try_alone(&mut self) -> Result<bool, DriverError> {
        if let Some(connection) = &mut self.connection
            && !self.is_alone
        {
            self.is_alone = try_alone(connection).await?;
        }
        Ok(self.is_alone)
    }

    /// Whether no other process waits to come back after PostgreSQL was restarted and its lock was lost. Of one that is
    /// alone.
    pub(crate) async fn stays_alone(&mut self) -> Result<bool, DriverError> {
        let Some(connection) = &mut self.connection else {
            return Ok(false);
        };
        sleep(2 * CHECK_INTERVAL).await;
        let waiting = connection.fetch(holders!("not granted"), &[]).await?;
        Ok(waiting
            .first()
            .is_some_and(|row| row.at::<i64>(0).is_ok_and(|count| count == 0)))
    }

    pub(crate) async fn admit_others(&mut self) -> Result<(), DriverError> {
        let Some(mut connection) = self.connection.take() else {
            return Ok(());
        };
        if self.is_alone {
            let unlock = of_this_database!("pg_advisory_unlock");
            connection.run_script(unlock).await?;
        }
        count(&mut connection, &self.processes).await?;
        let keeper = keep(connection, self.options.clone(), self.processes.clone());
        let keeper = tokio::spawn(keeper);
        self.keeper = Some(keeper.abort_handle());
        Ok(())
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        if let Some(keeper) = &self.keeper {
            keeper.abort();
        }
    }
}

const SHARE: &str = of_this_database!("pg_advisory_lock_shared");

/// Waits for as long as it takes to change the schema, and says so: a process that hangs would hold up the others in
/// silence.
async fn share(connection: &mut Connection) -> Result<(), DriverError> {
    let mut shared = pin!(connection.run_script(SHARE));
    match timeout(LONG_WAIT, shared.as_mut()).await {
        Ok(done) => done?,
        Err(_) => {
            tracing::warn!(
                event = "store.waits_for_start",
                "this process waits for a merchant that starts, or for a command that needs the database alone: pg_locks shows who holds the lock"
            );
            shared.await?;
        }
    }
    Ok(())
}

async fn try_alone(connection: &mut Connection) -> Result<bool, DriverError> {
    let alone = connection
        .fetch(of_this_database!("pg_try_advisory_lock"), &[])
        .await?;
    Ok(alone.first().is_some_and(|row| row.at(0).unwrap_or(false)))
}

async fn connect(options: &PgConnectOptions) -> Result<Connection, DriverError> {
    let mut connection = pool::connect(options).await?;
    let unlimited = "set statement_timeout = 0; set lock_timeout = 0";
    connection.run_script(unlimited).await?;
    Ok(connection)
}

async fn count(connection: &mut Connection, processes: &ProcessCount) -> Result<(), DriverError> {
    let rows = connection.fetch(holders!("granted"), &[]).await?;
    let count = rows.first().and_then(|row| row.at::<i64>(0).ok());
    let count = count.and_then(|count| u32::try_from(count).ok());
    processes.set(count.unwrap_or(1));
    Ok(())
}

/// Keeps the number of processes, and takes the lock again where PostgreSQL was away.
async fn keep(mut connection: Connection, options: Box<PgConnectOptions>, processes: ProcessCount) {
    loop {
        sleep(CHECK_INTERVAL).await;
        if count(&mut connection, &processes).await.is_ok() {
            continue;
        }
        if let Ok(mut another) = connect(&options).await
            && another.run_script(SHARE).await.is_ok()
        {
            connection = another;
        }
    }
}
