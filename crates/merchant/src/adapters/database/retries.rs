//! Transactions that PostgreSQL rolled back because of another one.

use super::driver_error::DriverError;
use crate::ports::Error;
use std::future::Future;

/// More would have the caller wait for longer than it does.
const MAX_TRIES: u32 = 4;

/// Each connection of a pool may have prepared statements of tables that another version has changed since.
const MAX_STALE: u32 = 32;

/// Carries out a transaction, and once more where it was rolled back.
pub(super) async fn with_retries<T, F>(mut transaction: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let (mut tries, mut stale) = (1, 1);
    loop {
        let error = match transaction().await {
            Err(error) => error,
            done => return done,
        };
        match cause(&error) {
            Some(cause) if cause.is_rolled_back() && tries < MAX_TRIES => tries += 1,
            Some(cause) if cause.is_stale() && stale < MAX_STALE => stale += 1,
            _ => return Err(error),
        }
    }
}

fn cause(error: &Error) -> Option<&DriverError> {
    match error {
        Error::Unavailable(source) => source.downcast_ref(),
        _ => None,
    }
}
