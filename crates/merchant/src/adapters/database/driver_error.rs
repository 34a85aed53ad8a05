//! What the two databases' drivers say.

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
    /// Whether PostgreSQL has rolled the transaction back so that another one can do the same: a deadlock, a
    /// failed serialization, or a prepared statement of tables that have changed
    /// <https://www.postgresql.org/docs/15/errcodes-appendix.html>.
    pub(super) fn is_rolled_back(&self) -> bool {
        let Self::Postgres(error) = self else {
            return false;
        };
        let code = error.as_database_error().and_then(|error| error.code());
        matches!(code.as_deref(), Some("40001" | "40P01" | "0A000"))
    }
}
