//! Transactions that PostgreSQL rolled back because of another one.

use super::driver_error::DriverError;
use crate::ports::Error;
use std::future::Future;

/// More would have the caller wait for longer than it does.
const MAX_TRIES: u32 = 4;

/// Carries out a transaction, and once more where it was rolled back.
pub(super) async fn with_retries<T, F>(mut transaction: impl FnMut() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut tries = 1;
    loop {
        match transaction().await {
            Err(error) if tries < MAX_TRIES && is_rolled_back(&error) => tries += 1,
            result => return result,
        }
    }
}

fn is_rolled_back(error: &Error) -> bool {
    match error {
        Error::Unavailable(source) => source
            .downcast_ref::<DriverError>()
            .is_some_and(DriverError::is_rolled_back),
        _ => false,
    }
}
