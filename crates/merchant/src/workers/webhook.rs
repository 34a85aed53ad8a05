//! Sends the webhooks of paid orders, until each is acknowledged or a dead letter.
//!
//! Invariant: a webhook is sent under the fulfilment's lease, after its try was counted. Two workers that
//! send it at once, because one was paused for longer than its lease, send the same under the same id.
//!
//! Not here: how it is sent, and how long the pauses are.

use crate::{
    adapters::webhook::WebhookClient,
    domain::{fulfilment::FulfilmentId, next_try::NextTry, retry, time::Timestamp},
    failpoint::with_failpoints,
    ports::{self, Clock, FulfilmentRepository},
    workers::{finish, jitter},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// Webhooks of one poll, sent at once.
const BATCH_SIZE: u32 = 8;

const POLL_INTERVAL: Duration = Duration::from_secs(1);

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
    pub async fn run(self, clock: Clock) {
        loop {
            if let Err(error) = self.poll_once(clock.now()).await {
                tracing::error!(event = "webhook.poll_failed", %error, "the outbox could not be read");
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Tries what is due `now`, once each. Returns how many it was.
    pub async fn poll_once(&self, now: Timestamp) -> Result<usize, ports::Error> {
        let due = self.store.due_fulfilments(now, BATCH_SIZE).await?;
        let mut tries = JoinSet::new();
        for id in due {
            let worker = self.clone();
            tries.spawn(with_failpoints("webhook", async move {
                worker.deliver(&id, now).await
            }));
        }
        finish(tries, |error| {
            tracing::error!(event = "webhook.task_failed", %error, "a webhook broke off");
        })
        .await
    }

    /// Whether it got the lease.
    async fn deliver(&self, id: &FulfilmentId, now: Timestamp) -> Result<bool, ports::Error> {
        let until = now + retry::LEASE;
        let Some(fulfilment) = self.store.lease_fulfilment(id, now, until).await? else {
            return Ok(false);
        };
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
        Ok(true)
    }
}
