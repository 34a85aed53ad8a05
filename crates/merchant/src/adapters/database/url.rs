//! Where a database is.

use super::{driver_error::DriverError, postgres::pool};
use sqlx::postgres::PgConnectOptions;
use std::{fmt, ops::Deref, path::PathBuf};

/// A `database_url`, which may have a password in it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl From<String> for DatabaseUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl Deref for DatabaseUrl {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Without what follows the scheme.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.0.split_once("://").map_or("", |(scheme, _)| scheme);
        write!(formatter, "{scheme}://...")
    }
}

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
