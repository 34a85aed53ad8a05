//! The database file, and how connections to it are opened.

use rusqlite::{Connection, OpenFlags};
use std::{path::Path, time::Duration};

use super::busy::BUSY_TIMEOUT;

/// What the write-ahead log may keep of the disk once it has been read back; bytes.
const JOURNAL_SIZE_LIMIT: i64 = 64 * 1024 * 1024;

/// There are more texts of statements than rusqlite keeps by default.
const KEPT_STATEMENTS: usize = 128;

/// What a connection may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Read, create and write, on a thread that may wait. The file gets a write-ahead log.
    Create,
    Write,
    Read,
}

/// `synchronous=FULL`: what was acknowledged survives a power cut.
pub(crate) fn open(path: &Path, access: Access) -> rusqlite::Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    flags.set(OpenFlags::SQLITE_OPEN_CREATE, access == Access::Create);
    let connection = Connection::open_with_flags(path, flags)?;
    // Only where the caller's thread may wait; the others wait with `when_free`.
    let may_wait = access == Access::Create;
    connection.busy_timeout(if may_wait {
        BUSY_TIMEOUT
    } else {
        Duration::ZERO
    })?;
    if access == Access::Create {
        connection.pragma_update(None, "journal_mode", "wal")?;
    }
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "synchronous", "full")?;
    // What a long read made the log grow to is given back.
    connection.pragma_update(None, "journal_size_limit", JOURNAL_SIZE_LIMIT)?;
    if access == Access::Read {
        connection.pragma_update(None, "query_only", true)?;
    }
    connection.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
    Ok(connection)
}
