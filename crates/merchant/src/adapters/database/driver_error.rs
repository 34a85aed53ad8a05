//! What the two databases' drivers say.

use crate::ports::Error;
use std::borrow::Cow;

/// Why a database did not carry out a statement.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum DriverError {
    Sqlite(#[from] rusqlite::Error),
    Postgres(#[from] sqlx::Error),
}

impl From<DriverError> for Error {
    fn from(error: DriverError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

impl DriverError {
    /// Whether PostgreSQL has rolled the transaction back so that another one can do the same: a deadlock, or
    /// a failed serialization <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
    pub(super) fn is_rolled_back(&self) -> bool {
        matches!(self.code().as_deref(), Some("40001" | "40P01"))
    }

    /// Whether a prepared statement was refused because another process has brought the tables up to date.
    pub(super) fn is_stale(&self) -> bool {
        self.code().as_deref() == Some("0A000")
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Postgres(error) => error.as_database_error()?.code(),
            Self::Sqlite(_) => None,
        }
    }
}
