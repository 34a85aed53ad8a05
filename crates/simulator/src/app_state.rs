//! What every request handler and the notifier share: GoPay's state behind its lock, the keys,
//! and a counter of changes to wait on.
//!
//! Invariant: the lock is held by closures that cannot await.

use crate::{
    Keys,
    caller::PerMerchant,
    exchanges::Exchanges,
    gopay_state::GoPayState,
    host::{Host, PerHost},
    keys::{ExchangedKeys, MerchantKeyRing},
};
use gopay_protocol::{KeyError, ServerKey, SigningKey};
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::sync::watch;

/// Counts what waiting tasks react to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ChangeCounter {
    pub(crate) changes: u64,
    pub(crate) reloads: u64,
    releases: u64,
}

pub(crate) struct AppState {
    pub(crate) address: SocketAddr,
    /// Those of `--allow-host`.
    pub(crate) hosts: Vec<String>,
    /// Where the sandbox listens, if it does.
    pub(crate) sandbox: OnceLock<SocketAddr>,
    gopay_key: SigningKey,
    exchanged: RwLock<Arc<ExchangedKeys>>,
    http: RwLock<reqwest::Client>,
    pub(crate) exchanges: Exchanges,
    prints_exchanges: AtomicBool,
    foreign_key: OnceLock<SigningKey>,
    next_key: OnceLock<SigningKey>,
    counter: watch::Sender<ChangeCounter>,
    gopay: Mutex<GoPayState>,
}

impl AppState {
    pub(crate) fn new(
        address: SocketAddr,
        hosts: Vec<String>,
        server_keys: PerHost<ServerKey>,
        keys: Keys,
        http: reqwest::Client,
        gopay: GoPayState,
    ) -> Result<Self, KeyError> {
        Ok(Self {
            address,
            hosts,
            sandbox: OnceLock::new(),
            exchanged: RwLock::new(Arc::new(ExchangedKeys {
                gopay: keys.gopay.public_key()?,
                merchants: PerMerchant::new(MerchantKeyRing::new(
                    keys.merchant,
                    keys.client_secret,
                    server_keys,
                )),
                signs_with_next: false,
            })),
            gopay_key: keys.gopay,
            http: RwLock::new(http),
            exchanges: Exchanges::default(),
            prints_exchanges: AtomicBool::default(),
            foreign_key: OnceLock::new(),
            next_key: OnceLock::new(),
            counter: watch::Sender::default(),
            gopay: Mutex::new(gopay),
        })
    }

    /// Prints a line for each exchange from now on.
    pub(crate) fn print_exchanges(&self) {
        self.prints_exchanges.store(true, Ordering::Relaxed);
    }

    pub(crate) fn prints_exchanges(&self) -> bool {
        self.prints_exchanges.load(Ordering::Relaxed)
    }

    /// The client that sends notifications.
    pub(crate) fn http(&self) -> reqwest::Client {
        let http = self.http.read();
        http.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends notifications by this client from now on.
    pub(crate) fn send_by(&self, http: reqwest::Client) {
        *self.http.write().unwrap_or_else(PoisonError::into_inner) = http;
    }

    pub(crate) fn exchanged(&self) -> Arc<ExchangedKeys> {
        Arc::clone(
            &self
                .exchanged
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    pub(crate) fn exchange(&self, keys: ExchangedKeys) {
        *self
            .exchanged
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// The key that GoPay signs notifications with.
    pub(crate) fn gopay_key(&self) -> Result<&SigningKey, KeyError> {
        match self.exchanged().signs_with_next {
            true => self.next_key(),
            false => Ok(&self.gopay_key),
        }
    }

    /// The key that GoPay signs with unless it is told otherwise.
    pub(crate) const fn first_key(&self) -> &SigningKey {
        &self.gopay_key
    }

    /// A key that is not GoPay's, for forged notifications. Generated on first use: that takes
    /// longer than the rest of a start.
    pub(crate) fn foreign_key(&self) -> Result<&SigningKey, KeyError> {
        get_or_generate(&self.foreign_key)
    }

    /// The key that GoPay has announced and does not sign with yet. Generated on first use.
    pub(crate) fn next_key(&self) -> Result<&SigningKey, KeyError> {
        get_or_generate(&self.next_key)
    }

    /// The address of a page that a browser opens on this host.
    pub(crate) fn page_url(&self, host: Host, page: &str) -> String {
        let address = match host {
            Host::Production => self.address,
            Host::Sandbox => self.sandbox.get().copied().unwrap_or(self.address),
        };
        format!("{}/{page}", self.origin(address))
    }

    /// That of `address` for a browser, which may be on another machine.
    pub(crate) fn origin(&self, address: SocketAddr) -> String {
        match self.hosts.first() {
            Some(host) => format!("http://{host}:{}", address.port()),
            None => format!("http://{address}"),
        }
    }

    /// Reads the state, after everything overdue has happened.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&GoPayState) -> T) -> T {
        let mut gopay = self.gopay.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = gopay.catch_up();
        let result = read(&gopay);
        drop(gopay);
        if changed {
            self.notify_changed();
        }
        result
    }

    /// Changes the state, after everything overdue has happened, and notifies the subscribers.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut GoPayState) -> T) -> T {
        let mut gopay = self.gopay.lock().unwrap_or_else(PoisonError::into_inner);
        gopay.catch_up();
        let result = change(&mut gopay);
        drop(gopay);
        self.notify_changed();
        result
    }

    pub(crate) fn notify_changed(&self) {
        self.counter.send_modify(|counter| counter.changes += 1);
    }

    pub(crate) fn reload(&self) {
        self.counter.send_modify(|counter| counter.reloads += 1);
    }

    /// Releases the responses that the fault `hold` keeps back.
    pub(crate) fn release(&self) {
        self.counter.send_modify(|counter| counter.releases += 1);
    }

    /// Waits for the next [release](Self::release).
    pub(crate) async fn released(&self) {
        let mut counter = self.subscribe();
        let before = counter.borrow().releases;
        let _ = counter.wait_for(|now| now.releases > before).await;
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<ChangeCounter> {
        self.counter.subscribe()
    }

    /// Waits until every due notification has been sent and answered.
    pub(crate) async fn notifications_settled(&self) {
        let mut counter = self.subscribe();
        while self.read(|gopay| {
            let mode = gopay.notification_mode;
            gopay.outbox.has_work(gopay.now(), mode)
        }) {
            if counter.changed().await.is_err() {
                return;
            }
        }
    }
}

fn get_or_generate(key: &OnceLock<SigningKey>) -> Result<&SigningKey, KeyError> {
    if let Some(key) = key.get() {
        return Ok(key);
    }
    let new = SigningKey::generate()?;
    Ok(key.get_or_init(|| new))
}

impl std::fmt::Debug for AppState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppState")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
