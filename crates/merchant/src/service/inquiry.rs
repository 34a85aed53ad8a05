//! Looking after payments that GoPay has not told the end of: because a buyer asks, because
//! a notification says too little, or because nobody said anything for a while.

use super::{ATTEMPT_LEASE, OrderService, PlaceError};
use crate::{
    domain::{
        attempt::Attempt,
        decision::{self, Attempted, InquiryDecision},
        inquiry_schedule,
        order::StoredOrder,
        payment_event::{EventSource, PaymentEvent, ReceivedEvent},
        payment_ids::PaymentIds,
    },
    failpoint::with_failpoints,
    ports::{self, AttemptName, AttemptRepository, Repository},
};
use gopay_protocol::message::{notify::RefundHistory, status};
use std::sync::Arc;

/// The pause after the database failed.
pub(crate) const DATABASE_RETRY_PAUSE: i64 = 1_000;

impl<B: Repository> OrderService<B> {
    /// Asks GoPay about an attempt, unless somebody is doing so, or did after
    /// `looked_before`. Whether it asked.
    ///
    /// Once begun it is carried through, whether or not anybody waits for it.
    pub(super) async fn inquire(
        self: &Arc<Self>,
        external_id: &str,
        inquired_before: i64,
    ) -> Result<bool, ports::Error> {
        let service = Arc::clone(self);
        let external_id = external_id.to_owned();
        let inquiry = async move {
            service
                .inquire_exclusive(&external_id, inquired_before)
                .await
        };
        tokio::spawn(with_failpoints("question", inquiry))
            .await
            .map_err(|_| ports::Error::CorruptRow("something that nobody could look at"))?
    }

    pub(crate) async fn inquire_exclusive(
        &self,
        external_id: &str,
        inquired_before: i64,
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

    /// Asks, and keeps what is learned. Returns when to look again, if ever.
    async fn poll(&self, external_id: &str) -> Result<Option<i64>, ports::Error> {
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
        let decision_ = match &answer {
            Ok(response) if answers_another_payment(&self.store, response, attempt).await? => {
                InquiryDecision::Mismatch
            }
            answer => decision::after_inquiry(&order, attempt, answer, policy, self.now()),
        };
        let after = match decision_ {
            InquiryDecision::Record(event) => {
                let received = self.inquiry_event(event);
                let history =
                    (answer.as_ref()).map_or(RefundHistory::EMPTY, |it| &it.refund_history);
                let after = self
                    .store
                    .record_with_refunds(external_id, received, history)
                    .await?;
                if matches!(event, PaymentEvent::Paid(_)) && attempt.known_money().is_none() {
                    self.arrivals.found_by_inquiry(received.received_at);
                }
                if event == PaymentEvent::Reversed {
                    tracing::error!(
                        order = order.id,
                        "GoPay says that a payment it told of was not made: the order is in review"
                    );
                }
                after
            }
            InquiryDecision::Resend => match self.send(&order, attempt, Attempted::Retry).await {
                Ok(order) => order,
                Err(PlaceError::Store(error)) => return Err(error),
                Err(_) => return self.reschedule(attempt, answer.is_ok()).await,
            },
            InquiryDecision::InquireLater => return self.reschedule(attempt, answer.is_ok()).await,
            InquiryDecision::Mismatch => {
                tracing::error!(order = order.id, "GoPay's answer is about another payment");
                return self.reschedule(attempt, true).await;
            }
        };
        let now = self.now();
        Ok(find(&after, external_id).and_then(|attempt| attempt.next_inquiry_at(after.total, now)))
    }

    /// Nothing was learned: when to look again, if ever. An end that is long overdue is for a
    /// person to look at; what GoPay did not answer is asked again.
    async fn reschedule(
        &self,
        attempt: &Attempt,
        is_answered: bool,
    ) -> Result<Option<i64>, ports::Error> {
        let now = self.now();
        let is_overdue = now
            > attempt
                .valid_until
                .saturating_add(inquiry_schedule::REVIEW_AFTER);
        if is_overdue && !attempt.has_ended() && !attempt.is_given_up() {
            let external_id = &attempt.external_id;
            tracing::error!(
                external_id,
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
        let next = inquiry_schedule::next_inquiry_at(created_at, valid_until, now);
        Ok(
            next.or_else(|| {
                (!is_answered).then(|| now.saturating_add(inquiry_schedule::MAX_PAUSE))
            }),
        )
    }

    fn inquiry_event(&self, event: PaymentEvent) -> ReceivedEvent {
        ReceivedEvent {
            event,
            source: EventSource::Inquiry,
            received_at: self.now(),
        }
    }
}

/// Whether GoPay gave this reference to another attempt before.
pub(super) async fn reference_is_taken(
    store: &impl AttemptRepository,
    reference_no: &str,
    external_id: &str,
) -> Result<bool, ports::Error> {
    let name = AttemptName::ReferenceNo(reference_no);
    let known = store.order_with_attempt(name).await?;
    Ok(known.is_some_and(|(_, owner)| owner != external_id))
}

/// Whether an answer about an attempt whose reference is not known yet names the reference of
/// another one.
pub(crate) async fn answers_another_payment(
    store: &impl AttemptRepository,
    response: &status::Response,
    attempt: &Attempt,
) -> Result<bool, ports::Error> {
    match (&attempt.reference_no, &response.original_reference_no) {
        (None, Some(named)) => reference_is_taken(store, named, &attempt.external_id).await,
        _ => Ok(false),
    }
}

fn find<'a>(order: &'a StoredOrder, external_id: &str) -> Option<&'a Attempt> {
    order
        .attempts
        .iter()
        .find(|attempt| attempt.external_id == external_id)
}
