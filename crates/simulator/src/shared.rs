//! What every request handler and the notifier hold: the world behind its lock, the keys,
//! and a pulse that tells whoever waits that something changed.
//!
//! Invariant: the lock is held by closures that cannot await.

use crate::{Keys, notifier, world::World};
use gopay_protocol::{ClientSecret, KeyError, SigningKey};
use std::{
    net::SocketAddr,
    sync::{Mutex, OnceLock, PoisonError},
};
use tokio::sync::watch;

/// Counts changes; the last reload request among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pulse {
    pub(crate) changes: u64,
    pub(crate) reloads: u64,
    releases: u64,
}

pub(crate) struct Shared {
    pub(crate) address: SocketAddr,
    pub(crate) keys: Keys,
    pub(crate) client_secret: ClientSecret,
    pub(crate) http: reqwest::Client,
    foreign_key: OnceLock<SigningKey>,
    next_key: OnceLock<SigningKey>,
    pulse: watch::Sender<Pulse>,
    world: Mutex<World>,
}

impl Shared {
    pub(crate) fn new(
        address: SocketAddr,
        keys: Keys,
        http: reqwest::Client,
        world: World,
    ) -> Self {
        Self {
            address,
            client_secret: ClientSecret::new(&keys.client_secret),
            keys,
            http,
            foreign_key: OnceLock::new(),
            next_key: OnceLock::new(),
            pulse: watch::Sender::default(),
            world: Mutex::new(world),
        }
    }

    /// Somebody else's key, for forged notifications. Made when it is first asked for: that
    /// takes longer than everything else at a start.
    pub(crate) fn foreign_key(&self) -> Result<&SigningKey, KeyError> {
        made(&self.foreign_key)
    }

    /// The key that GoPay changes to some day. Made when it is first asked for, too.
    pub(crate) fn next_key(&self) -> Result<&SigningKey, KeyError> {
        made(&self.next_key)
    }

    /// Looks, after what is overdue has happened.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let happened = world.catch_up();
        let seen = look(&world);
        drop(world);
        if happened {
            self.changed();
        }
        seen
    }

    /// Changes, after what is overdue has happened, and lets everybody know.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        world.catch_up();
        let result = change(&mut world);
        drop(world);
        self.changed();
        result
    }

    fn changed(&self) {
        self.pulse.send_modify(|pulse| pulse.changes += 1);
    }

    /// Pages that are open load themselves again.
    pub(crate) fn reload(&self) {
        self.pulse.send_modify(|pulse| pulse.reloads += 1);
    }

    /// Answers that wait for it go out.
    pub(crate) fn release(&self) {
        self.pulse.send_modify(|pulse| pulse.releases += 1);
    }

    /// Waits for the next [release](Self::release).
    pub(crate) async fn released(&self) {
        let mut pulse = self.pulse();
        let before = pulse.borrow().releases;
        let _ = pulse.wait_for(|pulse| pulse.releases > before).await;
    }

    pub(crate) fn pulse(&self) -> watch::Receiver<Pulse> {
        self.pulse.subscribe()
    }

    /// Waits until every notification that is due has been sent and answered.
    pub(crate) async fn settled(&self) {
        let mut pulse = self.pulse();
        while self.read(|world| world.outbox.busy(world.now(), world.mode)) {
            if pulse.changed().await.is_err() {
                return;
            }
        }
    }
}

fn made(key: &OnceLock<SigningKey>) -> Result<&SigningKey, KeyError> {
    if let Some(key) = key.get() {
        return Ok(key);
    }
    let new = SigningKey::generate()?;
    Ok(key.get_or_init(|| new))
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("address", &self.address)
            .field("timeout", &notifier::TIMEOUT)
            .finish_non_exhaustive()
    }
}
