//! Waiting for another process that writes, without a thread that waits.

use rusqlite::{Connection, ErrorCode};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How long a statement waits.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(2);

/// A write of another process takes some milliseconds.
const PAUSE: Duration = Duration::from_millis(2);

/// Carries out a statement as soon as no other process keeps it from that.
pub(crate) async fn when_free<T>(
    connection: &mut Connection,
    statement: impl Fn(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let began = Instant::now();
    loop {
        match statement(connection) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && began.elapsed() < BUSY_TIMEOUT =>
            {
                sleep(PAUSE).await;
            }
            result => return result,
        }
    }
}
