//! Looks after refunds until GoPay has told how each of them ended, or a person has to look.
//!
//! Invariant: what is sent was reserved before, is the same under the same ids every time, and
//! is sent only after an inquiry that did not find it. Whoever sends holds the lease.
//!
//! Not here: what follows from an answer, and how long the pauses are.

use crate::{
    books::Books,
    clock::Clock,
    conclusion::{Inquired, after_inquiry},
    crash::mortal,
    evidence::PaidWithoutAmount,
    gopay::{self, GoPay},
    outbox::Next,
    refund::{self, LEASE, Progress, Step},
    shop::is_of_another,
    store::{self, Evidence, RefundErrand, Source, Store},
};
use gopay_protocol::message::status;
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// So many refunds in a round at most.
const A_ROUND: u32 = 5;

const ROUND: Duration = Duration::from_secs(1);

/// The pause after the database failed.
const SOON: i64 = 1_000;

/// Brings refunds to GoPay, and their ends back.
#[derive(Debug, Clone)]
pub struct Cashier<B = Store> {
    store: B,
    gopay: Arc<GoPay>,
}

/// The time of a round, which goes on while GoPay is waited for.
#[derive(Clone, Copy)]
struct Moment {
    began: Instant,
    at: i64,
}

impl Moment {
    fn now(self) -> i64 {
        let passed = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(LEASE);
        self.at.saturating_add(passed)
    }
}

impl<B: Books> Cashier<B> {
    /// One between this database and GoPay; there may be several.
    pub fn new(store: B, gopay: Arc<GoPay>) -> Self {
        Self { store, gopay }
    }

    /// Goes on until the process ends.
    pub async fn run(self, clock: Clock) {
        loop {
            if let Err(error) = self.round(clock.now()).await {
                tracing::error!(%error, "the refunds could not be looked after");
            }
            tokio::time::sleep(ROUND).await;
        }
    }

    /// Looks after what is due `now` (unix milliseconds), once each and one after the other.
    /// Returns how many it was.
    pub async fn round(&self, now: i64) -> Result<usize, store::Error> {
        let moment = Moment {
            began: Instant::now(),
            at: now,
        };
        let mut served = 0;
        // One that cannot be read or written is no reason to leave the others.
        let mut failed = None;
        for number in self.store.due_refunds(now, A_ROUND).await? {
            match mortal("refund", self.take_on(&number, moment)).await {
                Ok(is_ours) => served += usize::from(is_ours),
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(served), Err)
    }

    /// Returns whether it was ours to look after.
    async fn take_on(&self, number: &str, moment: Moment) -> Result<bool, store::Error> {
        let now = moment.now();
        let until = now.saturating_add(LEASE);
        let Some(errand) = self.store.lease_refund(number, now, until).await? else {
            return Ok(false);
        };
        self.serve(&errand, moment).await?;
        Ok(true)
    }

    async fn serve(&self, errand: &RefundErrand, moment: Moment) -> Result<(), store::Error> {
        let refund = &errand.refund;
        let end = self.bring(errand, moment).await;
        let now = moment.now();
        let next = match end {
            Ok(Step::Done) => {
                tracing::info!(
                    order = refund.order_id,
                    refund = refund.number,
                    "money went back"
                );
                return Ok(());
            }
            Ok(Step::Failed) => {
                tracing::error!(
                    order = refund.order_id,
                    refund = refund.number,
                    "a refund failed: `merchant refunds` tells why"
                );
                return self.store.refund_failed(errand, now).await;
            }
            Ok(Step::Send | Step::Wait) => refund::next_look(refund.progress.created_at, now),
            Ok(Step::Park) => Next::Park,
            Err(_) => Next::Again(now.saturating_add(SOON)),
        };
        if next == Next::Park {
            tracing::error!(
                order = refund.order_id,
                refund = refund.number,
                "GoPay never told the end of a refund: look for it in GoPay's dashboard, and run `merchant refunds retry`"
            );
        }
        self.store.release_refund(errand, next, now).await?;
        end.map(|_| ())
    }

    /// Asks what became of it, sends it where that is due, and asks again.
    async fn bring(&self, errand: &RefundErrand, moment: Moment) -> Result<Step, store::Error> {
        let progress = &errand.refund.progress;
        // Also before the first time: the books may be a backup's, and older than the refund.
        let step = self.inquire(errand, progress, moment).await?;
        if step != Step::Send {
            return Ok(step);
        }
        match self.send(errand, moment).await? {
            // What was just sent is not sent once more.
            Step::Wait => match self.inquire(errand, progress, moment).await? {
                Step::Send => Ok(Step::Wait),
                step => Ok(step),
            },
            step => Ok(step),
        }
    }

    async fn send(&self, errand: &RefundErrand, moment: Moment) -> Result<Step, store::Error> {
        let refund = &errand.refund;
        self.gopay.turn().await;
        if !self.store.refund_is_sent(errand, moment.now()).await? {
            return Ok(Step::Wait);
        }
        let answer = self.gopay.refund(&refund.external_id, &refund.request);
        let answer = answer.await;
        let (said, step) = refund::after_request(&answer, refund.progress.sent.is_some());
        let words = match &answer {
            Ok(response) => response.response_code.to_string(),
            Err(error) => {
                tracing::warn!(order = refund.order_id, refund = refund.number, %error, "a refund is not sure");
                error.to_string()
            }
        };
        self.store.refund_answered(errand, said, &words).await?;
        Ok(step)
    }

    /// Asks what became of the payment and keeps what is learned.
    async fn inquire(
        &self,
        errand: &RefundErrand,
        progress: &Progress,
        moment: Moment,
    ) -> Result<Step, store::Error> {
        let RefundErrand { refund, order, .. } = errand;
        let mut attempts = order.attempts.iter();
        let attempt = attempts
            .find(|attempt| attempt.external_id == refund.payment)
            .ok_or(store::Error::Content("a refund without a payment"))?;
        let request = status::Request::new(attempt.reference_no.as_deref(), &attempt.external_id);
        self.gopay.turn().await;
        let response = match self.gopay.inquire(&request).await {
            Ok(response) => response,
            Err(error) => {
                tracing::warn!(order = order.id, refund = refund.number, %error, "an inquiry about a refund brought nothing");
                return Ok(match error {
                    gopay::Error::Refused(_) => {
                        refund::after_refused_inquiry(progress, moment.now())
                    }
                    _ => Step::Wait,
                });
            }
        };
        if is_of_another(&self.store, &response, attempt).await? {
            tracing::error!(order = order.id, "GoPay's answer is about another payment");
            return Ok(Step::Wait);
        }
        let history = response.refund_history.clone();
        let now = moment.now();
        let answer = Ok(response);
        // A refund has a payment whose money is known: the policy about amounts is not asked.
        let policy = PaidWithoutAmount::default();
        let finding = match after_inquiry(order, attempt, &answer, policy, now) {
            Inquired::Keep(finding) => finding,
            Inquired::Mismatch => {
                tracing::error!(order = order.id, "GoPay's answer is about another payment");
                return Ok(Step::Wait);
            }
            // Without the money nothing can be said of what went back: GoPay's books are late.
            Inquired::Send | Inquired::Ask => return Ok(Step::Wait),
        };
        let evidence = Evidence {
            finding,
            source: Source::Inquiry,
            received_at: now,
        };
        self.store
            .record_with_refunds(&attempt.external_id, evidence, &history)
            .await?;
        if !finding.is_money() {
            tracing::error!(
                order = order.id,
                refund = refund.number,
                "GoPay says that a payment it told of was not made: the order is in review"
            );
            return Ok(Step::Wait);
        }
        Ok(
            match refund::ending(&history, &refund.number, refund.amount) {
                Some(refund::State::Done) => Step::Done,
                Some(_) => Step::Failed,
                None if refund::may_be_known(&history, &refund.number) => {
                    if history.is_partial {
                        tracing::error!(
                            order = order.id,
                            refund = refund.number,
                            "GoPay's refund history cannot be read"
                        );
                    }
                    Step::Wait
                }
                None => refund::after_inquiry(progress, now),
            },
        )
    }
}
