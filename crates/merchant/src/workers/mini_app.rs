//! Sends the rewards, reminders and pushes of orders, until each is carried out, refused, or a dead
//! letter.
//!
//! Invariant: a request is sent under its lease, after its try was counted, as it is stored. Two workers
//! that send it at once, because one was paused for longer than its lease, send the same under the same
//! `Request-Id`.
//!
//! Not here: what follows from an answer, and how long the pauses are.

use crate::{
    adapters::gopay::GoPay,
    domain::{
        mini_app_request::{LEASE, MiniAppResult, NextStep, RequestState, hint, next_step},
        time::Timestamp,
    },
    failpoint::with_failpoints,
    ports::{self, Clock, LeasedMiniAppRequest, MiniAppRequestRepository},
    sealed_customer::token_owner,
    vault::Vault,
    workers::{finish, jitter},
};
use gopay_protocol::RequestId;
use std::{sync::Arc, time::Duration};
use tokio::{task::JoinSet, time::Instant};

/// Requests of one poll, sent at once.
const BATCH_SIZE: u32 = 8;

const POLL_INTERVAL: Duration = Duration::from_secs(1);

#[derive(Debug, Clone)]
pub struct MiniAppWorker<R> {
    store: R,
    gopay: Arc<GoPay>,
    vault: Arc<Vault>,
}

impl<R: MiniAppRequestRepository + Clone + Send + Sync + 'static> MiniAppWorker<R> {
    /// Several may run on one database.
    pub fn new(store: R, gopay: Arc<GoPay>, vault: Arc<Vault>) -> Self {
        Self {
            store,
            gopay,
            vault,
        }
    }

    /// Goes on until the process ends.
    pub async fn run(self, clock: Clock) {
        loop {
            if let Err(error) = self.poll_once(clock.now()).await {
                tracing::error!(event = "mini_app.poll_failed", %error, "the outbox of the mini-app API could not be read");
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Tries what is due `now`, once each. Returns how many it was.
    pub async fn poll_once(&self, now: Timestamp) -> Result<usize, ports::Error> {
        let mut tries = JoinSet::new();
        for id in self.store.due_requests(now, BATCH_SIZE).await? {
            let worker = self.clone();
            tries.spawn(with_failpoints("mini_app", async move {
                worker.process(&id, now).await
            }));
        }
        finish(tries, |error| {
            tracing::error!(event = "mini_app.task_failed", %error, "a request of the mini-app API broke off");
        })
        .await
    }

    /// Whether it got the lease.
    async fn process(&self, id: &RequestId, now: Timestamp) -> Result<bool, ports::Error> {
        let Some(lease) = self.store.lease_request(id, now, now + LEASE).await? else {
            return Ok(false);
        };
        let began = Instant::now();
        let result = self.send(&lease).await;
        let now = now + began.elapsed();
        let jitter = jitter(id.as_str(), lease.request.tries);
        let next = next_step(&lease.request, &result, now, jitter);
        log_result(&lease, &result, next);
        self.store
            .record_request_result(&lease, &result, next, now)
            .await?;
        Ok(true)
    }

    async fn send(&self, lease: &LeasedMiniAppRequest) -> MiniAppResult {
        let owner = token_owner(&lease.customer.account_hash);
        match self.vault.open(&owner, &lease.customer.auth_token) {
            Ok(auth_token) => {
                self.gopay
                    .send_mini_app_request(&auth_token, &lease.request)
                    .await
            }
            // Sealed under another master key: a new sign-in seals it anew.
            Err(_) => MiniAppResult::TokenInactive(None),
        }
    }
}

fn log_result(lease: &LeasedMiniAppRequest, result: &MiniAppResult, next: NextStep) {
    let request = &lease.request;
    let (id, order, kind) = (
        request.id.as_str(),
        request.order_id.as_str(),
        request.kind.name(),
    );
    let tries = request.tries;
    match next {
        NextStep::End(RequestState::Accepted) => {
            tracing::info!(
                event = "mini_app.accepted",
                request = id,
                order,
                kind,
                "carried out"
            );
        }
        NextStep::End(RequestState::DeadLetter) => {
            let hint = hint(request.kind, result.code());
            tracing::error!(event = "mini_app.dead_letter", request = id, order, kind, tries, %result, hint, "a request is a dead letter: `merchant requests` lists it");
        }
        NextStep::End(_) => {
            let hint = hint(request.kind, result.code());
            tracing::warn!(event = "mini_app.refused", request = id, order, kind, %result, hint, "GoPay refuses it for this buyer");
        }
        NextStep::TryAt(_) => {
            tracing::warn!(event = "mini_app.failed", request = id, order, kind, tries, %result, "a request failed, and is sent again");
        }
        NextStep::AwaitSignIn => {
            tracing::warn!(event = "mini_app.token_inactive", request = id, order, kind, %result, "GoPay does not take the buyer's token: the request waits for their next sign-in");
        }
    }
}
