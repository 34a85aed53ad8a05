//! Sends the webhooks of paid orders, until each is acknowledged or a dead letter.
//!
//! Invariant: a webhook is sent under the fulfilment's lease, after its try was counted. Two workers that
//! send it at once, because one was paused for longer than its lease, send the same under the same id.
//!
//! Not here: how it is sent, and how long the pauses are.

use crate::{
    adapters::webhook::WebhookClient,
    domain::{fulfilment::LeasedFulfilment, next_try::NextTry, retry, time::Timestamp},
    failpoint::with_failpoints,
    ports::{self, Clock, FulfilmentRepository},
    workers::{finish, jitter},
};
use std::{
    future::pending,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::{JoinError, JoinSet};

/// Webhooks that are sent at once.
const AT_ONCE: usize = 32;

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

    /// Goes on until the process ends. A receiver that does not answer one webhook holds up no other, until
    /// `AT_ONCE` wait for it.
    pub async fn run(self, clock: Clock) {
        let mut tries = JoinSet::new();
        loop {
            match self.begin(&mut tries, || clock.now()).await {
                // More may be due.
                Ok(begun) if begun > 0 && tries.len() < AT_ONCE => continue,
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(event = "webhook.poll_failed", %error, "the outbox could not be read, or a lease not be written");
                }
            }
            let room = tokio::time::timeout(POLL_INTERVAL, async {
                match tries.join_next().await {
                    None => pending().await,
                    Some(done) => done,
                }
            });
            match room.await {
                Ok(Ok(Err(error))) => {
                    tracing::error!(event = "webhook.not_recorded", %error, "what became of a webhook could not be recorded");
                }
                Ok(Err(error)) => broke_off(error),
                Ok(Ok(Ok(_))) | Err(_) => {}
            }
        }
    }

    /// Tries what is due `now`, once each. Returns how many it was.
    pub async fn poll_once(&self, now: Timestamp) -> Result<usize, ports::Error> {
        let mut tries = JoinSet::new();
        let begun = self.begin(&mut tries, || now).await;
        let tried = finish(tries, broke_off).await?;
        begun.map(|_| tried)
    }

    /// Begins to send what is due, as far as there is room. Returns how many it got the lease of.
    async fn begin(
        &self,
        tries: &mut JoinSet<Result<bool, ports::Error>>,
        // Many leases take a while where the database is busy.
        now: impl Fn() -> Timestamp,
    ) -> Result<usize, ports::Error> {
        let room = u32::try_from(AT_ONCE.saturating_sub(tries.len())).unwrap_or_default();
        let mut begun = 0;
        // One that cannot be read or written is no reason to leave the others.
        let mut failed = None;
        for id in self.store.due_fulfilments(now(), room).await? {
            let now = now();
            let lease = self.store.lease_fulfilment(&id, now, now + retry::LEASE);
            match with_failpoints("webhook", lease).await {
                Ok(Some(fulfilment)) => {
                    begun += 1;
                    let worker = self.clone();
                    tries.spawn(with_failpoints("webhook", async move {
                        worker.deliver(&fulfilment, now).await.map(|()| true)
                    }));
                }
                Ok(None) => {}
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(begun), Err)
    }

    async fn deliver(
        &self,
        fulfilment: &LeasedFulfilment,
        now: Timestamp,
    ) -> Result<(), ports::Error> {
        let id = &fulfilment.fulfilment_id;
        let order = fulfilment.order.id.as_str();
        let began = Instant::now();
        let told = self.client.send(fulfilment, now).await;
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
                    .record_failed_delivery(fulfilment, &error.to_string(), next, now)
                    .await?;
            }
        }
        Ok(())
    }
}

fn broke_off(error: JoinError) {
    tracing::error!(event = "webhook.task_failed", %error, "a webhook broke off");
}
