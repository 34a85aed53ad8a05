//! Where a database is.

use super::{driver_error::DriverError, postgres::pool};
use sqlx::postgres::PgConnectOptions;
use std::path::PathBuf;

/// Where a `database_url` points.
#[derive(Debug)]
pub(super) enum Location {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

/// `sqlite://` with a path, or `postgres://` with what PostgreSQL's own programs take.
pub(super) fn parse(url: &str) -> Result<Location, DriverError> {
    match url.strip_prefix("sqlite://") {
        Some(path) => Ok(Location::Sqlite(path.into())),
        None => Ok(Location::Postgres(Box::new(pool::options(url)?))),
    }
}
