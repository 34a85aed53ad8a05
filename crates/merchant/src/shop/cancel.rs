//! The buyer calls an order off.

use super::Shop;
use crate::{
    books::Books,
    evidence::Finding,
    gopay::Cancelled,
    store::{self, Evidence, Source, StoredOrder},
};
use contract::OrderStatus;
use gopay_protocol::message::cancel;
use std::sync::Arc;

/// Why an order was not cancelled.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// There is no such order, or it is somebody else's.
    #[error("there is no such order")]
    NotFound,
    /// It ended in another way.
    #[error("the order can no longer be cancelled")]
    Closed,
    /// GoPay cannot be asked, or gives no clear answer; trying again is safe.
    #[error("GoPay gives no clear answer")]
    GoPay,
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl<B: Books> Shop<B> {
    /// Takes the payment back at GoPay. Only GoPay's word cancels an order: a link that the
    /// buyer holds could be paid otherwise.
    pub async fn cancel(
        self: &Arc<Self>,
        customer_id: &str,
        order_id: &str,
    ) -> Result<StoredOrder, CancelError> {
        let order = self
            .store
            .order_of(customer_id, order_id)
            .await?
            .ok_or(CancelError::NotFound)?;
        match order.status {
            OrderStatus::Cancelled => return Ok(order),
            OrderStatus::AwaitingPayment => {}
            // What may not even exist cannot be taken back.
            OrderStatus::Checking => return self.look_instead(&order).await,
            _ => return Err(CancelError::Closed),
        }
        let attempt = order.attempt()?;
        let request = cancel::Request {
            original_reference_no: attempt.reference_no.clone(),
            original_external_id: None,
            original_partner_reference_no: Some(order.id.clone()),
        };
        match self.gopay.cancel(&request).await {
            Ok(Cancelled::Yes) => Ok(self
                .store
                .record(
                    &attempt.external_id,
                    Evidence {
                        finding: Finding::Cancelled,
                        source: Source::Answer,
                        received_at: self.now(),
                    },
                )
                .await?),
            Ok(Cancelled::No) => self.look_instead(&order).await,
            Err(error) => {
                tracing::warn!(order = order.id, %error, "a payment was not taken back");
                Err(CancelError::GoPay)
            }
        }
    }
    /// Asks what became of the payment; its end, whatever it is, is the answer.
    async fn look_instead(
        self: &Arc<Self>,
        order: &StoredOrder,
    ) -> Result<StoredOrder, CancelError> {
        self.look(&order.attempt()?.external_id, self.now()).await?;
        match self.store.order(&order.id).await? {
            Some(order) if !order.status.is_open() => Ok(order),
            _ => Err(CancelError::GoPay),
        }
    }
}
