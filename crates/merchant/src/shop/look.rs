//! Looking after payments that GoPay has not told the end of: because a buyer asks, because
//! a notification says too little, or because nobody said anything for a while.

use super::{LEASE, PlaceError, Shop};
use crate::{
    books::Books,
    conclusion::{self, Inquired, Known},
    crash::mortal,
    evidence::Finding,
    schedule,
    store::{self, Attempt, Evidence, Source, StoredOrder},
};
use gopay_protocol::message::status;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// With nothing to do, so long at most until the next glance at the books: somebody else may
/// have written into them.
const REST: Duration = Duration::from_secs(30);

/// The pause after the database failed.
const SOON: i64 = 1_000;

impl<B: Books> Shop<B> {
    /// Looks after overdue payments until the process ends.
    pub async fn look_after_payments(self: Arc<Self>) {
        loop {
            let rest = match self.store.next_due().await {
                Ok(Some(due)) if due.at <= self.now() => {
                    self.look_in_turn().await;
                    continue;
                }
                Ok(due) => due.map_or(REST, |due| milliseconds(due.at - self.now()).min(REST)),
                Err(error) => {
                    tracing::error!(%error, "no payment could be looked at");
                    milliseconds(SOON)
                }
            };
            // Woken by whatever changes when to look.
            let _ = timeout(rest, self.wake.notified()).await;
        }
    }

    /// Begins to look at the payment that is overdue when it is our turn to ask GoPay: by then
    /// whoever looks at the one before has its lease, however many are waiting.
    async fn look_in_turn(self: &Arc<Self>) {
        self.gopay.turn().await;
        let now = self.now();
        let due = match self.store.next_due().await {
            Ok(Some(due)) if due.at <= now => due,
            _ => return,
        };
        let shop = Arc::clone(self);
        tokio::spawn(mortal("look", async move {
            if let Err(error) = shop.look_alone(&due.external_id, now).await {
                tracing::error!(%error, "a payment could not be looked at");
            }
        }));
    }

    /// Asks GoPay about an attempt, unless somebody is doing so, or did after
    /// `looked_before`. Whether it asked.
    ///
    /// Once begun it is carried through, whether or not anybody waits for it.
    pub(super) async fn look(
        self: &Arc<Self>,
        external_id: &str,
        looked_before: i64,
    ) -> Result<bool, store::Error> {
        let shop = Arc::clone(self);
        let external_id = external_id.to_owned();
        let look = async move { shop.look_alone(&external_id, looked_before).await };
        tokio::spawn(mortal("question", look))
            .await
            .map_err(|_| store::Error::Content("something that nobody could look at"))?
    }

    async fn look_alone(
        &self,
        external_id: &str,
        looked_before: i64,
    ) -> Result<bool, store::Error> {
        let began = self.now();
        let until = began + LEASE;
        let leased = self
            .store
            .lease(external_id, looked_before, began, until)
            .await?;
        if !leased {
            return Ok(false);
        }
        let seen = self.see(external_id).await;
        let look_at = match &seen {
            Ok(look_at) => *look_at,
            Err(_) => Some(self.now() + SOON),
        };
        self.store.release(external_id, until, look_at).await?;
        self.wake.notify_one();
        seen.map(|_| true)
    }

    /// Asks, and keeps what is learned. Returns when to look again, if ever.
    async fn see(&self, external_id: &str) -> Result<Option<i64>, store::Error> {
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
        let after = match conclusion::after_inquiry(&order, attempt, &answer, self.now()) {
            Inquired::Keep(finding) => {
                let evidence = self.inquired(finding);
                let history = answer.as_ref().map_or(&[][..], |it| &it.refund_history);
                self.store
                    .record_with_refunds(external_id, evidence, history)
                    .await?
            }
            Inquired::Send => match self.send(&order, attempt, Known::Perhaps).await {
                Ok(order) => order,
                Err(PlaceError::Store(error)) => return Err(error),
                Err(_) => return self.patience(attempt).await,
            },
            Inquired::Ask => return self.patience(attempt).await,
            Inquired::Distrust => {
                tracing::error!(
                    order = order.id,
                    "GoPay's answer is about another payment, or does not say how much was paid"
                );
                return self.patience(attempt).await;
            }
        };
        let now = self.now();
        Ok(find(&after, external_id).and_then(|attempt| attempt.next_look(after.total, now)))
    }

    /// Nothing was learned: when to look again, until that has been in vain for too long.
    async fn patience(&self, attempt: &Attempt) -> Result<Option<i64>, store::Error> {
        let next = schedule::next_look(attempt.created_at, attempt.valid_until, self.now());
        if next.is_none() && !attempt.has_ended() {
            let external_id = &attempt.external_id;
            tracing::error!(external_id, "GoPay never told the end of a payment");
            let evidence = self.inquired(Finding::GivenUp);
            self.store.record(external_id, evidence).await?;
        }
        Ok(next)
    }

    fn inquired(&self, finding: Finding) -> Evidence {
        Evidence {
            finding,
            source: Source::Inquiry,
            received_at: self.now(),
        }
    }
}

fn milliseconds(pause: i64) -> Duration {
    Duration::from_millis(pause.max(0).unsigned_abs())
}

fn find<'a>(order: &'a StoredOrder, external_id: &str) -> Option<&'a Attempt> {
    order
        .attempts
        .iter()
        .find(|attempt| attempt.external_id == external_id)
}
