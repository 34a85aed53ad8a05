//! Sends the webhooks of paid orders, until each is acknowledged or a dead letter.
//!
//! Invariant: a webhook is sent under the fulfilment's lease, after its try was counted. Two workers that
//! send it at once, because one was paused for longer than its lease, send the same under the same id.
//!
//! Not here: how it is sent, and how long the pauses are.

use crate::{
    adapters::webhook::WebhookClient,
    domain::{
        fulfilment::{FulfilmentId, LeasedFulfilment},
        next_try::NextTry,
        retry,
        time::Timestamp,
    },
    ports::{self, Clock, FulfilmentRepository},
    workers::{
        Heartbeat, jitter,
        leased_work::{self, LeasedWork},
    },
};
use std::{sync::Arc, time::Instant};

/// Sends what is in the outbox.
#[derive(Debug, Clone)]
pub struct WebhookWorker<R> {
    store: R,
    client: Arc<WebhookClient>,
}

impl<R: FulfilmentRepository + Clone + Send + Sync + 'static> WebhookWorker<R> {
    /// Several may run on one database.
    pub fn new(store: R, client: WebhookClient) -> Self {
        Self {
            store,
            client: Arc::new(client),
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
}

impl<R: FulfilmentRepository + Clone + Send + Sync + 'static> LeasedWork for WebhookWorker<R> {
    const NAME: &'static str = "webhook";
    const AT_ONCE: usize = 32;
    type Id = FulfilmentId;
    type Lease = LeasedFulfilment;

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<FulfilmentId>, ports::Error> {
        self.store.due_fulfilments(now, limit).await
    }

    async fn lease(
        &self,
        id: &FulfilmentId,
        now: Timestamp,
    ) -> Result<Option<LeasedFulfilment>, ports::Error> {
        self.store
            .lease_fulfilment(id, now, now + retry::LEASE)
            .await
    }

    async fn carry_out(
        &self,
        fulfilment: LeasedFulfilment,
        now: Timestamp,
    ) -> Result<(), ports::Error> {
        let id = &fulfilment.fulfilment_id;
        let order = fulfilment.order.id.as_str();
        let began = Instant::now();
        let told = self.client.send(&fulfilment, now).await;
        let now = now + began.elapsed();
        match told {
            Ok(status) => {
                tracing::info!(
                    event = "webhook.delivered",
                    order,
                    fulfilment = id.as_str(),
                    "webhook acknowledged"
                );
                let answer = status.as_u16().to_string();
                self.store
                    .mark_fulfilment_delivered(id, &answer, now)
                    .await?;
            }
            Err(error) => {
                let tries = fulfilment.tries;
                let next = retry::next_retry(tries, now, jitter(id.as_str(), tries));
                match next {
                    NextTry::At(_) => {
                        tracing::warn!(event = "webhook.failed", order, fulfilment = id.as_str(), tries, %error, "webhook failed");
                    }
                    NextTry::DeadLetter => {
                        tracing::error!(event = "webhook.dead_letter", order, fulfilment = id.as_str(), tries, %error, "webhook is a dead letter: hand the order over by its pick-up code, or mend the receiver and run `merchant outbox retry`");
                    }
                }
                self.store
                    .record_failed_delivery(&fulfilment, &error.to_string(), next, now)
                    .await?;
            }
        }
        Ok(())
    }
}
