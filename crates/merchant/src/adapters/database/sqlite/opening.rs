//! A database file, opened for the first time.

use super::{
    file::{self, Access},
    file_check,
};
use crate::{adapters::database::error::Error, ports};
use std::{fs, path::Path};
use tokio::task::spawn_blocking;

/// A file of at most so many bytes is checked before it is used: the start takes a fraction of a second
/// longer. A larger one is checked beside its use, and `/readyz` says what was found.
const CHECKED_BEFORE_START: u64 = 64 * 1024 * 1024;

/// Creates the file where it is missing, and finds out whether it can be relied on.
pub(crate) fn open_file(path: &Path) -> Result<rusqlite::Connection, Error> {
    let failed = |error| file_check::of(path, error);
    let connection = file::open(path, Access::Create).map_err(failed)?;
    if !is_checked_beside_use(path) {
        file_check::check_pages(&connection, path)?;
    }
    file_check::check_writable(&connection, path)?;
    Ok(connection)
}

/// Whether it is so large that it is checked while it is used already.
pub(crate) fn is_checked_beside_use(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.len() > CHECKED_BEFORE_START)
}

/// Carries out what waits for the disk.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let done = spawn_blocking(work).await;
    done.map_err(|_| ports::Error::Internal("a task of the database broke off").into())
}
