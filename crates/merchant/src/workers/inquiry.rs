//! Inquires about payments whose inquiry is due.

use crate::{
    failpoint::with_failpoints,
    ports::Repository,
    service::{PaymentService, inquiry::DATABASE_RETRY_PAUSE},
    workers::Heartbeat,
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// The longest pause between two looks at the database, which an admin command may have changed.
const IDLE_INTERVAL: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct InquiryWorker<R> {
    service: Arc<PaymentService<R>>,
}

impl<R> Clone for InquiryWorker<R> {
    fn clone(&self) -> Self {
        Self {
            service: Arc::clone(&self.service),
        }
    }
}

impl<R: Repository> InquiryWorker<R> {
    /// One over this service; there may be several.
    pub fn new(service: Arc<PaymentService<R>>) -> Self {
        Self { service }
    }

    /// Goes on until the process ends.
    pub async fn run(self, heartbeat: Heartbeat) {
        let service = &self.service;
        loop {
            let now = service.now();
            let next = service.store.next_due(now).await;
            if next.is_ok() {
                heartbeat.beat();
            }
            let rest = match next {
                Ok(Some(due)) if due.at <= now => {
                    self.inquire_next_due().await;
                    continue;
                }
                Ok(due) => due.map_or(IDLE_INTERVAL, |due| {
                    due.at.since(service.now()).min(IDLE_INTERVAL)
                }),
                Err(error) => {
                    tracing::error!(event = "inquiry.poll_failed", %error, "no payment could be inquired about");
                    DATABASE_RETRY_PAUSE
                }
            };
            // Woken when an inquiry may be due earlier.
            let _ = timeout(rest, service.wake.notified()).await;
        }
    }

    /// Begins the inquiry that is due when the rate limit allows it: by then the inquiry before has its
    /// lease.
    async fn inquire_next_due(&self) {
        self.service.gopay.acquire_slot().await;
        let now = self.service.now();
        let due = match self.service.store.next_due(now).await {
            Ok(Some(due)) if due.at <= now => due,
            _ => return,
        };
        let service = Arc::clone(&self.service);
        tokio::spawn(with_failpoints("inquiry", async move {
            if let Err(error) = service.inquire_exclusive(&due.external_id, now).await {
                tracing::error!(event = "inquiry.not_recorded", %error, "an inquiry could not be recorded");
            }
        }));
    }
}
