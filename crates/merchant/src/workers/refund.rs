//! Sends refunds that are due, and finds how each of them ended, until it ends or becomes a dead letter.
//!
//! Invariant: what is sent was reserved before, is the same under the same ids every time, and
//! is sent only after an inquiry that did not find it, under a lease.
//!
//! Not here: what follows from an answer, and how long the pauses are.

use crate::{
    adapters::gopay::GoPay,
    domain::{
        attempt::Attempt,
        gopay_result,
        next_try::NextTry,
        operator_policy::PaidWithoutAmount,
        payment_decision::{InquiryDecision, after_inquiry},
        payment_event::{EventSource, ReceivedEvent},
        refund::{self, LEASE, LeasedRefund, RefundAction, RefundProgress, RefundState},
        time::Timestamp,
    },
    ports::{self, Clock, Repository},
    service::{
        inquiry::DATABASE_RETRY_PAUSE,
        reference_conflict::{answers_another_payment, note_another_payment},
    },
    workers::{
        Heartbeat,
        leased_work::{self, LeasedWork},
    },
};
use gopay_protocol::PartnerRefundNo;
use std::sync::Arc;
use tokio::time::Instant;

#[derive(Debug, Clone)]
pub struct RefundWorker<R> {
    store: R,
    gopay: Arc<GoPay>,
}

/// The time since a refund was leased, which goes on while GoPay is waited for.
#[derive(Clone, Copy)]
struct PollClock {
    began: Instant,
    at: Timestamp,
}

impl PollClock {
    fn now(self) -> Timestamp {
        self.at + self.began.elapsed()
    }
}

impl<R: Repository + Clone> RefundWorker<R> {
    /// Several may run on one database.
    pub fn new(store: R, gopay: Arc<GoPay>) -> Self {
        Self { store, gopay }
    }

    /// Goes on until the process ends.
    pub async fn run(self, clock: Clock, heartbeat: Heartbeat) {
        leased_work::run(self, clock, heartbeat).await;
    }

    /// Processes what is due `now`, once each. Returns how many it was.
    pub async fn poll_once(&self, now: Timestamp) -> Result<usize, ports::Error> {
        leased_work::run_once(self, now).await
    }

    async fn process_leased(
        &self,
        lease: &LeasedRefund,
        clock: PollClock,
    ) -> Result<(), ports::Error> {
        let refund = &lease.refund;
        let end = self.advance(lease, clock).await;
        let now = clock.now();
        let (state, try_at) = match end {
            Ok(RefundAction::Done) => {
                tracing::info!(
                    event = "refund.completed",
                    order = refund.order_id.as_str(),
                    refund = refund.number.as_str(),
                    "money went back"
                );
                return Ok(());
            }
            Ok(RefundAction::Failed) => {
                tracing::error!(
                    event = "refund.failed",
                    order = refund.order_id.as_str(),
                    refund = refund.number.as_str(),
                    "a refund failed: `merchant refunds` tells why"
                );
                (RefundState::Failed, now)
            }
            Ok(RefundAction::Send | RefundAction::Wait) => {
                match refund::next_poll(refund.progress.created_at, now) {
                    NextTry::At(at) => (RefundState::Open, at),
                    NextTry::DeadLetter => (RefundState::DeadLetter, now),
                }
            }
            Ok(RefundAction::DeadLetter) => (RefundState::DeadLetter, now),
            Err(_) => (RefundState::Open, now + DATABASE_RETRY_PAUSE),
        };
        if state == RefundState::DeadLetter {
            tracing::error!(
                event = "refund.dead_letter",
                order = refund.order_id.as_str(),
                refund = refund.number.as_str(),
                "GoPay never told the end of a refund: look for it in GoPay's dashboard, and run `merchant refunds retry`"
            );
        }
        self.store.release_refund(lease, state, try_at).await?;
        end.map(|_| ())
    }

    /// Asks what became of it, sends it where that is due, and asks again.
    async fn advance(
        &self,
        lease: &LeasedRefund,
        clock: PollClock,
    ) -> Result<RefundAction, ports::Error> {
        let progress = &lease.refund.progress;
        // Also before the first time: the database may be a backup, and older than the refund.
        let step = self.inquire(lease, progress, clock).await?;
        if step != RefundAction::Send {
            return Ok(step);
        }
        match self.send(lease, clock).await? {
            // What was just sent is not sent once more.
            RefundAction::Wait => match self.inquire(lease, progress, clock).await? {
                RefundAction::Send => Ok(RefundAction::Wait),
                step => Ok(step),
            },
            step => Ok(step),
        }
    }

    async fn send(
        &self,
        lease: &LeasedRefund,
        clock: PollClock,
    ) -> Result<RefundAction, ports::Error> {
        let refund = &lease.refund;
        self.gopay.acquire_slot().await;
        if !self.store.mark_refund_sent(lease, clock.now()).await? {
            return Ok(RefundAction::Wait);
        }
        let attempt = attempt_of(lease)?;
        let answer = (self.gopay)
            .refund(attempt, &refund.external_id, &refund.request)
            .await;
        let (last_response, step) = refund::after_request(&answer, refund.progress.sent.is_some());
        let words = match &answer {
            Ok(response) => response.response_code.to_string(),
            Err(error) => {
                let code = error.code().map(tracing::field::display);
                let hint = error.hint();
                tracing::warn!(event = "refund.request_failed", order = refund.order_id.as_str(), refund = refund.number.as_str(), ?last_response, code, %error, hint, "a refund request failed");
                match hint {
                    Some(hint) => format!("{error}: {hint}"),
                    None => error.to_string(),
                }
            }
        };
        self.store
            .record_refund_response(lease, last_response, &words)
            .await?;
        Ok(step)
    }

    /// Asks what became of the payment and keeps what is learned.
    async fn inquire(
        &self,
        lease: &LeasedRefund,
        progress: &RefundProgress,
        clock: PollClock,
    ) -> Result<RefundAction, ports::Error> {
        let LeasedRefund { refund, order, .. } = lease;
        let attempt = attempt_of(lease)?;
        self.gopay.acquire_slot().await;
        let response = match self.gopay.inquire(attempt).await {
            Ok(response) => response,
            Err(error) => {
                let code = error.code().map(tracing::field::display);
                tracing::warn!(event = "inquiry.failed", order = order.id.as_str(), refund = refund.number.as_str(), code, %error, hint = error.hint(), "an inquiry about a refund brought nothing");
                return Ok(match error {
                    gopay_result::Error::Refused(_) => {
                        refund::after_refused_inquiry(progress, clock.now())
                    }
                    _ => RefundAction::Wait,
                });
            }
        };
        let history = response.refund_history.clone();
        let now = clock.now();
        let is_another = answers_another_payment(&self.store, &response, attempt).await?;
        // A refund has a payment whose money is known: the policy about amounts is not asked.
        let policy = PaidWithoutAmount::default();
        let decision = match is_another {
            true => InquiryDecision::Mismatch,
            false => after_inquiry(order, attempt, &Ok(response), policy, now),
        };
        let event = match decision {
            InquiryDecision::Record(event) => event,
            InquiryDecision::Mismatch => {
                note_another_payment(&order.id);
                return Ok(RefundAction::Wait);
            }
            // A refund without its payment: GoPay's records are late.
            InquiryDecision::Resend | InquiryDecision::InquireLater => {
                return Ok(RefundAction::Wait);
            }
        };
        let received = ReceivedEvent {
            event,
            source: EventSource::Inquiry,
            received_at: now,
        };
        self.store
            .record_with_refunds(&attempt.external_id, received, &history)
            .await?;
        if !event.is_money() {
            tracing::error!(
                event = "payment.reversed",
                order = order.id.as_str(),
                refund = refund.number.as_str(),
                "GoPay says that a payment it told of was not made: the order is in review"
            );
            return Ok(RefundAction::Wait);
        }
        Ok(
            match refund::ending(&history, &refund.number, refund.amount) {
                Some(RefundState::Done) => RefundAction::Done,
                Some(_) => RefundAction::Failed,
                None if refund::may_be_known(&history, &refund.number) => {
                    if history.is_partial {
                        tracing::error!(
                            event = "refund.history_unreadable",
                            order = order.id.as_str(),
                            refund = refund.number.as_str(),
                            "GoPay's refund history cannot be read"
                        );
                    }
                    RefundAction::Wait
                }
                None => refund::after_inquiry(progress, now),
            },
        )
    }
}

impl<R: Repository + Clone> LeasedWork for RefundWorker<R> {
    const NAME: &'static str = "refund";
    const AT_ONCE: usize = 8;
    type Id = PartnerRefundNo;
    type Lease = LeasedRefund;

    async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<PartnerRefundNo>, ports::Error> {
        self.store.due_refunds(now, limit).await
    }

    async fn lease(
        &self,
        number: &PartnerRefundNo,
        now: Timestamp,
    ) -> Result<Option<LeasedRefund>, ports::Error> {
        self.store.lease_refund(number, now, now + LEASE).await
    }

    async fn carry_out(&self, lease: LeasedRefund, now: Timestamp) -> Result<(), ports::Error> {
        let clock = PollClock {
            began: Instant::now(),
            at: now,
        };
        self.process_leased(&lease, clock).await
    }
}

/// The refunded amount.
fn attempt_of(lease: &LeasedRefund) -> Result<&Attempt, ports::Error> {
    let attempt = lease.order.find_attempt(&lease.refund.payment_external_id);
    attempt.ok_or(ports::Error::CorruptRow("a refund without a payment"))
}
