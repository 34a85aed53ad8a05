//! Whether a database file can be relied on, before it is.

use super::error::Error;
use sqlx::SqlitePool;
use std::path::Path;

/// SQLite's result codes, of which the low byte is the kind
/// <https://www.sqlite.org/rescode.html>.
const READONLY: i32 = 8;
const CORRUPT: i32 = 11;
const CANTOPEN: i32 = 14;
const NOTADB: i32 = 26;

/// Writes, without changing anything.
pub(super) async fn check_writable(pool: &SqlitePool, path: &Path) -> Result<(), Error> {
    // Where it cannot write, SQLite silently begins to read only.
    let mut tx = (pool.begin_with("BEGIN IMMEDIATE").await).map_err(|error| of(path, error))?;
    sqlx::query("create table writable (it integer)")
        .execute(&mut *tx)
        .await
        .map_err(|error| of(path, error))?;
    tx.rollback().await.map_err(|error| of(path, error))
}

/// Reads every page once: about two seconds for a gigabyte that is in memory.
pub(super) async fn check_pages(pool: &SqlitePool, path: &Path) -> Result<(), Error> {
    let found: String = sqlx::query_scalar("pragma quick_check(1)")
        .fetch_one(pool)
        .await
        .map_err(|error| of(path, error))?;
    if found == "ok" {
        return Ok(());
    }
    let wrong = found.lines().last().unwrap_or_default().to_owned();
    Err(damaged(path, wrong))
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
