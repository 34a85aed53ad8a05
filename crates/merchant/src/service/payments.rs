//! Payments, of whichever mini app of the merchant: what is asked of GoPay and what GoPay says.

use super::{
    PlaceError,
    cancel::note_failed_cancellation,
    missing_notifications::MissingNotifications,
    reference_conflict::{note_another_payment, reference_is_taken},
};
use crate::{
    adapters::gopay::{GoPay, PaymentIntent},
    domain::{
        attempt::Attempt,
        message_ids::MessageIds,
        operator_policy::PaidWithoutAmount,
        order::StoredOrder,
        payment_decision::{self, PaymentDecision, PaymentSubmission},
        payment_event::{EventSource, PaymentEvent, ReceivedEvent},
        time::Timestamp,
    },
    ports::{self, Clock, Repository},
};
use gopay_protocol::{ExternalId, PartnerReferenceNo, ReferenceNo};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::Notify;

/// Inquiries, notifications and payment requests. GoPay knows all mini apps of a merchant by one MID.
#[derive(Debug)]
pub struct PaymentService<R> {
    pub store: R,
    /// The same, for what notifications read and write: what buyers ask does not hold it up.
    pub notification_store: R,
    pub gopay: Arc<GoPay>,
    /// MID.
    pub merchant_id: String,
    /// What time it is.
    pub clock: Clock,
    /// Wakes the inquiry worker: another inquiry may be due.
    pub wake: Notify,
    /// What a payment counts as that GoPay calls paid without an amount.
    pub paid_without_amount: PaidWithoutAmount,
    pub monitor: MissingNotifications,
    /// How many messages of GoPay's had ids in another spelling or field than documented.
    pub odd_ids: AtomicU64,
}

impl<R: Repository> PaymentService<R> {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Sends an attempt's request, for the first time or again, and keeps the answer.
    pub(super) async fn send(
        &self,
        order: &StoredOrder,
        attempt: &Attempt,
        known: PaymentSubmission,
    ) -> Result<StoredOrder, PlaceError> {
        let partner_reference_no = attempt
            .partner_reference_no()
            .ok_or(ports::Error::CorruptRow("a request"))?;
        let answer = self
            .gopay
            .create_payment(PaymentIntent {
                external_id: &attempt.external_id,
                request: &attempt.request,
                partner_reference_no: &partner_reference_no,
                total: order.total,
            })
            .await;
        if let Err(error) = &answer {
            let code = error.code().map(tracing::field::display);
            tracing::error!(event = "payment.request_failed", order = order.id.as_str(), code, %error, hint = error.hint(), "no payment from GoPay yet");
        }
        let answered = |event| ReceivedEvent {
            event,
            source: EventSource::Answer,
            received_at: self.now(),
        };
        let external_id = &attempt.external_id;
        Ok(match payment_decision::after_request(answer, known) {
            PaymentDecision::Offer(made) => {
                let reference_no = made.reference_no.as_ref();
                if let Some(reference_no) = reference_no
                    && reference_is_taken(&self.store, reference_no, external_id).await?
                {
                    note_another_payment(&order.id);
                    return Err(PlaceError::GoPay);
                }
                let received = answered(PaymentEvent::Created);
                self.store
                    .record_created(external_id, reference_no, &made.way, received)
                    .await?
            }
            PaymentDecision::Record(event) => {
                self.store.record(external_id, answered(event)).await?
            }
            PaymentDecision::Inquire => return Err(PlaceError::GoPay),
            PaymentDecision::Cancel => {
                let answer = self.gopay.cancel(attempt).await;
                note_failed_cancellation(&order.id, &answer);
                let ended = payment_decision::after_cancel(&answer, attempt, self.now());
                tracing::warn!(
                    event = "payment.link_lost",
                    order = order.id.as_str(),
                    called_off = ended.is_some(),
                    "GoPay has the payment and does not repeat its link"
                );
                let event = ended.ok_or(PlaceError::GoPay)?;
                self.store.record(external_id, answered(event)).await?
            }
        })
    }

    /// Logs ids of GoPay's that are not where its pages have them. GoPay may do so with every
    /// message, so only each power of ten is a line.
    pub(super) fn note_ids(&self, ids: MessageIds<'_>, order: &StoredOrder, attempt: &Attempt) {
        if !ids.are_odd(attempt) {
            return;
        }
        let count = self
            .odd_ids
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1);
        if is_power_of_ten(count) {
            tracing::warn!(
                event = "gopay.odd_ids",
                order = order.id.as_str(),
                reference_no = ids.reference_no.map(ReferenceNo::as_str),
                partner_reference_no = ids.partner_reference_no.map(PartnerReferenceNo::as_str),
                external_id = ids.external_id.map(ExternalId::as_str),
                count,
                "GoPay names a payment by ids in another spelling or field"
            );
        }
    }
}

const fn is_power_of_ten(count: u64) -> bool {
    10_u64.pow(count.ilog10()) == count
}
