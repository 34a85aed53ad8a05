//! What this process tells the others of the merchant about its account at GoPay, and hears of them: tokens and
//! pauses. Where the database fails, each process goes by what it knows itself.

use super::{GoPay, TIMEOUT, throttle};
use crate::{
    config::GoPayAccount,
    domain::{retry, time::Timestamp},
    ports::{AccountState, Clock, Error, SharedToken},
    vault::Vault,
};
use aws_lc_rs::digest::{SHA256, digest};
use gopay_protocol::Secret;
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

/// Longer than a request for a token takes.
const LEASE: Duration = TIMEOUT.saturating_add(Duration::from_secs(2));

/// How often it is looked whether the process that asks has a token.
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
    /// Of the private key that is named first: another one is tried by the process that has it, and not
    /// spared by a token of the former.
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

    /// A token of another process and how long it is good, or the right to ask for one. `spent` is one that
    /// GoPay no longer takes.
    pub(super) async fn token(&self, spent: Option<&Secret>) -> Option<(Secret, Duration)> {
        loop {
            match self.look(spent).await {
                Ok(Look::Token(token, left)) => return Some((token, left)),
                Ok(Look::Ask) => return None,
                Ok(Look::Wait) => sleep(POLL_INTERVAL).await,
                Err(error) => {
                    log_failure(&error);
                    return None;
                }
            }
        }
    }

    async fn look(&self, spent: Option<&Secret>) -> Result<Look, Error> {
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
            && left <= super::access_token::MAX_LIFETIME + retry::CLOCK_TOLERANCE
            && Some(&token) != spent
        {
            return Ok(Look::Token(token, left));
        }
        let until = now + LEASE;
        let lease = self
            .state
            .lease_access_token(&self.token_key, version, now, until);
        Ok(match lease.await? {
            true => Look::Ask,
            false => Look::Wait,
        })
    }

    /// Tells the others of a token, or that there is none for so long.
    pub(super) async fn tell(&self, token: Option<&Secret>, rest: Duration) {
        let now = self.clock.now();
        let told = match token.map(|token| self.vault.seal(OWNER, token)) {
            Some(Ok(sealed)) => {
                let state = &self.state;
                state
                    .store_access_token(&self.token_key, &sealed, now, now + rest)
                    .await
            }
            Some(Err(_)) | None => {
                let state = &self.state;
                state
                    .release_access_token(&self.token_key, now + rest)
                    .await
            }
        };
        told.unwrap_or_else(|error| log_failure(&error));
    }

    pub(super) async fn tell_pause(&self, api: throttle::Api, pause: Duration) {
        let until = self.clock.now() + pause;
        let told = self.state.store_pause(&self.account, api.name(), until);
        told.await.unwrap_or_else(|error| log_failure(&error));
    }

    async fn pauses(&self) -> Result<Vec<(String, Duration)>, Error> {
        let now = self.clock.now();
        let pauses = self.state.pauses(&self.account, now).await?;
        let left = |(api, until): (String, Timestamp)| (api, until.since(now));
        Ok(pauses.into_iter().map(left).collect())
    }
}

enum Look {
    Token(Secret, Duration),
    Ask,
    /// Another process asks.
    Wait,
}

fn log_failure(error: &Error) {
    tracing::warn!(
        event = "gopay.state_not_shared",
        %error,
        "what processes tell each other about GoPay could not be read or written"
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
