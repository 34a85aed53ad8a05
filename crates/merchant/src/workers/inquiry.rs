//! Asks GoPay about overdue payments until the process ends.

use crate::{
    failpoint::with_failpoints,
    ports::Repository,
    service::{OrderService, inquiry::DATABASE_RETRY_PAUSE},
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// With nothing to do, so long at most until the next glance at the books: somebody else may
/// have written into them.
const IDLE_INTERVAL: Duration = Duration::from_secs(30);

/// Looks after payments that GoPay has not told the end of.
#[derive(Debug)]
pub struct InquiryWorker<B> {
    service: Arc<OrderService<B>>,
}

impl<B> Clone for InquiryWorker<B> {
    fn clone(&self) -> Self {
        Self {
            service: Arc::clone(&self.service),
        }
    }
}

impl<B: Repository> InquiryWorker<B> {
    /// One over this service; there may be several.
    pub fn new(service: Arc<OrderService<B>>) -> Self {
        Self { service }
    }

    /// Goes on until the process ends.
    pub async fn run(self) {
        let service = &self.service;
        loop {
            let rest = match service.store.next_due().await {
                Ok(Some(due)) if due.at <= service.now() => {
                    self.inquire_next_due().await;
                    continue;
                }
                Ok(due) => due.map_or(IDLE_INTERVAL, |due| {
                    milliseconds(due.at - service.now()).min(IDLE_INTERVAL)
                }),
                Err(error) => {
                    tracing::error!(%error, "no payment could be looked at");
                    milliseconds(DATABASE_RETRY_PAUSE)
                }
            };
            // Woken by whatever changes when to look.
            let _ = timeout(rest, service.wake.notified()).await;
        }
    }

    /// Begins to look at the payment that is overdue when it is our turn to ask GoPay: by then
    /// whoever looks at the one before has its lease, however many are waiting.
    async fn inquire_next_due(&self) {
        self.service.gopay.acquire_slot().await;
        let now = self.service.now();
        let due = match self.service.store.next_due().await {
            Ok(Some(due)) if due.at <= now => due,
            _ => return,
        };
        let service = Arc::clone(&self.service);
        tokio::spawn(with_failpoints("look", async move {
            if let Err(error) = service.inquire_exclusive(&due.external_id, now).await {
                tracing::error!(%error, "a payment could not be looked at");
            }
        }));
    }
}

fn milliseconds(pause: i64) -> Duration {
    Duration::from_millis(pause.max(0).unsigned_abs())
}
