//! The errors of the two databases' drivers.

use super::postgres::connection::{code, is_stale};
use crate::ports::Error;

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
        let Self::Postgres(error) = self else {
            return false;
        };
        matches!(code(error).as_deref(), Some("40001" | "40P01"))
    }

    /// Whether PostgreSQL gave up because another transaction has locked a table.
    pub(super) fn is_locked(&self) -> bool {
        let Self::Postgres(error) = self else {
            return false;
        };
        matches!(code(error).as_deref(), Some("55P03" | "40P01"))
    }

    pub(super) fn is_stale(&self) -> bool {
        matches!(self, Self::Postgres(error) if is_stale(error))
    }
}
