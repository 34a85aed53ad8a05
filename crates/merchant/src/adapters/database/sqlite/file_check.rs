//! Whether a database file can be relied on, before it is.

use crate::adapters::database::{driver_error::DriverError, error::Error};
use rusqlite::{Connection, ErrorCode};
use std::path::Path;

/// Writes, without changing anything.
pub(crate) fn check_writable(connection: &Connection, path: &Path) -> Result<(), Error> {
    // Where it cannot write, SQLite silently begins to read only.
    connection
        .execute_batch("begin immediate; create table writable (it integer); rollback")
        .map_err(|error| of(path, error))
}

/// Reads every page once: about two seconds for a gigabyte that is in memory.
pub(crate) fn check_pages(connection: &Connection, path: &Path) -> Result<(), Error> {
    let found: String = connection
        .query_row("pragma quick_check(1)", [], |row| row.get(0))
        .map_err(|error| of(path, error))?;
    if found == "ok" {
        return Ok(());
    }
    let wrong = found.lines().last().unwrap_or_default().to_owned();
    Err(damaged(path, wrong))
}

/// What this error says about the file.
pub(crate) fn of(path: &Path, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen) => Error::ReadOnly(path.to_owned()),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            damaged(path, error.to_string())
        }
        _ => Error::Open(DriverError::Sqlite(error)),
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
    use crate::adapters::database::sqlite::file::{self, Access};
    use rusqlite::OpenFlags;
    use test_kit::TempDir;

    /// F63. The tests may run as one who has every right, so the file is opened as SQLite opens one that
    /// cannot be written.
    #[test]
    fn a_file_that_cannot_be_written_is_refused_in_one_line() {
        let folder = TempDir::create();
        let path = folder.join("merchant.db");
        file::open(&path, Access::Create).unwrap();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = Connection::open_with_flags(&path, flags).unwrap();
        let said = check_writable(&connection, &path).unwrap_err().to_string();
        assert!(said.contains("merchant.db cannot be written"), "{said}");
        assert_eq!(said.lines().count(), 1);
    }
}
