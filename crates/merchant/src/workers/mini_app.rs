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
    ports::{self, Clock, LeasedMiniAppRequest, MiniAppRequestRepository},
    sealed_customer::token_owner,
    vault::Vault,
    workers::{
        Heartbeat, jitter,
        leased_work::{self, LeasedWork},
    },
};
use gopay_protocol::RequestId;
use std::sync::Arc;
use tokio::time::Instant;

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
    pub async fn run(self, clock: Clock, heartbeat: Heartbeat) {
        leased_work::run(self, clock, heartbeat).await;
    }

    /// Tries what is due `now`, once each. Returns how many it was.
    pub async fn poll_once(&self, now: Timestamp) -> Result<usize, ports::Error> {
        leased_work::run_once(self, now).await
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

impl<R: MiniAppRequestRepository + Clone + Send + Sync + 'static> LeasedWork for MiniAppWorker<R> {
    const NAME: &'static str = "mini_app";
    const AT_ONCE: usize = 8;
    type Id = RequestId;
    type Lease = LeasedMiniAppRequest;

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<RequestId>, ports::Error> {
        self.store.due_requests(now, limit).await
    }

    async fn lease(
        &self,
        id: &RequestId,
        now: Timestamp,
    ) -> Result<Option<LeasedMiniAppRequest>, ports::Error> {
        self.store.lease_request(id, now, now + LEASE).await
    }

    async fn carry_out(
        &self,
        lease: LeasedMiniAppRequest,
        now: Timestamp,
    ) -> Result<(), ports::Error> {
        let began = Instant::now();
        let result = self.send(&lease).await;
        let now = now + began.elapsed();
        let jitter = jitter(lease.request.id.as_str(), lease.request.tries);
        let next = next_step(&lease.request, &result, now, jitter);
        log_result(&lease, &result, next);
        self.store
            .record_request_result(&lease, &result, next, now)
            .await
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
