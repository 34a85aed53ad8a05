//! The database, opened.

use super::{
    connection::{Connection, Statement, sql},
    driver_error::DriverError,
    error::Error,
    migrate::bring_up_to_date,
    postgres::{connector::GENERIC_PLANS, pool::Pool},
    retries::with_retries,
    schema,
    sqlite::{
        file::{self, Access},
        file_check,
        opening::is_checked_beside_use,
        readers::{self, Readers},
        writer::{self, Writer},
    },
    url::{self, Location},
};
use crate::{
    domain::{
        mini_app_id::MiniAppId,
        mini_app_rules::RulesByMiniApp,
        operator_policy::{FulfilmentMode, LatePaymentPolicy},
    },
    metrics::Metrics,
    ports,
};
use std::{
    ops::{Deref, DerefMut},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

/// Connections that read for buyers and workers; more than two processors could use.
const READERS: usize = 4;

/// Connections that read for notifications.
const NOTIFICATION_READERS: usize = 2;

/// Connections of one process to PostgreSQL: for buyers and workers, and for notifications. PostgreSQL
/// admits 100 by default.
const POSTGRES_CONNECTIONS: usize = 10;
const POSTGRES_NOTIFICATION_CONNECTIONS: usize = 6;

#[derive(Debug, Clone)]
pub struct Store {
    connections: Connections,
    is_damaged: Arc<AtomicBool>,
    pub(super) fulfilment_mode: FulfilmentMode,
    pub(super) paid_late: LatePaymentPolicy,
    pub(super) rules: Arc<RulesByMiniApp>,
}

#[derive(Debug, Clone)]
enum Connections {
    Sqlite {
        readers: Readers,
        notification_readers: Readers,
        writer: Writer,
        path: PathBuf,
    },
    Postgres {
        pool: Pool,
        notification_pool: Pool,
        metrics: Option<Arc<Metrics>>,
    },
}

/// A connection that reads.
#[derive(Debug)]
pub(crate) enum Reader {
    Sqlite(readers::Reader),
    Postgres(Connection),
}

/// A transaction that writes.
#[derive(Debug)]
pub(super) enum Write {
    Sqlite(writer::Write),
    Postgres(Connection, Option<Arc<Metrics>>),
}

impl Store {
    /// Opens the database, creates it where it is missing, brings it up to date.
    pub async fn open(url: &str, fulfilment_mode: FulfilmentMode) -> Result<Self, Error> {
        let location = url::parse(url)?;
        bring_up_to_date(&location).await?;
        let connections = match location {
            Location::Sqlite(path) => Connections::of_sqlite(path, READERS)?,
            Location::Postgres(options) => {
                Connections::of_postgres(&options.options(GENERIC_PLANS))?
            }
        };
        let store = Self::with_connections(connections, fulfilment_mode);
        if let Connections::Sqlite { path, .. } = &store.connections
            && is_checked_beside_use(path)
        {
            store.check_beside(path.clone());
        }
        Ok(store)
    }

    /// Checks the file while it is used already.
    fn check_beside(&self, path: PathBuf) {
        let is_damaged = Arc::clone(&self.is_damaged);
        tokio::task::spawn_blocking(move || {
            let checked = file::open(&path, Access::Read)
                .map_err(|error| file_check::of(&path, error))
                .and_then(|connection| file_check::check_pages(&connection, &path));
            match checked {
                Ok(()) => tracing::info!(event = "store.checked", "the database is sound"),
                Err(error) => {
                    tracing::error!(event = "store.damaged", %error, "the database is not sound");
                    is_damaged.store(true, Ordering::Relaxed);
                }
            }
        });
    }

    fn with_connections(connections: Connections, fulfilment_mode: FulfilmentMode) -> Self {
        Self {
            connections,
            is_damaged: Arc::default(),
            fulfilment_mode,
            paid_late: LatePaymentPolicy::default(),
            rules: Arc::default(),
        }
    }

    /// The same database, with connections of its own, and in SQLite without the limit of the write queue.
    pub fn for_notifications(&self) -> Self {
        Self {
            connections: self.connections.for_notifications(),
            ..self.clone()
        }
    }

    /// Commits are counted there from now on.
    pub fn with_metrics(mut self, metrics: Arc<Metrics>) -> Self {
        match &mut self.connections {
            Connections::Sqlite { writer, .. } => {
                *writer = writer.clone().with_metrics(metrics);
            }
            Connections::Postgres { metrics: none, .. } => *none = Some(metrics),
        }
        self
    }

    /// What is done from now on with money for an order that is over.
    pub fn with_paid_late(self, paid_late: LatePaymentPolicy) -> Self {
        Self { paid_late, ..self }
    }

    /// What buyers are given and told for orders from now on.
    pub fn with_rules(self, rules: RulesByMiniApp) -> Self {
        Self {
            rules: Arc::new(rules),
            ..self
        }
    }

    /// Opens an existing database for an admin command, while a merchant may be running on it.
    pub async fn attach(url: &str) -> Result<Self, Error> {
        let connections = match url::existing(url)? {
            Location::Sqlite(path) => Connections::of_sqlite(path, 1)?,
            Location::Postgres(options) => Connections::of_postgres(&options)?,
        };
        let store = Self::with_connections(connections, FulfilmentMode::PickupOnly);
        schema::check(&mut *store.reader().await?).await?;
        Ok(store)
    }

    /// Whether the database answers, and is sound as far as is known.
    pub async fn ping(&self) -> Result<(), ports::Error> {
        if self.is_damaged.load(Ordering::Relaxed) {
            return Err(ports::Error::Internal("the database is damaged"));
        }
        sql("select 1")
            .fetch_one(&mut *self.reader().await?)
            .await?;
        Ok(())
    }

    /// Gives the buyers of a database of an earlier version, which supported one mini app, to that one,
    /// and logs where buyers belong to none of these.
    pub async fn assign_customers(&self, mini_apps: &[MiniAppId]) -> Result<(), Error> {
        let mut tx = self.write().await?;
        let counts = sql("select mini_app, count(*) from customers group by mini_app");
        for row in counts.fetch_all(&mut tx).await? {
            let (mini_app, count): (&str, i64) = (row.at(0)?, row.at(1)?);
            match mini_apps {
                [only] if mini_app.is_empty() => {
                    sql("update customers set mini_app = $1 where mini_app = ''")
                        .bind(only.as_str())
                        .execute(&mut tx)
                        .await?;
                }
                _ if mini_app.is_empty() => return Err(Error::CustomersWithoutMiniApp),
                _ if mini_apps.iter().any(|known| known.as_str() == mini_app) => {}
                _ => tracing::warn!(
                    event = "store.unknown_mini_app",
                    mini_app,
                    count,
                    "the database has buyers of a mini app that is not configured: what they paid for is still fulfilled, and no app shows it; where an id was changed, write the former one"
                ),
            }
        }
        Ok(tx.commit().await?)
    }

    /// Waits for what is being read and written, and lets nothing more begin.
    pub async fn close(&self) {
        match &self.connections {
            Connections::Sqlite {
                readers,
                notification_readers,
                writer,
                ..
            } => {
                writer.close().await;
                readers.close().await;
                notification_readers.close().await;
            }
            Connections::Postgres {
                pool,
                notification_pool,
                ..
            } => {
                pool.close().await;
                notification_pool.close().await;
            }
        }
    }

    pub(super) async fn reader(&self) -> Result<Reader, ports::Error> {
        Ok(match &self.connections {
            Connections::Sqlite { readers, .. } => Reader::Sqlite(readers.acquire().await?),
            Connections::Postgres { pool, .. } => {
                Reader::Postgres(Connection::Postgres(pool.acquire().await?))
            }
        })
    }

    /// Begins a transaction. What the caller reads of others in it may be undone: only a commit says that it
    /// was not.
    pub(super) async fn write(&self) -> Result<Write, ports::Error> {
        Ok(match &self.connections {
            Connections::Sqlite { writer, .. } => Write::Sqlite(writer.begin().await?),
            Connections::Postgres { pool, metrics, .. } => {
                let transaction = pool.begin().await?;
                Write::Postgres(Connection::Postgres(transaction), metrics.clone())
            }
        })
    }

    /// Carries out one statement that writes. Returns how many rows it changed.
    pub(super) async fn execute(&self, statement: Statement<'_>) -> Result<u64, ports::Error> {
        let statement = &statement;
        with_retries(move || async move {
            let mut tx = self.write().await?;
            let changed = statement.clone().execute(&mut tx).await?;
            // Also where it changed nothing: another write, which shares the commit, may have done it before.
            tx.commit().await?;
            Ok(changed)
        })
        .await
    }
}

impl Connections {
    fn of_sqlite(path: PathBuf, readers: usize) -> Result<Self, Error> {
        let opened = || -> rusqlite::Result<_> {
            let notification_readers = readers.min(NOTIFICATION_READERS);
            Ok(Self::Sqlite {
                writer: Writer::open(path.clone())?,
                readers: Readers::open(&path, readers)?,
                notification_readers: Readers::open(&path, notification_readers)?,
                path: path.clone(),
            })
        };
        opened().map_err(|error| file_check::of(&path, error))
    }

    fn of_postgres(options: &sqlx::postgres::PgConnectOptions) -> Result<Self, Error> {
        Ok(Self::Postgres {
            pool: Pool::open(options, POSTGRES_CONNECTIONS)?,
            notification_pool: Pool::open(options, POSTGRES_NOTIFICATION_CONNECTIONS)?,
            metrics: None,
        })
    }

    fn for_notifications(&self) -> Self {
        match self {
            Self::Sqlite {
                notification_readers,
                writer,
                path,
                ..
            } => Self::Sqlite {
                readers: notification_readers.clone(),
                notification_readers: notification_readers.clone(),
                writer: writer.for_notifications(),
                path: path.clone(),
            },
            Self::Postgres {
                notification_pool,
                metrics,
                ..
            } => Self::Postgres {
                pool: notification_pool.clone(),
                notification_pool: notification_pool.clone(),
                metrics: metrics.clone(),
            },
        }
    }
}

impl Write {
    /// Waits until the changes have reached the disk.
    pub(super) async fn commit(self) -> Result<(), ports::Error> {
        match self {
            Self::Sqlite(write) => write.commit().await,
            Self::Postgres(Connection::Postgres(transaction), metrics) => {
                let began = Instant::now();
                transaction.commit().await.map_err(DriverError::from)?;
                if let Some(metrics) = metrics {
                    metrics.committed(began.elapsed(), 1);
                }
                Ok(())
            }
            Self::Postgres(Connection::Sqlite(_), _) => {
                Err(ports::Error::Internal("a transaction of another database"))
            }
        }
    }
}

impl Deref for Write {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match self {
            Self::Sqlite(write) => write,
            Self::Postgres(connection, _) => connection,
        }
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut Connection {
        match self {
            Self::Sqlite(write) => write,
            Self::Postgres(connection, _) => connection,
        }
    }
}

impl Deref for Reader {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match self {
            Self::Sqlite(reader) => reader,
            Self::Postgres(connection) => connection,
        }
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut Connection {
        match self {
            Self::Sqlite(reader) => reader,
            Self::Postgres(connection) => connection,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::database::{attempt_repository, fulfilments, mini_app_requests, refunds};
    use test_kit::TempDir;

    /// F61: what is committed has reached the disk.
    #[tokio::test]
    async fn every_commit_waits_for_the_disk() {
        let folder = TempDir::create();
        let url = format!("sqlite://{}", folder.join("merchant.db").display());
        let store = Store::open(&url, FulfilmentMode::PickupOnly).await.unwrap();
        let mut write = store.write().await.unwrap();
        let mut pragma = async |text| -> i64 {
            let value = sql(text).fetch_value(&mut write).await;
            value.unwrap()
        };
        assert_eq!(pragma("pragma synchronous").await, 2, "not FULL");
        assert_eq!(pragma("pragma journal_size_limit").await, 64 * 1024 * 1024);
    }

    #[tokio::test]
    async fn a_connection_that_reads_cannot_write() {
        let folder = TempDir::create();
        let url = format!("sqlite://{}", folder.join("merchant.db").display());
        let store = Store::open(&url, FulfilmentMode::PickupOnly).await.unwrap();
        for store in [&store, &store.for_notifications()] {
            let mut reader = store.reader().await.unwrap();
            let written = sql("delete from sessions").execute(&mut reader).await;
            assert!(written.unwrap_err().to_string().contains("readonly"));
        }
    }

    /// A scan reads all that is not due as well; a sort reads all that is due.
    #[tokio::test]
    async fn due_work_is_found_by_an_index() {
        let folder = TempDir::create();
        let url = format!("sqlite://{}", folder.join("merchant.db").display());
        let store = Store::open(&url, FulfilmentMode::PickupOnly).await.unwrap();
        for query in [
            attempt_repository::URGENT_INQUIRY,
            attempt_repository::NEXT_INQUIRY,
            fulfilments::DUE_FULFILMENTS,
            mini_app_requests::DUE_REQUESTS,
            refunds::DUE_REFUNDS,
        ] {
            let plan = format!("explain query plan {query}").leak();
            let mut reader = store.reader().await.unwrap();
            let rows = sql(plan).fetch_all(&mut reader).await.unwrap();
            let steps: Vec<String> = rows.iter().map(|row| row.get("detail").unwrap()).collect();
            for step in &steps {
                let is_table = step.starts_with("SEARCH ") || step.starts_with("SCAN ");
                let is_indexed =
                    step.contains(" USING ") || ["SCAN part", "SCAN due"].contains(&&**step);
                assert!(!is_table || is_indexed, "{query}: {step}");
            }
            // The parts' few rows are sorted at the end.
            let sorted = steps.iter().position(|step| step.contains("TEMP B-TREE"));
            assert!(
                sorted.is_none_or(|at| at + 1 == steps.len()),
                "{query}: {steps:#?}"
            );
        }
    }
}
