//! One merchant at a time on a database file: SQLite has one writer, and what a merchant that died
//! left half done is taken over by the next one at once, which is right only if it did die. On PostgreSQL
//! there may be several, and leases end by time.
//!
//! The lock is the system's, so it ends with the process, however that ends. Admin commands need
//! none.

use crate::{
    adapters::database::{
        error::Error,
        url::{self, Location},
    },
    private_file,
};
use std::{
    fs::{File, TryLockError},
    path::PathBuf,
};

/// The right to run a merchant on a database, for as long as it is kept.
#[derive(Debug)]
pub struct InstanceLock {
    /// `<database>.lock`. It stays behind: to remove it would open a gap for two.
    _lock: Option<File>,
}

impl InstanceLock {
    /// Takes it, unless a merchant is running on that database.
    pub fn acquire(url: &str) -> Result<Self, Error> {
        let database = match url::parse(url)? {
            Location::Sqlite(path) => path,
            Location::Postgres(_) => return Ok(Self { _lock: None }),
        };
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
            Ok(()) => Ok(Self { _lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse(database)),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}
