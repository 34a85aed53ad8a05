//! Where a database is.

use super::{driver_error::DriverError, error::Error, postgres::connector};
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
pub(super) enum Location {
    Sqlite(PathBuf),
    Postgres(Box<PgConnectOptions>),
}

/// `sqlite://` with a path, or `postgres://` with what PostgreSQL's own programs take.
pub(super) fn parse(url: &str) -> Result<Location, DriverError> {
    if let Some(path) = url.strip_prefix("sqlite://") {
        return Ok(Location::Sqlite(path.into()));
    }
    // sqlx would take any name of a protocol for PostgreSQL's.
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        let wrong = "the address of a database begins with sqlite:// or postgres://";
        return Err(sqlx::Error::Configuration(wrong.into()).into());
    }
    Ok(Location::Postgres(Box::new(connector::options(url)?)))
}

/// The same, where a file has to be there.
pub(super) fn existing(url: &str) -> Result<Location, Error> {
    match parse(url)? {
        Location::Sqlite(path) if !path.exists() => Err(Error::Missing(path)),
        location => Ok(location),
    }
}

/// The file that a `database_url` points to, if it is one.
pub(crate) fn sqlite_path(url: &str) -> Result<Option<PathBuf>, Error> {
    Ok(match existing(url)? {
        Location::Sqlite(path) => Some(path),
        Location::Postgres(_) => None,
    })
}
