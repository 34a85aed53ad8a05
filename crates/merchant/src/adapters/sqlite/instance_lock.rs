//! One merchant at a time on a database: SQLite has one writer, and what a merchant that died
//! left half done is taken over by the next one at once, which is right only if it did die.
//!
//! The lock is the system's, so it ends with the process, however that ends. Admin commands need
//! none.

use super::{
    error::Error,
    store::{Store, options},
};
use crate::{domain::time::Timestamp, ports, private_file};
use std::{
    fs::{File, TryLockError},
    path::PathBuf,
};

/// The right to run a merchant on a database, for as long as it is kept.
#[derive(Debug)]
pub struct InstanceLock {
    /// `<database>.lock`. It stays behind: to remove it would open a gap for two.
    _lock: File,
}

impl InstanceLock {
    /// Takes it, unless a merchant is running on that database.
    pub fn acquire(url: &str) -> Result<Self, Error> {
        let database = options(url)?.get_filename().to_owned();
        let mut path = database.clone().into_os_string();
        path.push(".lock");
        let path = PathBuf::from(path);
        let failed = |source| Error::Lock {
            path: path.clone(),
            source,
        };
        let lock = private_file::open(File::options().create(true).truncate(false), &path)
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse(database)),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

impl Store {
    /// Ends the leases of the process before, which holds the lock no longer. What they were for is due.
    pub async fn reclaim_leases(
        &self,
        _: &InstanceLock,
        now: Timestamp,
    ) -> Result<(), ports::Error> {
        let mut tx = self.write().await?;
        // Only what is due has a lease that matters, and an index finds it.
        for update in [
            "update attempts set leased_until = 0, next_inquiry_at = min(next_inquiry_at, ?)
             where leased_until > 0 and next_inquiry_at is not null",
            "update fulfilments set leased_until = 0, try_at = min(try_at, ?)
             where leased_until > 0 and state = 'pending'",
            "update refunds set leased_until = 0, try_at = min(try_at, ?)
             where leased_until > 0 and state = 'open'",
            "update mini_app_requests set leased_until = 0, try_at = min(try_at, ?)
             where leased_until > 0 and state = 'pending'",
        ] {
            sqlx::query(update).bind(now).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
