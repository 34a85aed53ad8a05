//! GoPay notifies.

use super::Shop;
use crate::{
    books::Books,
    evidence::{Finding, Reading, read_notification},
    store::{self, Attempt, Evidence, Source, StoredOrder},
};
use gopay_protocol::message::notify::Notification;
use jiff::Timestamp;

/// A notification signed within so many seconds of now may change an order by itself.
///
/// Unverified: GoPay publishes no window.
const FRESH_SECONDS: i64 = 300;

/// Why a notification cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum HearError {
    /// It is about no payment of ours, or about two.
    #[error("the notification is about no payment of this merchant")]
    NotOurs,
    /// The database: GoPay should send it again.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl<B: Books> Shop<B> {
    /// Takes a notification whose signature was verified. One that was not signed just now
    /// changes nothing by itself: GoPay's retries run for hours, and it is not documented
    /// whether they are signed anew, so an old one is a reason to ask and no reason to refuse.
    pub async fn hear(
        &self,
        notification: &Notification,
        signed_at: Timestamp,
    ) -> Result<(), HearError> {
        let age = self.clock.timestamp().duration_since(signed_at).as_secs();
        let fresh = age.abs() <= FRESH_SECONDS;
        let (order, external_id) = self.find(notification).await?.ok_or(HearError::NotOurs)?;
        let reading = match read_notification(notification) {
            Reading::Finding(_) if !fresh => Reading::Ask,
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
                        "a notification contradicts a payment that GoPay told of before"
                    );
                    self.ask(&external_id).await?;
                }
                // It may be time to look at it.
                self.wake.notify_one();
            }
            Reading::Ask => self.ask(&external_id).await?,
            Reading::Nothing => {}
        }
        Ok(())
    }

    async fn ask(&self, external_id: &str) -> Result<(), store::Error> {
        self.store.look_now(external_id, self.now()).await?;
        self.wake.notify_one();
        Ok(())
    }

    /// The attempt this is about. GoPay may be faster with its notification than with its
    /// answer: then it is found by what we called it.
    async fn find(
        &self,
        notification: &Notification,
    ) -> Result<Option<(StoredOrder, String)>, store::Error> {
        if notification
            .merchant_id
            .as_ref()
            .is_some_and(|merchant| *merchant != self.merchant_id)
        {
            return Ok(None);
        }
        let named = notification.original_partner_reference_no.as_deref();
        let found = self
            .store
            .order_with_attempt(
                Some(&notification.original_reference_no),
                notification.original_external_id.as_deref(),
            )
            .await?;
        let found = match (found, named) {
            // Not even our external id: the one attempt that waits for GoPay's answer.
            (None, Some(order_id)) if notification.original_external_id.is_none() => {
                self.store.order(order_id).await?.and_then(|order| {
                    let newest = order.attempts.last()?;
                    let waits = newest.reference_no.is_none();
                    let external_id = waits.then(|| newest.external_id.clone())?;
                    Some((order, external_id))
                })
            }
            (found, _) => found,
        };
        Ok(found.filter(|(order, _)| named.is_none_or(|named| named == order.id)))
    }
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
