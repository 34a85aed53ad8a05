//! GoPay notifies.

use super::Shop;
use crate::{
    books::{AttemptName, Books},
    evidence::{Finding, Reading, read_notification},
    payment_ids::{PaymentIds, is_of},
    store::{self, Attempt, Evidence, Source, StoredOrder, Unplaced},
};
use gopay_protocol::{is_same_id, message::notify::Notification, plain_id};
use jiff::Timestamp;

/// Letters and digits of an order's id.
const ORDER_ID_LENGTH: usize = 32;

/// A notification signed within so many seconds of now may change an order by itself.
///
/// Unverified: GoPay publishes no window.
const FRESH_SECONDS: i64 = 300;

/// Which payment a notification is about.
enum Place {
    /// This one.
    Certain(StoredOrder, String),
    /// Each of these is asked about. Where the reference is not one of ours, it may be about a
    /// payment that is not known here as well.
    Perhaps {
        attempts: Vec<String>,
        is_unknown: bool,
    },
}

impl<B: Books> Shop<B> {
    /// Takes a notification whose signature was verified. One that was not signed just now
    /// changes nothing by itself: GoPay's retries run for hours, and it is not documented
    /// whether they are signed anew, so an old one, or one of unknown age, is a reason to ask and
    /// no reason to refuse.
    pub async fn hear(
        &self,
        notification: &Notification,
        signed_at: Option<Timestamp>,
    ) -> Result<(), store::Error> {
        self.arrivals.notified();
        let ids = PaymentIds::of_notification(notification);
        let (order, external_id) = match self.place_of(ids).await? {
            Place::Certain(order, external_id) => (order, external_id),
            Place::Perhaps {
                attempts,
                is_unknown,
            } => {
                for external_id in &attempts {
                    self.ask(external_id).await?;
                }
                if is_unknown {
                    self.keep_unplaced(notification).await?;
                }
                return Ok(());
            }
        };
        if let Some(attempt) = find(&order, &external_id) {
            self.note_ids(ids, &order, attempt);
        }
        let is_fresh = signed_at.is_some_and(|signed_at| {
            let age = self.clock.timestamp().duration_since(signed_at).as_secs();
            age.abs() <= FRESH_SECONDS
        });
        let merchant_id = notification.merchant_id.as_deref();
        let is_ours = merchant_id.is_none_or(|named| named == self.merchant_id);
        if !is_ours {
            tracing::warn!(
                order = order.id,
                merchant_id,
                "a notification about a payment of ours names another merchant: GoPay is asked"
            );
        }
        let reading = match read_notification(notification) {
            Reading::Finding(_) if !is_fresh || !is_ours => Reading::Ask,
            reading => reading,
        };
        match reading {
            Reading::Finding(finding) => {
                let after = self
                    .store
                    .record_with_refunds(
                        &external_id,
                        Evidence {
                            finding,
                            source: Source::Notification,
                            received_at: self.now(),
                        },
                        &notification.additional_info.refund_history,
                    )
                    .await?;
                tracing::info!(order = order.id, before = ?order.status, after = ?after.status, "notified");
                if contradicts(&after, &external_id, finding) {
                    tracing::error!(
                        order = order.id,
                        ?finding,
                        "a notification contradicts a payment that GoPay told of before: GoPay is asked"
                    );
                }
                // It may be time to look at it.
                self.wake.notify_one();
            }
            Reading::Ask => self.ask(&external_id).await?,
            Reading::Nothing => {}
        }
        Ok(())
    }

    /// Has GoPay asked about an attempt at once.
    async fn ask(&self, external_id: &str) -> Result<(), store::Error> {
        self.store.look_now(external_id, self.now()).await?;
        self.wake.notify_one();
        Ok(())
    }

    /// The attempt that the ids name. GoPay may be faster with its notification than with its
    /// answer: then there is no reference here yet, and it is found by what we called it.
    async fn place_of(&self, ids: PaymentIds<'_>) -> Result<Place, store::Error> {
        let referred = match ids.reference_no {
            Some(reference_no) => self.by_reference(reference_no).await?,
            None => None,
        };
        let is_plain = |(order, external_id): &(StoredOrder, String)| {
            let attempt = find(order, external_id);
            attempt.is_some_and(|attempt| ids.named().all(|id| is_of(id, attempt)))
        };
        if let Some((order, external_id)) = referred.clone().filter(is_plain) {
            return Ok(Place::Certain(order, external_id));
        }
        let mut found = Vec::from_iter(referred.clone());
        for id in ids.named() {
            for hit in [
                self.by_reference(id).await?,
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
        let is_certain = |(order, external_id): &(StoredOrder, String)| {
            find(order, external_id)
                .is_some_and(|attempt| ids.answers_for(attempt) && is_only(order, attempt))
        };
        // The reference decides, unless another id is of another payment of ours.
        let is_referred = referred.is_some();
        Ok(match only.filter(|only| is_referred || is_certain(only)) {
            Some((order, external_id)) => Place::Certain(order, external_id),
            None => Place::Perhaps {
                attempts,
                is_unknown: !is_referred,
            },
        })
    }

    async fn by_reference(&self, id: &str) -> Result<Option<(StoredOrder, String)>, store::Error> {
        let name = AttemptName::ReferenceNo(id);
        self.store.order_with_attempt(name).await
    }

    /// As it was sent, or spelt as our newer ids are.
    async fn by_external_id(
        &self,
        id: &str,
    ) -> Result<Option<(StoredOrder, String)>, store::Error> {
        let found = self.store.order_with_attempt(AttemptName::ExternalId(id));
        match found.await? {
            Some(found) => Ok(Some(found)),
            None => {
                let plain = plain_id(id);
                let name = AttemptName::ExternalId(&plain);
                self.store.order_with_attempt(name).await
            }
        }
    }

    /// The newest attempt of this name.
    async fn by_partner_reference_no(
        &self,
        id: &str,
    ) -> Result<Option<(StoredOrder, String)>, store::Error> {
        // An order's id, and the number of a further attempt behind it.
        let plain = plain_id(id);
        let order_id = plain.get(..ORDER_ID_LENGTH).unwrap_or(&plain);
        let Some(order) = self.store.order(order_id).await? else {
            return Ok(None);
        };
        let is_named = |attempt: &&Attempt| {
            let ours = attempt.partner_reference_no();
            ours.is_some_and(|ours| is_same_id(id, &ours))
        };
        let named = order.attempts.iter().rev().find(is_named);
        let named = named.map(|attempt| attempt.external_id.clone());
        Ok(named.map(|external_id| (order, external_id)))
    }

    async fn keep_unplaced(&self, notification: &Notification) -> Result<(), store::Error> {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        let status = notification.latest_transaction_status.as_ref();
        let amount = notification.amount.as_ref();
        let unplaced = Unplaced {
            reference_no: text(&notification.original_reference_no),
            partner_reference_no: text(&notification.original_partner_reference_no),
            external_id: text(&notification.original_external_id),
            status: status.map_or(String::new(), |status| status.code().to_owned()),
            amount: amount.map_or(String::new(), |it| format!("{} {}", it.value, it.currency)),
        };
        tracing::error!(
            reference_no = unplaced.reference_no,
            partner_reference_no = unplaced.partner_reference_no,
            external_id = unplaced.external_id,
            status = unplaced.status,
            amount = unplaced.amount,
            "a notification that GoPay signed is about no payment that is known here: `merchant notifications` lists it"
        );
        self.store.keep_unplaced(unplaced, self.now()).await
    }
}

fn find<'a>(order: &'a StoredOrder, external_id: &str) -> Option<&'a Attempt> {
    let mut attempts = order.attempts.iter();
    attempts.find(|attempt| attempt.external_id == external_id)
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

/// Whether an attempt that was paid is now said to have ended otherwise, without a refund.
fn contradicts(order: &StoredOrder, external_id: &str, finding: Finding) -> bool {
    let unpaid = matches!(
        finding,
        Finding::Cancelled | Finding::Failed | Finding::Expired
    );
    let paid = |attempt: &Attempt| {
        let mut said = attempt.evidence.iter();
        said.any(|said| matches!(said.finding, Finding::Paid(_) | Finding::PaidInDoubt(_)))
    };
    unpaid
        && (order.attempts.iter())
            .any(|attempt| attempt.external_id == external_id && paid(attempt))
}
