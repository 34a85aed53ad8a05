//! The database file, opened.

use super::{error::Error, file_check};
use crate::{
    domain::{
        mini_app_id::MiniAppId,
        mini_app_rules::RulesByMiniApp,
        operator_policy::{FulfilmentMode, LatePaymentPolicy},
    },
    failpoint, ports, private_file,
};
use sqlx::{
    Sqlite, SqlitePool, Transaction,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{fs, path::Path, str::FromStr, sync::Arc, time::Duration};

#[derive(Debug, Clone)]
pub struct Store {
    pub(super) pool: SqlitePool,
    pub(super) fulfilment_mode: FulfilmentMode,
    pub(super) paid_late: LatePaymentPolicy,
    pub(super) rules: Arc<RulesByMiniApp>,
}

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
        let pool = failpoint::with_slow_statements(SqlitePoolOptions::new().max_connections(8))
            .connect_with(options)
            .await
            .map_err(|error| file_check::of(&path, error))?;
        file_check::check(&pool, &path).await?;
        migrate(&pool).await?;
        Ok(Self {
            pool,
            fulfilment_mode,
            paid_late: LatePaymentPolicy::default(),
            rules: Arc::default(),
        })
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
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options(url)?)
            .await
            .map_err(Error::Open)?;
        let applied: Option<i64> =
            sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
                .fetch_one(&pool)
                .await
                .map_err(|_| Error::SchemaMismatch)?;
        if applied != MIGRATIONS.iter().map(|migration| migration.version).max() {
            return Err(Error::SchemaMismatch);
        }
        Ok(Self {
            pool,
            fulfilment_mode: FulfilmentMode::PickupOnly,
            paid_late: LatePaymentPolicy::default(),
            rules: Arc::default(),
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), ports::Error> {
        sqlx::query("select 1").execute(&self.pool).await?;
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
        tx.commit().await.map_err(failed)
    }

    /// Waits for what is being read and written, and lets nothing more begin.
    pub async fn close(&self) {
        self.pool.close().await;
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
            .execute(&self.pool)
            .await;
        if let Err(error) = copied {
            // Half a copy is none, and would stand in the way of the next.
            let _ = fs::remove_file(path);
            return Err(ports::Error::from(error).into());
        }
        private_file::sync(path).map_err(failed)
    }

    pub(super) async fn write(&self) -> Result<Transaction<'static, Sqlite>, ports::Error> {
        Ok(self.pool.begin_with("BEGIN IMMEDIATE").await?)
    }
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

    /// F61: what is committed has reached the disk.
    #[tokio::test]
    async fn every_commit_waits_for_the_disk() {
        let store = Store::open("sqlite::memory:", FulfilmentMode::PickupOnly)
            .await
            .unwrap();
        let synchronous: i64 = sqlx::query_scalar("pragma synchronous")
            .fetch_one(&store.pool)
            .await
            .unwrap();
        assert_eq!(synchronous, 2, "not FULL");
        let limit: i64 = sqlx::query_scalar("pragma journal_size_limit")
            .fetch_one(&store.pool)
            .await
            .unwrap();
        assert_eq!(limit, 64 * 1024 * 1024);
    }
}
