//! Looking after payments that GoPay has not told the end of: because a buyer asks, because
//! a notification says too little, or because nobody said anything for a while.

use super::{LEASE, PlaceError, Shop, is_taken};
use crate::{
    books::{AttemptName, Attempts, Books},
    conclusion::{self, Inquired, Known},
    crash::mortal,
    evidence::Finding,
    payment_ids::PaymentIds,
    schedule,
    store::{self, Attempt, Evidence, Source, StoredOrder},
};
use gopay_protocol::message::{notify::RefundHistory, status};
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
            .order_with_attempt(AttemptName::ExternalId(external_id))
            .await?
        else {
            return Ok(None);
        };
        let Some(attempt) = find(&order, external_id) else {
            return Ok(None);
        };
        let request = status::Request::new(attempt.reference_no.as_deref(), external_id);
        let answer = self.gopay.inquire(&request).await;
        match &answer {
            Ok(response) => self.note_ids(PaymentIds::of_inquiry(response), &order, attempt),
            Err(error) => {
                tracing::warn!(order = order.id, %error, "an inquiry brought nothing");
            }
        }
        let policy = self.paid_without_amount;
        let inquired = match &answer {
            Ok(response) if is_of_another(&self.store, response, attempt).await? => {
                Inquired::Mismatch
            }
            answer => conclusion::after_inquiry(&order, attempt, answer, policy, self.now()),
        };
        let after = match inquired {
            Inquired::Keep(finding) => {
                let evidence = self.inquired(finding);
                let history =
                    (answer.as_ref()).map_or(RefundHistory::EMPTY, |it| &it.refund_history);
                let after = self
                    .store
                    .record_with_refunds(external_id, evidence, history)
                    .await?;
                if matches!(finding, Finding::Paid(_)) && attempt.known_money().is_none() {
                    self.arrivals.found_by_inquiry(evidence.received_at);
                }
                if finding == Finding::Reversed {
                    tracing::error!(
                        order = order.id,
                        "GoPay says that a payment it told of was not made: the order is in review"
                    );
                }
                after
            }
            Inquired::Send => match self.send(&order, attempt, Known::Perhaps).await {
                Ok(order) => order,
                Err(PlaceError::Store(error)) => return Err(error),
                Err(_) => return self.after_nothing(attempt, answer.is_ok()).await,
            },
            Inquired::Ask => return self.after_nothing(attempt, answer.is_ok()).await,
            Inquired::Mismatch => {
                tracing::error!(order = order.id, "GoPay's answer is about another payment");
                return self.after_nothing(attempt, true).await;
            }
        };
        let now = self.now();
        Ok(find(&after, external_id).and_then(|attempt| attempt.next_look(after.total, now)))
    }

    /// Nothing was learned: when to look again, if ever. An end that is long overdue is for a
    /// person to look at; what GoPay did not answer is asked again.
    async fn after_nothing(
        &self,
        attempt: &Attempt,
        is_answered: bool,
    ) -> Result<Option<i64>, store::Error> {
        let now = self.now();
        let is_overdue = now > attempt.valid_until.saturating_add(schedule::REVIEW_AFTER);
        if is_overdue && !attempt.has_ended() && !attempt.is_given_up() {
            let external_id = &attempt.external_id;
            tracing::error!(
                external_id,
                "GoPay does not tell the end of a payment: its order is in review"
            );
            let evidence = self.inquired(Finding::GivenUp);
            self.store.record(external_id, evidence).await?;
        }
        let Attempt {
            created_at,
            valid_until,
            ..
        } = *attempt;
        let next = schedule::next_look(created_at, valid_until, now);
        Ok(next.or_else(|| (!is_answered).then(|| now.saturating_add(schedule::LATEST))))
    }

    fn inquired(&self, finding: Finding) -> Evidence {
        Evidence {
            finding,
            source: Source::Inquiry,
            received_at: self.now(),
        }
    }
}

/// Whether an answer about an attempt whose reference is not known yet names the reference of
/// another one.
pub(crate) async fn is_of_another(
    store: &impl Attempts,
    response: &status::Response,
    attempt: &Attempt,
) -> Result<bool, store::Error> {
    match (&attempt.reference_no, &response.original_reference_no) {
        (None, Some(named)) => is_taken(store, named, &attempt.external_id).await,
        _ => Ok(false),
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
