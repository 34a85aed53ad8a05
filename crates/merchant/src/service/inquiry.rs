//! Inquiries about payments whose end is not known: a buyer asks, a notification says too little, or
//! no notification comes.

use super::{
    ATTEMPT_LEASE, PaymentService, PlaceError,
    reference_conflict::{answers_another_payment, note_another_payment},
};
use crate::{
    domain::{
        attempt::Attempt,
        inquiry_schedule,
        message_ids::MessageIds,
        order::StoredOrder,
        payment_decision::{self, InquiryDecision, PaymentSubmission},
        payment_event::{EventSource, PaymentEvent, ReceivedEvent},
        time::Timestamp,
    },
    failpoint::with_failpoints,
    http_request_id::of_current_request,
    ports::{self, AttemptLookup, Repository},
};
use gopay_protocol::ExternalId;
use gopay_protocol::message::notify::RefundHistory;
use std::sync::Arc;
use std::time::Duration;

/// The pause after the database failed.
pub(crate) const DATABASE_RETRY_PAUSE: Duration = Duration::from_secs(1);

impl<R: Repository> PaymentService<R> {
    /// Inquires about an attempt, unless an inquiry is under way or began after `inquired_before`.
    /// Whether it inquired.
    ///
    /// It runs to completion, also when the caller is dropped.
    pub(super) async fn inquire(
        self: &Arc<Self>,
        external_id: &ExternalId,
        inquired_before: Timestamp,
    ) -> Result<bool, ports::Error> {
        let service = Arc::clone(self);
        let external_id = external_id.clone();
        let inquiry = async move {
            service
                .inquire_exclusive(&external_id, inquired_before)
                .await
        };
        let inquiry = with_failpoints("requested inquiry", inquiry);
        tokio::spawn(of_current_request(inquiry))
            .await
            .map_err(|_| ports::Error::Internal("an inquiry ended in a panic"))?
    }

    pub(crate) async fn inquire_exclusive(
        &self,
        external_id: &ExternalId,
        inquired_before: Timestamp,
    ) -> Result<bool, ports::Error> {
        let began = self.now();
        let until = began + ATTEMPT_LEASE;
        let leased = self
            .store
            .lease(external_id, inquired_before, began, until)
            .await?;
        if !leased {
            return Ok(false);
        }
        let polled = self.poll(external_id).await;
        let next_inquiry_at = match &polled {
            Ok(next_inquiry_at) => *next_inquiry_at,
            Err(_) => Some(self.now() + DATABASE_RETRY_PAUSE),
        };
        self.store
            .release(external_id, until, next_inquiry_at)
            .await?;
        self.wake.notify_one();
        polled.map(|_| true)
    }

    /// Inquires and records the result. Returns when the next inquiry is due, if ever.
    async fn poll(&self, external_id: &ExternalId) -> Result<Option<Timestamp>, ports::Error> {
        let Some((order, _)) = self
            .store
            .order_with_attempt(AttemptLookup::ByExternalId(external_id))
            .await?
        else {
            return Ok(None);
        };
        let Some(attempt) = order.find_attempt(external_id) else {
            return Ok(None);
        };
        let answer = self.gopay.inquire(attempt).await;
        match &answer {
            Ok(response) => self.note_ids(MessageIds::of_inquiry(response), &order, attempt),
            Err(error) => {
                let code = error.code().map(tracing::field::display);
                tracing::warn!(event = "inquiry.failed", order = order.id.as_str(), code, %error, hint = error.hint(), "an inquiry brought nothing");
            }
        }
        let policy = self.paid_without_amount;
        let decision = match &answer {
            Ok(response) if answers_another_payment(&self.store, response, attempt).await? => {
                InquiryDecision::Mismatch
            }
            answer => payment_decision::after_inquiry(&order, attempt, answer, policy, self.now()),
        };
        let after = match decision {
            InquiryDecision::Record(event) => {
                let received = self.inquiry_event(event);
                let history =
                    (answer.as_ref()).map_or(RefundHistory::EMPTY, |it| &it.refund_history);
                let after = self
                    .store
                    .record_with_refunds(external_id, received, history)
                    .await?;
                if matches!(event, PaymentEvent::Paid(_)) && attempt.known_money().is_none() {
                    self.monitor.found_by_inquiry(received.received_at);
                }
                if event == PaymentEvent::Reversed {
                    tracing::error!(
                        event = "payment.reversed",
                        order = order.id.as_str(),
                        "GoPay says that a payment it told of was not made: the order is in review"
                    );
                }
                after
            }
            InquiryDecision::Resend => {
                match self.send(&order, attempt, PaymentSubmission::Retry).await {
                    Ok(order) => order,
                    Err(PlaceError::Store(error)) => return Err(error),
                    Err(_) => return self.reschedule(&order, attempt, answer.is_ok()).await,
                }
            }
            InquiryDecision::InquireLater => {
                return self.reschedule(&order, attempt, answer.is_ok()).await;
            }
            InquiryDecision::Mismatch => {
                note_another_payment(&order.id);
                return self.reschedule(&order, attempt, true).await;
            }
        };
        let now = self.now();
        Ok(after
            .find_attempt(external_id)
            .and_then(|attempt| attempt.next_inquiry_at(after.total, now)))
    }

    /// After an inquiry without a result: when the next one is due, if ever. A payment whose end is long
    /// overdue goes into review; an inquiry that GoPay did not answer, or that is to confirm an order, is
    /// repeated.
    async fn reschedule(
        &self,
        order: &StoredOrder,
        attempt: &Attempt,
        is_answered: bool,
    ) -> Result<Option<Timestamp>, ports::Error> {
        let now = self.now();
        let is_overdue = now > attempt.valid_until + inquiry_schedule::REVIEW_AFTER;
        if is_overdue && !attempt.has_ended() && !attempt.is_given_up() {
            let external_id = &attempt.external_id;
            tracing::error!(
                event = "payment.end_unknown",
                external_id = external_id.as_str(),
                "GoPay does not tell the end of a payment: its order is in review"
            );
            let received = self.inquiry_event(PaymentEvent::GivenUp);
            self.store.record(external_id, received).await?;
        }
        let Attempt {
            created_at,
            valid_until,
            ..
        } = *attempt;
        let is_awaited = order.awaits_confirmation() && attempt.known_money().is_some();
        if is_overdue && is_awaited {
            tracing::error!(
                event = "payment.unconfirmed",
                order = order.id.as_str(),
                "GoPay notified a payment that it does not confirm: the order is held back"
            );
        }
        let next = inquiry_schedule::next_inquiry_at(created_at, valid_until, now);
        let goes_on = !is_answered || is_awaited;
        Ok(next.or_else(|| goes_on.then(|| now + inquiry_schedule::MAX_PAUSE)))
    }

    fn inquiry_event(&self, event: PaymentEvent) -> ReceivedEvent {
        ReceivedEvent {
            event,
            source: EventSource::Inquiry,
            received_at: self.now(),
        }
    }
}
