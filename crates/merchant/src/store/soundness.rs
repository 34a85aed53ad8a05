//! Whether a database file can be relied on, before anything is.

use super::{Error, Store};
use crate::private_file;
use sqlx::SqlitePool;
use std::{fs, path::Path};

/// SQLite's result codes, of which the low byte is the kind
/// <https://www.sqlite.org/rescode.html>.
const READONLY: i32 = 8;
const CORRUPT: i32 = 11;
const CANTOPEN: i32 = 14;
const NOTADB: i32 = 26;

/// Reads every page once, and writes, without changing anything.
pub(super) async fn check(pool: &SqlitePool, path: &Path) -> Result<(), Error> {
    let found: String = sqlx::query_scalar("pragma quick_check(1)")
        .fetch_one(pool)
        .await
        .map_err(|error| of(path, error))?;
    if found != "ok" {
        let wrong = found.lines().last().unwrap_or_default().to_owned();
        return Err(damaged(path, wrong));
    }
    // Where it cannot write, SQLite silently begins to read only.
    let mut tx = (pool.begin_with("BEGIN IMMEDIATE").await).map_err(|error| of(path, error))?;
    sqlx::query("create table writable (it integer)")
        .execute(&mut *tx)
        .await
        .map_err(|error| of(path, error))?;
    tx.rollback().await.map_err(|error| of(path, error))
}

impl Store {
    /// Writes a copy of everything, which must not be there before, and waits until it has
    /// reached the disk.
    pub async fn copy_to(&self, path: &Path) -> Result<(), Error> {
        let failed = |source| Error::Copy {
            path: path.to_owned(),
            source,
        };
        let text = path.to_str().ok_or(Error::Content("a path"))?;
        // SQLite writes into an empty file as into none, and leaves its mode as it is.
        drop(private_file::create_new(path).map_err(failed)?);
        let copied = sqlx::query("vacuum into ?")
            .bind(text)
            .execute(&self.pool)
            .await;
        if let Err(error) = copied {
            // Half a copy is none, and would stand in the way of the next.
            let _ = fs::remove_file(path);
            return Err(error.into());
        }
        private_file::sync(path).map_err(failed)
    }
}

/// What this error says about the file.
pub(super) fn of(path: &Path, error: sqlx::Error) -> Error {
    let code = error
        .as_database_error()
        .and_then(|error| error.code()?.parse::<i32>().ok());
    match code.map(|code| code & 0xff) {
        Some(READONLY | CANTOPEN) => Error::ReadOnly(path.to_owned()),
        Some(CORRUPT | NOTADB) => damaged(path, error.to_string()),
        _ => Error::Open(error),
    }
}

fn damaged(path: &Path, wrong: String) -> Error {
    Error::Damaged {
        path: path.to_owned(),
        wrong,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Handover;

    /// F61: what is committed has reached the disk.
    #[tokio::test]
    async fn every_commit_waits_for_the_disk() {
        let store = Store::open("sqlite::memory:", Handover::Counter)
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
