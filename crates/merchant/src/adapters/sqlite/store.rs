//! The database file, opened.

use super::{
    error::Error,
    file_check,
    writer::{Write, Writer},
};
use crate::{
    domain::{
        mini_app_id::MiniAppId,
        mini_app_rules::RulesByMiniApp,
        operator_policy::{FulfilmentMode, LatePaymentPolicy},
    },
    failpoint, ports, private_file,
};
use sqlx::{
    Sqlite, SqlitePool,
    migrate::Migrator,
    query::Query,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions,
        SqliteSynchronous,
    },
};
use std::{
    fs,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Connections that read for buyers and workers; more than two processors could use.
const READERS: u32 = 4;

/// Connections that read for notifications.
const NOTIFICATION_READERS: u32 = 2;

#[derive(Debug, Clone)]
pub struct Store {
    /// Of connections that cannot write.
    pub(super) readers: SqlitePool,
    notification_readers: SqlitePool,
    writer: Writer,
    is_damaged: Arc<AtomicBool>,
    pub(super) fulfilment_mode: FulfilmentMode,
    pub(super) paid_late: LatePaymentPolicy,
    pub(super) rules: Arc<RulesByMiniApp>,
}

/// A file of at most so many bytes is checked before it is used: the start takes a fraction of a second
/// longer. A larger one is checked beside its use, and `/readyz` says what was found.
const CHECKED_BEFORE_START: u64 = 64 * 1024 * 1024;

/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// What the write-ahead log may keep of the disk once it has been read back; bytes.
const JOURNAL_SIZE_LIMIT: &str = "67108864";

static MIGRATIONS: Migrator = sqlx::migrate!();

impl Store {
    /// Opens the database, creates it where it is missing, brings it up to date.
    ///
    /// `synchronous=FULL`: what was acknowledged survives a power cut.
    pub async fn open(url: &str, fulfilment_mode: FulfilmentMode) -> Result<Self, Error> {
        let options = options(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        let path = options.get_filename().to_owned();
        if !url.contains(":memory:") {
            // SQLite gives what it writes beside the database the mode of the database. Where this
            // fails, it is there, or SQLite says why it cannot be.
            let _ = private_file::create_new(&path);
        }
        let write_pool = pool(1)
            .connect_with(options.clone())
            .await
            .map_err(|error| file_check::of(&path, error))?;
        let size = fs::metadata(&path).map_or(0, |file| file.len());
        if size <= CHECKED_BEFORE_START {
            file_check::check_pages(&write_pool, &path).await?;
        }
        file_check::check_writable(&write_pool, &path).await?;
        migrate(&write_pool).await?;
        let store = Self::with_connections(
            write_pool,
            pool(READERS).connect_lazy_with(read_only(options.clone())),
            pool(NOTIFICATION_READERS).connect_lazy_with(read_only(options)),
            fulfilment_mode,
        );
        if size > CHECKED_BEFORE_START {
            store.check_beside(path);
        }
        Ok(store)
    }

    /// Checks the file while it is used already.
    fn check_beside(&self, path: PathBuf) {
        let (readers, is_damaged) = (self.readers.clone(), Arc::clone(&self.is_damaged));
        tokio::spawn(async move {
            match file_check::check_pages(&readers, &path).await {
                Ok(()) => tracing::info!(event = "store.checked", "the database is sound"),
                Err(Error::Open(sqlx::Error::PoolClosed)) => {}
                Err(error) => {
                    tracing::error!(event = "store.damaged", %error, "the database is not sound");
                    is_damaged.store(true, Ordering::Relaxed);
                }
            }
        });
    }

    fn with_connections(
        write_pool: SqlitePool,
        readers: SqlitePool,
        notification_readers: SqlitePool,
        fulfilment_mode: FulfilmentMode,
    ) -> Self {
        Self {
            readers,
            notification_readers,
            writer: Writer::new(write_pool),
            is_damaged: Arc::default(),
            fulfilment_mode,
            paid_late: LatePaymentPolicy::default(),
            rules: Arc::default(),
        }
    }

    /// The same database, with connections of its own to read from and without the limit of the write queue.
    pub fn for_notifications(&self) -> Self {
        Self {
            readers: self.notification_readers.clone(),
            writer: self.writer.for_notifications(),
            ..self.clone()
        }
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
        let options = options(url)?;
        let write_pool = pool(1)
            .connect_with(options.clone())
            .await
            .map_err(Error::Open)?;
        let applied: Option<i64> =
            sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
                .fetch_one(&write_pool)
                .await
                .map_err(|_| Error::SchemaMismatch)?;
        if applied != MIGRATIONS.iter().map(|migration| migration.version).max() {
            return Err(Error::SchemaMismatch);
        }
        let readers = pool(1).connect_lazy_with(read_only(options));
        Ok(Self::with_connections(
            write_pool,
            readers.clone(),
            readers,
            FulfilmentMode::PickupOnly,
        ))
    }

    /// Whether the database answers, and is sound as far as is known.
    pub async fn ping(&self) -> Result<(), ports::Error> {
        if self.is_damaged.load(Ordering::Relaxed) {
            return Err(ports::Error::Internal("the database is damaged"));
        }
        sqlx::query("select 1").execute(&self.readers).await?;
        Ok(())
    }

    /// Gives the buyers of a database of an earlier version, which supported one mini app, to that one,
    /// and logs where buyers belong to none of these.
    pub async fn assign_customers(&self, mini_apps: &[MiniAppId]) -> Result<(), Error> {
        let failed = |error| Error::from(ports::Error::from(error));
        let mut tx = self.write().await?;
        let counts: Vec<(String, i64)> =
            sqlx::query_as("select mini_app, count(*) from customers group by mini_app")
                .fetch_all(&mut *tx)
                .await
                .map_err(failed)?;
        for (mini_app, count) in counts {
            match mini_apps {
                [only] if mini_app.is_empty() => {
                    sqlx::query("update customers set mini_app = ? where mini_app = ''")
                        .bind(only.as_str())
                        .execute(&mut *tx)
                        .await
                        .map_err(failed)?;
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
        self.writer.pool.close().await;
        self.readers.close().await;
        self.notification_readers.close().await;
    }

    /// Writes a copy of everything, which must not be there before, and waits until it has
    /// reached the disk.
    pub async fn copy_to(&self, path: &Path) -> Result<(), Error> {
        let failed = |source| Error::Copy {
            path: path.to_owned(),
            source,
        };
        let text = path
            .to_str()
            .ok_or(ports::Error::Internal("the path of a copy must be UTF-8"))?;
        // SQLite writes into an empty file as into none, and leaves its mode as it is.
        drop(private_file::create_new(path).map_err(failed)?);
        let copied = sqlx::query("vacuum into ?")
            .bind(text)
            .execute(&self.writer.pool)
            .await;
        if let Err(error) = copied {
            // Half a copy is none, and would stand in the way of the next.
            let _ = fs::remove_file(path);
            return Err(ports::Error::from(error).into());
        }
        private_file::sync(path).map_err(failed)
    }

    pub(super) async fn write(&self) -> Result<Write, ports::Error> {
        self.writer.begin().await
    }

    /// Carries out one statement that writes. Returns how many rows it changed.
    pub(super) async fn execute(
        &self,
        statement: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<u64, ports::Error> {
        let mut tx = self.write().await?;
        let changed = statement.execute(&mut *tx).await?.rows_affected();
        // Also where it changed nothing: another write, which shares the commit, may have done it before.
        tx.commit().await?;
        Ok(changed)
    }
}

/// Connections are SQLite's own, and need no test before each use.
fn pool(connections: u32) -> SqlitePoolOptions {
    failpoint::with_slow_statements(
        SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire(false),
    )
}

fn read_only(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options.pragma("query_only", "on")
}

/// Brings the schema up to date. A migration that makes a table anew would otherwise break the
/// references to it.
async fn migrate(pool: &SqlitePool) -> Result<(), Error> {
    let mut connection = pool.acquire().await.map_err(Error::Open)?;
    let run = |pragma| sqlx::query(pragma);
    run("pragma foreign_keys = off")
        .execute(&mut *connection)
        .await
        .map_err(Error::Open)?;
    MIGRATIONS.run(&mut *connection).await?;
    run("pragma foreign_keys = on")
        .execute(&mut *connection)
        .await
        .map_err(Error::Open)?;
    Ok(())
}

pub(super) fn options(url: &str) -> Result<SqliteConnectOptions, Error> {
    Ok(SqliteConnectOptions::from_str(url)
        .map_err(Error::Open)?
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(2))
        // What a long read made the log grow to is given back.
        .pragma("journal_size_limit", JOURNAL_SIZE_LIMIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::sqlite::{attempt_repository, fulfilments, mini_app_requests, refunds};
    use sqlx::Row;
    use test_kit::TempDir;

    /// F61: what is committed has reached the disk.
    #[tokio::test]
    async fn every_commit_waits_for_the_disk() {
        let folder = TempDir::create();
        let url = format!("sqlite://{}", folder.join("merchant.db").display());
        let store = Store::open(&url, FulfilmentMode::PickupOnly).await.unwrap();
        let synchronous: i64 = sqlx::query_scalar("pragma synchronous")
            .fetch_one(&store.writer.pool)
            .await
            .unwrap();
        assert_eq!(synchronous, 2, "not FULL");
        let limit: i64 = sqlx::query_scalar("pragma journal_size_limit")
            .fetch_one(&store.writer.pool)
            .await
            .unwrap();
        assert_eq!(limit, 64 * 1024 * 1024);
    }

    #[tokio::test]
    async fn a_connection_that_reads_cannot_write() {
        let folder = TempDir::create();
        let url = format!("sqlite://{}", folder.join("merchant.db").display());
        let store = Store::open(&url, FulfilmentMode::PickupOnly).await.unwrap();
        for readers in [&store.readers, &store.for_notifications().readers] {
            let written = sqlx::query("delete from sessions").execute(readers).await;
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
            let plan = format!("explain query plan {query}");
            let rows = sqlx::query(sqlx::AssertSqlSafe(plan))
                .fetch_all(&store.readers)
                .await
                .unwrap();
            let steps: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
            for step in &steps {
                let is_table = step.starts_with("SEARCH ") || step.starts_with("SCAN ");
                let is_indexed = step.contains(" USING ") || step.starts_with("SCAN (");
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
