//! One merchant at a time on a database file: SQLite has one writer, and what a merchant that died
//! left half done is taken over by the next one at once, which is right only if it did die. On PostgreSQL
//! there may be several: a process that starts alone takes over what was left, else its leases end by time.
//!
//! The lock is the system's, so it ends with the process, however that ends. Admin commands need
//! none.

use super::{
    error::Error,
    postgres::presence::Presence,
    url::{self, Location},
};
use crate::{ports::ProcessCount, private_file};
use std::{
    fs::{File, TryLockError},
    path::PathBuf,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// The right to run a merchant on a database, for as long as it is kept.
#[derive(Debug)]
pub struct InstanceLock(Held);

#[derive(Debug)]
enum Held {
    /// `<database>.lock`. It stays behind: to remove it would open a gap for two.
    File {
        _lock: File,
    },
    Postgres(Presence),
}

/// How often a lock that is waited for is tried.
const PAUSE: Duration = Duration::from_millis(20);

/// So long after a process has ended, PostgreSQL may still hold its lock.
const LEAVING_TAKES: Duration = Duration::from_secs(2);

impl InstanceLock {
    /// Takes it as soon as it is free, and gives up after this time.
    pub(crate) async fn acquire_within(url: &str, limit: Duration) -> Result<Self, Error> {
        let began = Instant::now();
        loop {
            match Self::acquire(url).await {
                Err(Error::InUse(_)) if began.elapsed() < limit => sleep(PAUSE).await,
                taken => return taken,
            }
        }
    }

    /// Takes it, unless a merchant is running on that database. On PostgreSQL no other one starts while it is
    /// kept.
    pub(crate) async fn acquire_alone(url: &str) -> Result<Self, Error> {
        let mut lock = Self::acquire(url).await?;
        match lock.wait_until_alone().await? {
            true => Ok(lock),
            false => Err(Error::MerchantsRun),
        }
    }

    /// Takes it, unless a merchant is running on that database file.
    pub async fn acquire(url: &str) -> Result<Self, Error> {
        let database = match url::parse(url)? {
            Location::Sqlite(path) => path,
            Location::Postgres(options) => {
                return Ok(Self(Held::Postgres(Presence::announce(options).await?)));
            }
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
            Ok(()) => Ok(Self(Held::File { _lock: lock })),
            Err(TryLockError::WouldBlock) => Err(Error::InUse(database)),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Whether no other merchant is running on the database.
    pub(super) const fn is_alone(&self) -> bool {
        match &self.0 {
            Held::File { .. } => true,
            Held::Postgres(presence) => presence.is_alone,
        }
    }

    /// Whether no other merchant is running on the database, once those that have just ended are gone.
    pub(super) async fn wait_until_alone(&mut self) -> Result<bool, Error> {
        let Held::Postgres(presence) = &mut self.0 else {
            return Ok(true);
        };
        let began = Instant::now();
        while !presence.try_alone().await? {
            if began.elapsed() > LEAVING_TAKES {
                return Ok(false);
            }
            sleep(PAUSE).await;
        }
        Ok(true)
    }

    /// The same, and that none is about to come back after PostgreSQL was restarted.
    pub(super) async fn wait_until_surely_alone(&mut self) -> Result<bool, Error> {
        Ok(self.wait_until_alone().await?
            && match &mut self.0 {
                Held::File { .. } => true,
                Held::Postgres(presence) => presence.stays_alone().await?,
            })
    }

    /// How many merchants are running on the database, kept up to date while the lock is.
    pub(crate) fn processes(&self) -> ProcessCount {
        match &self.0 {
            Held::File { .. } => ProcessCount::default(),
            Held::Postgres(presence) => presence.processes.clone(),
        }
    }

    /// On PostgreSQL, other merchants start from now on.
    pub async fn admit_others(&mut self) -> Result<(), Error> {
        if let Held::Postgres(presence) = &mut self.0 {
            presence.admit_others().await?;
        }
        Ok(())
    }
}
