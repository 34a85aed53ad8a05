//! The access token and the pauses of the account at GoPay, which the processes of the merchant share through the
//! database. Where that fails, each process goes by what it knows itself.

use super::{GoPay, TIMEOUT, throttle};
use crate::{
    config::GoPayAccount,
    domain::{retry, time::Timestamp},
    ports::{AccountState, Clock, Error, SharedToken},
    vault::Vault,
};
use aws_lc_rs::digest::{SHA256, digest};
use gopay_protocol::{Secret, message::access_token};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

/// No token is kept for longer.
const MAX_LIFETIME: Duration = Duration::from_secs(access_token::LIFETIME_SECONDS);

/// Longer than a request for a token takes.
const LEASE: Duration = TIMEOUT.saturating_add(Duration::from_secs(2));

/// How long the token of another process is waited for: longer than a request for one usually takes. Its process may
/// have ended, or have no connection to GoPay.
const MAX_WAIT: Duration = Duration::from_secs(3);

/// How often it is read whether the process that has the lease has stored a token.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// What a token is sealed for.
const OWNER: &str = "access token";

/// How often the pauses of other processes are read.
const PAUSES_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct SharedState {
    state: Arc<dyn AccountState>,
    vault: Arc<Vault>,
    clock: Clock,
    account: Vec<u8>,
    /// Of the private key that is named first: the process that has another one requests a token with it, whatever
    /// token of the former there is.
    token_key: Vec<u8>,
}

impl SharedState {
    pub(super) fn new(
        state: Arc<dyn AccountState>,
        vault: Arc<Vault>,
        clock: Clock,
        account: &GoPayAccount,
    ) -> Self {
        let url = account.bi_snap_url.as_str();
        let hash = |parts: &[&str]| {
            digest(&SHA256, parts.join("\n").as_bytes())
                .as_ref()
                .to_vec()
        };
        let private_key = account.private_key.first().public_pem().unwrap_or_default();
        Self {
            state,
            vault,
            clock,
            account: hash(&[url, &account.client_key]),
            token_key: hash(&[url, &account.client_key, &private_key]),
        }
    }

    /// A token of another process, or the right to request one. `spent` is one that GoPay no longer takes.
    pub(super) async fn token_or_lease(&self, spent: Option<&Secret>) -> TokenOrLease {
        let began = Instant::now();
        loop {
            match self.read_or_lease(spent).await {
                Ok(Some(found)) => return found,
                Ok(None) if began.elapsed() < MAX_WAIT => sleep(POLL_INTERVAL).await,
                Ok(None) => return TokenOrLease::Neither,
                Err(error) => {
                    log_failure(&error);
                    return TokenOrLease::Neither;
                }
            }
        }
    }

    /// `None` while another process has the lease.
    async fn read_or_lease(&self, spent: Option<&Secret>) -> Result<Option<TokenOrLease>, Error> {
        let SharedToken {
            sealed,
            valid_until,
            version,
        } = self.state.access_token(&self.token_key).await?;
        let now = self.clock.now();
        // One that was sealed by a master key of before, or is damaged, is as good as none.
        let token = sealed.and_then(|sealed| self.vault.open(OWNER, &sealed).ok());
        let left = valid_until.since(now);
        if let Some(token) = token
            && !left.is_zero()
            && left <= MAX_LIFETIME + retry::CLOCK_TOLERANCE
            && Some(&token) != spent
        {
            return Ok(Some(TokenOrLease::Token(token, left.min(MAX_LIFETIME))));
        }
        let until = now + LEASE;
        let lease = self
            .state
            .lease_access_token(&self.token_key, version, now, until);
        let is_leased = lease.await?;
        Ok(is_leased.then_some(TokenOrLease::Lease(until)))
    }

    /// Stores a token for all, or that none is requested for so long.
    pub(super) async fn end_lease(&self, lease: Timestamp, token: Option<&Secret>, rest: Duration) {
        let (state, key) = (&self.state, &self.token_key);
        let until = self.clock.now() + rest;
        let ended = match token.map(|token| self.vault.seal(OWNER, token)) {
            Some(Ok(sealed)) => state.store_access_token(key, lease, &sealed, until).await,
            Some(Err(_)) | None => state.release_access_token(key, lease, until).await,
        };
        ended.unwrap_or_else(|error| log_failure(&error));
    }

    pub(super) async fn store_pause(&self, api: throttle::Api, pause: Duration) {
        let now = self.clock.now();
        let latest = now + throttle::MAX_PAUSE + retry::CLOCK_TOLERANCE;
        let stored = self
            .state
            .store_pause(&self.account, api.name(), now + pause, latest);
        stored.await.unwrap_or_else(|error| log_failure(&error));
    }

    async fn pauses(&self) -> Result<Vec<(String, Duration)>, Error> {
        let now = self.clock.now();
        let pauses = self.state.pauses(&self.account, now).await?;
        let left = |(api, until): (String, Timestamp)| (api, until.since(now));
        Ok(pauses.into_iter().map(left).collect())
    }
}

pub(super) enum TokenOrLease {
    /// And how long it is good.
    Token(Secret, Duration),
    /// Until then, which names it.
    Lease(Timestamp),
    /// The database failed, or another process has had the lease for too long.
    Neither,
}

fn log_failure(error: &Error) {
    tracing::warn!(
        event = "gopay.state_not_shared",
        %error,
        "the shared access token or pauses could not be read or written"
    );
}

impl GoPay {
    /// The same, which shares tokens and pauses with the other processes of the merchant.
    pub(crate) fn with_shared_state(self, state: Arc<dyn AccountState>, vault: Arc<Vault>) -> Self {
        let shared = SharedState::new(state, vault, self.clock.clone(), &self.account);
        Self {
            shared: Some(shared),
            ..self
        }
    }

    /// Begins the pauses that GoPay asked other processes for.
    pub(crate) async fn read_pauses(&self) {
        let Some(shared) = &self.shared else {
            return;
        };
        match shared.pauses().await {
            Ok(pauses) => {
                for (api, left) in pauses {
                    self.throttle.follow(&api, left);
                }
            }
            Err(error) => log_failure(&error),
        }
    }

    /// The same again and again, until the process ends.
    pub(crate) async fn follow_pauses(&self) {
        loop {
            sleep(PAUSES_INTERVAL).await;
            self.read_pauses().await;
        }
    }
}
