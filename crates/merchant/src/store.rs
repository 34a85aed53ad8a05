//! The database: what must survive the process.
//!
//! Invariant: whoever is told that something happened is told after it was written. Each
//! write is one transaction that takes SQLite's write lock at its beginning: a read that
//! turns into a write would fail at once where it meets another writer.

mod attempts;
mod claim;
mod customers;
mod fulfilments;
mod ledger;
mod orders;
mod refunds;
mod soundness;
mod unplaced;

pub use attempts::{Attempt, Evidence, Plan, Source};
pub use claim::Claim;
pub use customers::StoredCustomer;
pub use fulfilments::{Delivery, Errand, Fulfilment, Retried};
pub(crate) use ledger::{Case, Ledger};
pub use orders::{NewAttempt, NewOrder, Placed, StoredOrder};
pub use refunds::{RefundErrand, RefundRequest, Reserved, RetriedRefund, StoredRefund};
pub use unplaced::{StoredUnplaced, Unplaced};

use crate::{crash, private_file, refund::PaidLate};
use sqlx::{
    Sqlite, SqlitePool, Transaction,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{io, path::PathBuf, str::FromStr, time::Duration};

/// Why the database did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be opened or brought up to date.
    #[error("the database cannot be opened")]
    Open(#[source] sqlx::Error),
    /// Its tables cannot be brought up to date.
    #[error("the database cannot be migrated")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A merchant is running on it.
    #[error("another merchant is running on {}; stop that one, or give this one a database of its own", .0.display())]
    Claimed(PathBuf),
    /// Nobody can say whether a merchant is running on it.
    #[error("{} cannot be locked: {source}; the folder of the database must be there, and be the merchant's own", path.display())]
    Claim {
        /// The lock's file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is another user's, or on a file system that is mounted to be read.
    #[error("{} cannot be written: it and its folder must belong to the user that the merchant runs as", .0.display())]
    ReadOnly(PathBuf),
    /// It is not as SQLite left it.
    #[error("{} is damaged ({wrong}); put it aside, with its -wal and -shm, and restore a copy", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What was found first.
        wrong: String,
    },
    /// It cannot be copied there.
    #[error("{} cannot be written: {source}; give each copy a new name in a folder that is there", path.display())]
    Copy {
        /// The copy.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A statement failed.
    #[error("the database failed")]
    Statement(#[from] sqlx::Error),
    /// It is another program's, or of another version.
    #[error("this is not a database that this version of the merchant was started on")]
    NotOurs,
    /// It holds something this program never wrote.
    #[error("the database holds {0} that cannot be read")]
    Content(&'static str),
}

/// The merchant's database.
#[derive(Debug, Clone)]
pub struct Store {
    pool: SqlitePool,
    handover: Handover,
    paid_late: PaidLate,
}

/// Who has to hear of an order that is paid from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handover {
    /// Whoever is shown its pick-up code.
    Counter,
    /// The merchant's own systems too.
    Hook,
}

/// What the write-ahead log may keep of the disk once it has been read back; bytes.
const JOURNAL_SIZE_LIMIT: &str = "67108864";

static MIGRATIONS: Migrator = sqlx::migrate!();

impl Store {
    /// Opens the database, creates it where it is missing, brings it up to date.
    ///
    /// `synchronous=FULL`: what was acknowledged survives a power cut.
    pub async fn open(url: &str, handover: Handover) -> Result<Self, Error> {
        let options = options(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        let path = options.get_filename().to_owned();
        if !url.contains(":memory:") {
            // SQLite gives what it writes beside the database the mode of the database. Where this
            // fails, it is there, or SQLite says why it cannot be.
            let _ = private_file::create_new(&path);
        }
        let pool = crash::waited_for(SqlitePoolOptions::new().max_connections(8))
            .connect_with(options)
            .await
            .map_err(|error| soundness::of(&path, error))?;
        soundness::check(&pool, &path).await?;
        MIGRATIONS.run(&pool).await?;
        Ok(Self {
            pool,
            handover,
            paid_late: PaidLate::default(),
        })
    }

    /// What is done from now on with money for an order that is over.
    pub fn with_paid_late(self, paid_late: PaidLate) -> Self {
        Self { paid_late, ..self }
    }

    /// Opens a database that is there, as it is, to look at it or to set something right while
    /// a merchant may be running on it.
    pub async fn attach(url: &str) -> Result<Self, Error> {
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options(url)?)
            .await
            .map_err(Error::Open)?;
        let applied: Option<i64> =
            sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
                .fetch_one(&pool)
                .await
                .map_err(|_| Error::NotOurs)?;
        if applied != MIGRATIONS.iter().map(|migration| migration.version).max() {
            return Err(Error::NotOurs);
        }
        Ok(Self {
            pool,
            handover: Handover::Counter,
            paid_late: PaidLate::default(),
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Error> {
        sqlx::query("select 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Waits for what is being read and written, and lets nothing more begin.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn write(&self) -> Result<Transaction<'static, Sqlite>, Error> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
}

fn options(url: &str) -> Result<SqliteConnectOptions, Error> {
    Ok(SqliteConnectOptions::from_str(url)
        .map_err(Error::Open)?
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(2))
        // What a long look at the database made it grow to is given back.
        .pragma("journal_size_limit", JOURNAL_SIZE_LIMIT))
}
