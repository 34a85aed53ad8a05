//! Looking after payments that GoPay has not told the end of: because a buyer asks, because
//! a notification says too little, or because nobody said anything for a while.

use super::{LEASE, PlaceError, Shop, now};
use crate::{
    conclusion::{self, Inquired, Known},
    crash::mortal,
    evidence::Finding,
    schedule,
    store::{self, Attempt, Evidence, Source, StoredOrder},
};
use gopay_protocol::message::status;
use std::{sync::Arc, time::Duration};

/// GoPay is asked about so many payments at most in each round of a second.
const A_ROUND: u32 = 5;

const ROUND: Duration = Duration::from_secs(1);

/// The pause after the database failed.
const SOON: i64 = 1_000;

impl Shop {
    /// Looks after overdue payments until the process ends.
    pub async fn look_after_payments(self: Arc<Self>) {
        loop {
            match self.store.overdue(now(), A_ROUND).await {
                Ok(overdue) => {
                    for external_id in overdue {
                        let shop = Arc::clone(&self);
                        tokio::spawn(mortal("look", async move {
                            if let Err(error) = shop.look(&external_id, now()).await {
                                tracing::error!(%error, "a payment could not be looked at");
                            }
                        }));
                    }
                }
                Err(error) => tracing::error!(%error, "no payment could be looked at"),
            }
            // Woken early by a notification that wants an inquiry.
            let _ = tokio::time::timeout(ROUND, self.wake.notified()).await;
        }
    }

    /// Asks GoPay about an attempt, unless somebody is doing so, or did after
    /// `looked_before`.
    pub(super) async fn look(
        &self,
        external_id: &str,
        looked_before: i64,
    ) -> Result<(), store::Error> {
        let began = now();
        let until = began + LEASE;
        let leased = self
            .store
            .lease(external_id, looked_before, began, until)
            .await?;
        if !leased {
            return Ok(());
        }
        let seen = self.see(external_id).await;
        let look_at = match &seen {
            Ok(None) => None,
            Ok(Some(attempt)) => {
                let next = schedule::next_look(attempt.created_at, attempt.valid_until, now());
                if next.is_none() {
                    tracing::error!(external_id, "GoPay never told the end of a payment");
                    self.keep(external_id, Finding::GivenUp).await?;
                }
                next
            }
            Err(_) => Some(now() + SOON),
        };
        self.store.release(external_id, until, look_at).await?;
        seen.map(|_| ())
    }

    async fn keep(&self, external_id: &str, finding: Finding) -> Result<StoredOrder, store::Error> {
        let evidence = Evidence {
            finding,
            source: Source::Inquiry,
            received_at: now(),
        };
        self.store.record(external_id, evidence).await
    }

    /// Asks, and keeps what is learned. Returns the attempt if it has to be looked at again.
    async fn see(&self, external_id: &str) -> Result<Option<Attempt>, store::Error> {
        let Some((order, _)) = self
            .store
            .order_with_attempt(None, Some(external_id))
            .await?
        else {
            return Ok(None);
        };
        let Some(attempt) = find(&order, external_id) else {
            return Ok(None);
        };
        let request = status::Request::new(attempt.reference_no.as_deref(), external_id);
        let answer = self.gopay.inquire(&request).await;
        if let Err(error) = &answer {
            tracing::warn!(order = order.id, %error, "an inquiry brought nothing");
        }
        let after = match conclusion::after_inquiry(&order, attempt, &answer, now()) {
            Inquired::Keep(finding) => self.keep(external_id, finding).await?,
            Inquired::Send => match self.send(&order, attempt, Known::Perhaps).await {
                Ok(order) => order,
                Err(PlaceError::Store(error)) => return Err(error),
                Err(_) => return Ok(Some(attempt.clone())),
            },
            Inquired::Ask => return Ok(Some(attempt.clone())),
            Inquired::Distrust => {
                tracing::error!(
                    order = order.id,
                    "GoPay's answer is about another payment, or does not say how much was paid"
                );
                return Ok(Some(attempt.clone()));
            }
        };
        Ok(open(&after, external_id))
    }
}

fn find<'a>(order: &'a StoredOrder, external_id: &str) -> Option<&'a Attempt> {
    order
        .attempts
        .iter()
        .find(|attempt| attempt.external_id == external_id)
}

/// The attempt, if its end is not known yet.
fn open(order: &StoredOrder, external_id: &str) -> Option<Attempt> {
    find(order, external_id)
        .filter(|attempt| attempt.status(order.total).is_open())
        .cloned()
}
