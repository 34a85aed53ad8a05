//! GoPay notifies.

use super::{Shop, now};
use crate::{
    evidence::{Reading, read_notification},
    store::{self, Evidence, Source, StoredOrder},
};
use gopay_protocol::message::notify::Notification;

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

impl Shop {
    /// Takes a notification whose signature was verified. One that is not `fresh` changes
    /// nothing by itself: GoPay's retries run for hours, and it is not documented whether
    /// they are signed anew, so an old one is a reason to ask and no reason to refuse.
    pub async fn hear(&self, notification: &Notification, fresh: bool) -> Result<(), HearError> {
        let (order, external_id) = self.find(notification).await?.ok_or(HearError::NotOurs)?;
        let reading = match read_notification(notification) {
            Reading::Finding(_) if !fresh => Reading::Ask,
            reading => reading,
        };
        match reading {
            Reading::Finding(finding) => {
                let after = self
                    .store
                    .record(
                        &external_id,
                        Evidence {
                            finding,
                            source: Source::Notification,
                            received_at: now(),
                        },
                    )
                    .await?;
                tracing::info!(order = order.id, before = ?order.status, after = ?after.status, "notified");
            }
            Reading::Ask => {
                self.store.look_now(&external_id, now()).await?;
                self.wake.notify_one();
            }
            Reading::Nothing => {}
        }
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
