//! GoPay's notifications are handled.

use super::PaymentService;
use crate::{
    domain::{
        attempt::Attempt,
        message_ids::{MessageIds, is_id_of_attempt, order_id_in},
        order::StoredOrder,
        payment_event::{
            EventSource, InterpretedMessage, PaymentEvent, ReceivedEvent, interpret_notification,
        },
        unmatched_notification::UnmatchedNotification,
    },
    metrics::NotificationVerdict,
    ports::{self, AttemptLookup, Repository},
};
use gopay_protocol::{
    ExternalId, ReferenceNo, is_same_id, message::notify::Notification, normalize_id,
};
use jiff::Timestamp;

/// How many seconds from now, at most, a notification that changes an order by itself was signed.
///
/// Unverified: GoPay publishes no window.
const FRESH_FOR_SECONDS: i64 = 300;

/// Which payment a notification is about.
enum Match {
    Certain(Box<StoredOrder>, ExternalId),
    /// An inquiry about each of these decides. Where the reference is not one of ours, it may be about a
    /// payment that is not known here as well.
    Possible {
        attempts: Vec<ExternalId>,
        is_unknown: bool,
    },
}

impl<R: Repository> PaymentService<R> {
    /// Takes a notification whose signature was verified. One that was not signed just now
    /// changes nothing by itself: GoPay's retries run for hours, and it is not documented
    /// whether they are signed anew, so an old one, or one of unknown age, is a reason to ask and
    /// no reason to refuse.
    pub async fn handle_notification(
        &self,
        notification: &Notification,
        signed_at: Option<Timestamp>,
    ) -> Result<NotificationVerdict, ports::Error> {
        self.monitor.notified();
        let ids = MessageIds::of_notification(notification);
        let (order, external_id) = match self.find_payment(ids).await? {
            Match::Certain(order, external_id) => (order, external_id),
            Match::Possible {
                attempts,
                is_unknown,
            } => {
                for external_id in &attempts {
                    self.ask(external_id).await?;
                }
                if is_unknown {
                    self.record_unmatched(notification).await?;
                }
                return Ok(match attempts.is_empty() {
                    true => NotificationVerdict::Unmatched,
                    false => NotificationVerdict::Accepted,
                });
            }
        };
        if let Some(attempt) = order.find_attempt(&external_id) {
            self.note_ids(ids, &order, attempt);
        }
        let is_fresh = signed_at.is_some_and(|signed_at| {
            let age = self.clock.now_jiff().duration_since(signed_at).as_secs();
            age.abs() <= FRESH_FOR_SECONDS
        });
        let merchant_id = notification.merchant_id.as_deref();
        let is_ours = merchant_id.is_none_or(|named| named == self.merchant_id);
        if !is_ours {
            tracing::warn!(
                event = "notification.other_merchant",
                order = order.id.as_str(),
                merchant_id,
                "a notification about a payment of ours names another merchant: GoPay is asked"
            );
        }
        let reading = match interpret_notification(notification) {
            InterpretedMessage::Event(_) if !is_fresh || !is_ours => {
                InterpretedMessage::NeedsInquiry
            }
            reading => reading,
        };
        match reading {
            InterpretedMessage::Event(event) => {
                if is_known(&order, &external_id, event)
                    && notification.additional_info.refund_history.is_empty()
                {
                    // Nothing is written for a repetition.
                    tracing::debug!(
                        event = "notification.repeated",
                        order = order.id.as_str(),
                        "a notification was repeated"
                    );
                    return Ok(NotificationVerdict::Repeated);
                }
                let after = self
                    .notification_store
                    .record_with_refunds(
                        &external_id,
                        ReceivedEvent {
                            event,
                            source: EventSource::Notification,
                            received_at: self.now(),
                        },
                        &notification.additional_info.refund_history,
                    )
                    .await?;
                tracing::info!(event = "notification.recorded", order = order.id.as_str(), before = ?order.status, after = ?after.status, "notified");
                if contradicts(&after, &external_id, event) {
                    tracing::error!(event = "notification.contradiction",
                        order = order.id.as_str(),
                        payment_event = ?event,
                        "a notification contradicts a payment that GoPay told of before: GoPay is asked"
                    );
                }
                // An inquiry about it may be due.
                self.wake.notify_one();
            }
            InterpretedMessage::NeedsInquiry => self.ask(&external_id).await?,
            InterpretedMessage::NoEvent => {}
        }
        Ok(NotificationVerdict::Accepted)
    }

    /// Takes a classic notification, which proves nothing: an inquiry is due, where the payment is one of
    /// ours.
    pub async fn handle_classic_notification(
        &self,
        external_id: &ExternalId,
    ) -> Result<NotificationVerdict, ports::Error> {
        self.monitor.notified();
        match self.by_external_id(external_id.as_str()).await? {
            Some((_, external_id)) => {
                self.ask(&external_id).await?;
                Ok(NotificationVerdict::Accepted)
            }
            None => {
                tracing::warn!(
                    event = "notification.unmatched_classic",
                    "a classic notification is about no payment that is known here"
                );
                Ok(NotificationVerdict::Unmatched)
            }
        }
    }

    /// Schedules an inquiry at once.
    async fn ask(&self, external_id: &ExternalId) -> Result<(), ports::Error> {
        self.notification_store
            .schedule_inquiry_now(external_id, self.now())
            .await?;
        self.wake.notify_one();
        Ok(())
    }

    /// The attempt that the ids name. GoPay may be faster with its notification than with its
    /// answer: then there is no reference here yet, and it is found by what we called it.
    async fn find_payment(&self, ids: MessageIds<'_>) -> Result<Match, ports::Error> {
        let referred = match ids.reference_no {
            Some(reference_no) => self.by_reference(reference_no).await?,
            None => None,
        };
        let is_plain = |(order, external_id): &(StoredOrder, ExternalId)| {
            let attempt = order.find_attempt(external_id);
            attempt.is_some_and(|attempt| ids.named().all(|id| is_id_of_attempt(id, attempt)))
        };
        if let Some((order, external_id)) = referred.clone().filter(is_plain) {
            return Ok(Match::Certain(Box::new(order), external_id));
        }
        let mut found = Vec::from_iter(referred.clone());
        for id in ids.named() {
            for hit in [
                self.by_reference(&id.into()).await?,
                self.by_external_id(id).await?,
                self.by_partner_reference_no(id).await?,
            ] {
                let Some(hit) = hit else { continue };
                if !found.iter().any(|(_, known)| *known == hit.1) {
                    found.push(hit);
                }
            }
        }
        let attempts = found.iter().map(|(_, external_id)| external_id.clone());
        let attempts = attempts.collect();
        let only = found.pop().filter(|_| found.is_empty());
        let is_certain = |(order, external_id): &(StoredOrder, ExternalId)| {
            order
                .find_attempt(external_id)
                .is_some_and(|attempt| ids.matches_attempt(attempt) && is_only(order, attempt))
        };
        // The reference decides, unless another id is of another payment of ours.
        let is_referred = referred.is_some();
        Ok(match only.filter(|only| is_referred || is_certain(only)) {
            Some((order, external_id)) => Match::Certain(Box::new(order), external_id),
            None => Match::Possible {
                attempts,
                is_unknown: !is_referred,
            },
        })
    }

    async fn by_reference(
        &self,
        id: &ReferenceNo,
    ) -> Result<Option<(StoredOrder, ExternalId)>, ports::Error> {
        let name = AttemptLookup::ByReferenceNo(id);
        self.notification_store.order_with_attempt(name).await
    }

    /// As it was sent, or spelt as our newer ids are.
    async fn by_external_id(
        &self,
        id: &str,
    ) -> Result<Option<(StoredOrder, ExternalId)>, ports::Error> {
        let sent = ExternalId::from(id);
        let name = AttemptLookup::ByExternalId(&sent);
        match self.notification_store.order_with_attempt(name).await? {
            Some(found) => Ok(Some(found)),
            None => {
                let plain = normalize_id(id).into();
                let name = AttemptLookup::ByExternalId(&plain);
                self.notification_store.order_with_attempt(name).await
            }
        }
    }

    /// The newest attempt of this name.
    async fn by_partner_reference_no(
        &self,
        id: &str,
    ) -> Result<Option<(StoredOrder, ExternalId)>, ports::Error> {
        let plain = normalize_id(id);
        let Some(order) = self
            .notification_store
            .order(&order_id_in(&plain).into())
            .await?
        else {
            return Ok(None);
        };
        let is_named = |attempt: &&Attempt| {
            let ours = attempt.partner_reference_no();
            ours.is_some_and(|ours| is_same_id(id, ours.as_str()))
        };
        let named = order.attempts.iter().rev().find(is_named);
        let named = named.map(|attempt| attempt.external_id.clone());
        Ok(named.map(|external_id| (order, external_id)))
    }

    async fn record_unmatched(&self, notification: &Notification) -> Result<(), ports::Error> {
        fn text(id: Option<impl ToString>) -> String {
            id.map_or(String::new(), |id| id.to_string())
        }
        let ids = MessageIds::of_notification(notification);
        let status = notification.latest_transaction_status.as_ref();
        let amount = notification.amount.as_ref();
        let unmatched = UnmatchedNotification {
            reference_no: text(ids.reference_no),
            partner_reference_no: text(ids.partner_reference_no),
            external_id: text(ids.external_id),
            status: status.map_or(String::new(), |status| status.code().to_owned()),
            amount: amount.map_or(String::new(), |it| format!("{} {}", it.value, it.currency)),
        };
        tracing::error!(
            event = "notification.unmatched",
            reference_no = unmatched.reference_no,
            partner_reference_no = unmatched.partner_reference_no,
            external_id = unmatched.external_id,
            status = unmatched.status,
            amount = unmatched.amount,
            "a notification that GoPay signed is about no payment that is known here: `merchant notifications` lists it"
        );
        self.notification_store
            .record_unmatched(unmatched, self.now())
            .await
    }
}

/// Whether no other attempt of the order has the same name at GoPay, as those had that were made
/// before each had its own.
fn is_only(order: &StoredOrder, attempt: &Attempt) -> bool {
    let name = attempt.partner_reference_no();
    let same = order.attempts.iter();
    same.filter(|other| other.partner_reference_no() == name)
        .count()
        == 1
}

/// Whether the event is recorded already.
fn is_known(order: &StoredOrder, external_id: &ExternalId, event: PaymentEvent) -> bool {
    let attempt = order.find_attempt(external_id);
    attempt.is_some_and(|attempt| attempt.events.iter().any(|known| known.event == event))
}

/// Whether an attempt that was paid is now said to have ended otherwise, without a refund.
fn contradicts(order: &StoredOrder, external_id: &ExternalId, event: PaymentEvent) -> bool {
    let unpaid = matches!(
        event,
        PaymentEvent::Cancelled | PaymentEvent::Failed | PaymentEvent::Expired
    );
    let paid = |attempt: &Attempt| {
        let mut received = attempt.events.iter();
        received.any(|received| {
            matches!(
                received.event,
                PaymentEvent::Paid(_) | PaymentEvent::PaidInDoubt(_)
            )
        })
    };
    unpaid
        && (order.attempts.iter())
            .any(|attempt| attempt.external_id == *external_id && paid(attempt))
}
