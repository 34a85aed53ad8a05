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
