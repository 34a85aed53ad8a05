//! Connections that read.

use super::file::{self, Access};
use crate::{adapters::database::connection::Connection, ports::Error};
use std::{
    ops::{Deref, DerefMut},
    path::Path,
    sync::Arc,
    time::Duration,
};
use tokio::{
    sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Connections that cannot write.
#[derive(Debug, Clone)]
pub(crate) struct Readers {
    connections: Arc<[Arc<Mutex<Connection>>]>,
    /// As many as there are connections.
    places: Arc<Semaphore>,
}

/// One of them, for one caller.
#[derive(Debug)]
pub(crate) struct Reader {
    connection: OwnedMutexGuard<Connection>,
    _place: OwnedSemaphorePermit,
}

impl Readers {
    pub(crate) fn open(path: &Path, count: usize) -> rusqlite::Result<Self> {
        let open = || {
            let connection = file::open(path, Access::Read)?;
            Ok(Arc::new(Mutex::new(Connection::Sqlite(connection))))
        };
        Ok(Self {
            connections: (0..count)
                .map(|_| open())
                .collect::<rusqlite::Result<_>>()?,
            places: Arc::new(Semaphore::new(count)),
        })
    }

    pub(crate) async fn acquire(&self) -> Result<Reader, Error> {
        let place = timeout(ACQUIRE_TIMEOUT, Arc::clone(&self.places).acquire_owned()).await;
        let place = place
            .map_err(|_| Error::Internal("the database is too busy to read"))?
            .map_err(|_| Error::Internal("the database is closed"))?;
        let mut connections = self.connections.iter();
        let connection = connections
            .find_map(|connection| Arc::clone(connection).try_lock_owned().ok())
            .ok_or(Error::Internal("no connection is free"))?;
        Ok(Reader {
            connection,
            _place: place,
        })
    }

    /// Waits for what is being read, and lets nothing more begin.
    pub(crate) async fn close(&self) {
        let all = u32::try_from(self.connections.len()).unwrap_or(u32::MAX);
        let _places = self.places.acquire_many(all).await;
        self.places.close();
    }
}

impl Deref for Reader {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.connection
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }
}
