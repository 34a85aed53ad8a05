//! The tables, and how they are brought up to date.
//!
//! Invariant: a migration is one transaction, so that the next start goes on where one broke off. Of several
//! processes that start at once, one brings the database up to date and the others wait for it.

use super::{
    connection::{Connection, sql},
    driver_error::DriverError,
    error::Error,
};
use aws_lc_rs::digest::{SHA384, digest};
use std::time::Duration;
use tokio::time::sleep;

#[cfg(feature = "crash")]
mod next_version;

struct Migration {
    version: i64,
    name: &'static str,
    text: &'static str,
    /// Whether merchants of the former version can work while it is applied and afterwards, as where it adds tables,
    /// indexes and columns that have a default. Of SQLite's only merchant this is never asked.
    ///
    /// Such a migration locks one table that is there, and a change of several tables is several migrations: the
    /// merchants' transactions lock tables in any order, and would keep one that it waits for while they wait for
    /// one that it keeps. A foreign key locks the table that it names, too.
    is_beside: bool,
}

macro_rules! migration {
    ($version:literal, $name:literal, $file:literal) => {
        Migration {
            version: $version,
            name: $name,
            text: include_str!(concat!("../../../migrations/", $file)),
            is_beside: false,
        }
    };
}

const SQLITE: &[Migration] = &[
    migration!(1, "orders", "sqlite/0001_orders.sql"),
    migration!(2, "names", "sqlite/0002_names.sql"),
    migration!(3, "fulfilments", "sqlite/0003_fulfilments.sql"),
    migration!(4, "refunds", "sqlite/0004_refunds.sql"),
    migration!(5, "operation", "sqlite/0005_operation.sql"),
    migration!(
        6,
        "gopay as it speaks",
        "sqlite/0006_gopay_as_it_speaks.sql"
    ),
    migration!(7, "field names", "sqlite/0007_field_names.sql"),
    migration!(8, "mini app requests", "sqlite/0008_mini_app_requests.sql"),
    migration!(9, "table of order", "sqlite/0009_table_of_order.sql"),
    migration!(10, "discount of order", "sqlite/0010_discount_of_order.sql"),
    migration!(
        11,
        "mini app of customer",
        "sqlite/0011_mini_app_of_customer.sql"
    ),
    migration!(12, "idle sessions", "sqlite/0012_idle_sessions.sql"),
    migration!(13, "open orders", "sqlite/0013_open_orders.sql"),
    migration!(14, "due work", "sqlite/0014_due_work.sql"),
    migration!(15, "confirmation", "sqlite/0015_confirmation.sql"),
    migration!(16, "master keys", "sqlite/0016_master_keys.sql"),
    migration!(17, "due at", "sqlite/0017_due_at.sql"),
    migration!(18, "staff actions", "sqlite/0018_staff_actions.sql"),
    migration!(19, "backlog", "sqlite/0019_backlog.sql"),
    migration!(20, "many processes", "sqlite/0020_many_processes.sql"),
    migration!(21, "refund approvals", "sqlite/0021_refund_approvals.sql"),
];

/// The first one makes what SQLite's of the same version leads to.
const POSTGRES: &[Migration] = &[
    migration!(19, "base", "postgres/0019_base.sql"),
    migration!(20, "many processes", "postgres/0020_many_processes.sql"),
    migration!(21, "refund approvals", "postgres/0021_refund_approvals.sql"),
];

/// Where it is written what was applied.
const TABLE: &str = "_sqlx_migrations";

/// As sqlx makes it, which brought the databases of earlier versions up to date.
const TABLE_IN_SQLITE: &str = "create table if not exists _sqlx_migrations (
    version bigint primary key, description text not null,
    installed_on timestamp not null default current_timestamp,
    success boolean not null, checksum blob not null, execution_time bigint not null)";
const TABLE_IN_POSTGRES: &str = "create table if not exists _sqlx_migrations (
    version bigint primary key, description text not null,
    installed_on text not null default now(),
    success boolean not null, checksum bytea not null, execution_time bigint not null)";

/// What waits for a table makes all others wait that come after it: a merchant's statements would fail while a backup
/// is read. Less than `deadlock_timeout`, a second by default, so that none of theirs is ended for it.
const BEGIN_POSTGRES: &str = "begin; set local lock_timeout = '500ms'";

/// Between two tries, merchants carry out what has waited.
const LOCKED_PAUSE: Duration = Duration::from_millis(500);

/// Two minutes.
const MAX_LOCKED: u32 = 120;

/// From this try on a wait is worth a word: a second and a half after the first one began.
const LONG_LOCKED: u32 = 3;

/// Any number, the same in all versions.
const LOCK_POSTGRES: &str = "select pg_advisory_lock(4672901, hashtext(current_schema()))";
const UNLOCK_POSTGRES: &str = "select pg_advisory_unlock(4672901, hashtext(current_schema()))";

/// What a migration did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The schema before; 0 where there was none.
    pub from: i64,
    pub to: i64,
}

/// The schema of a database, and that of this version of the merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    /// 0 where there is none.
    pub found: i64,
    pub known: i64,
    /// Whether merchants of the former version can work while the database is brought up to date and afterwards.
    pub is_beside: bool,
}

/// Brings the database up to date, on a connection without time limits.
pub(super) async fn migrate(connection: &mut Connection) -> Result<Migrated, Error> {
    let migrated = migrate_alone(connection).await;
    if matches!(connection, Connection::Postgres(_)) {
        connection.run_script(UNLOCK_POSTGRES).await?;
    }
    migrated
}

async fn migrate_alone(connection: &mut Connection) -> Result<Migrated, Error> {
    let (prepare, begin) = match connection {
        // A migration that makes a table anew would otherwise break the references to it.
        Connection::Sqlite(_) => (
            ["pragma foreign_keys = off", TABLE_IN_SQLITE],
            "begin immediate",
        ),
        Connection::Postgres(_) => ([LOCK_POSTGRES, TABLE_IN_POSTGRES], BEGIN_POSTGRES),
    };
    for script in prepare {
        connection.run_script(script).await?;
    }
    let Versions { found, known, .. } = versions(connection).await?;
    if found > known {
        return Err(Error::Newer { found, known });
    }
    let mut from = None;
    for migration in migrations(connection) {
        from = from.or(apply_in_transaction(connection, begin, migration).await?);
    }
    Ok(Migrated {
        from: from.unwrap_or(known),
        to: known,
    })
}

/// Applies it, and tries again where others keep its tables locked.
async fn apply_in_transaction(
    connection: &mut Connection,
    begin: &'static str,
    migration: &Migration,
) -> Result<Option<i64>, Error> {
    let mut tries = 1;
    loop {
        connection.run_script(begin).await?;
        let applied = apply(connection, migration).await;
        let end = if applied.is_ok() {
            "commit"
        } else {
            "rollback"
        };
        let ended = connection.run_script(end).await;
        match applied {
            Err(Error::Migrate { name, source }) if source.is_locked() => {
                if tries == MAX_LOCKED {
                    return Err(Error::Locked { name, source });
                }
                tries += 1;
                if tries == LONG_LOCKED {
                    tracing::warn!(
                        event = "store.waits_for_table",
                        migration = name,
                        "a table of the schema's change is locked by another transaction, as that of a backup: the change is tried again for two minutes, and pg_locks shows who holds the lock"
                    );
                }
                sleep(LOCKED_PAUSE).await;
            }
            applied => {
                let from = applied?;
                return ended.map(|()| from).map_err(|it| migration.failed(it));
            }
        }
    }
}

/// Whether this version of the merchant brought the database up to date last.
pub(super) async fn check(connection: &mut Connection) -> Result<(), Error> {
    let Versions { found, known, .. } = versions(connection).await?;
    match found {
        0 => Err(Error::SchemaMismatch),
        found if found > known => Err(Error::Newer { found, known }),
        found if found < known => Err(Error::Older { found, known }),
        _ => Ok(()),
    }
}

pub(super) async fn versions(connection: &mut Connection) -> Result<Versions, Error> {
    let known = migrations(connection).last();
    let known = known.map_or(0, |migration| migration.version);
    let is_there = tables(connection).await?.iter().any(|it| it == TABLE);
    let found = if is_there {
        newest(connection).await?
    } else {
        0
    };
    let is_beside = migrations(connection)
        .filter(|migration| migration.version > found)
        .all(|migration| migration.is_beside);
    Ok(Versions {
        found,
        known,
        is_beside,
    })
}

/// The names of all tables.
pub(super) async fn tables(connection: &mut Connection) -> Result<Vec<String>, Error> {
    let names = match connection {
        Connection::Sqlite(_) => {
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'"
        }
        Connection::Postgres(_) => {
            "select tablename::text from pg_tables where schemaname = current_schema()"
        }
    };
    Ok(sql(names).fetch_values(connection).await?)
}

/// Returns the schema before, where it was not applied yet.
async fn apply(connection: &mut Connection, migration: &Migration) -> Result<Option<i64>, Error> {
    let checksum = digest(&SHA384, migration.text.as_bytes());
    let applied: Option<Vec<u8>> = sql("select checksum from _sqlx_migrations where version = $1")
        .bind(migration.version)
        .fetch_optional_value(connection)
        .await?;
    if let Some(applied) = applied {
        return match applied == checksum.as_ref() {
            true => Ok(None),
            false => Err(Error::OtherMigration {
                name: migration.name,
            }),
        };
    }
    let before = newest(connection).await?;
    let done = async {
        connection.run_script(migration.text).await?;
        sql("insert into _sqlx_migrations
             (version, description, success, checksum, execution_time)
             values ($1, $2, true, $3, 0)")
        .bind(migration.version)
        .bind(migration.name)
        .bind(checksum.as_ref())
        .execute(connection)
        .await
    };
    done.await.map_err(|source| migration.failed(source))?;
    Ok(Some(before))
}

impl Migration {
    fn failed(&self, source: DriverError) -> Error {
        Error::Migrate {
            name: self.name,
            source,
        }
    }
}

fn migrations(connection: &Connection) -> impl Iterator<Item = &'static Migration> + use<> {
    let known = match connection {
        Connection::Sqlite(_) => SQLITE,
        Connection::Postgres(_) => POSTGRES,
    };
    #[cfg(feature = "crash")]
    let known = known.iter().chain(next_version::migrations(known));
    #[cfg(not(feature = "crash"))]
    let known = known.iter();
    known
}

async fn newest(connection: &mut Connection) -> Result<i64, Error> {
    let newest = sql("select coalesce(max(version), 0) from _sqlx_migrations where success");
    Ok(newest.fetch_value(connection).await?)
}
