//! The buyer calls an order off.

use super::{Shop, hear::contradicts};
use crate::{
    books::Books,
    evidence::Finding,
    gopay::Cancelled,
    store::{self, Attempt, Evidence, Source, StoredOrder},
};
use contract::OrderStatus;
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
    /// buyer holds could be paid otherwise. A payment without a link, that GoPay does not know
    /// when it is asked to cancel it, cannot be paid and is not asked for again.
    pub async fn cancel(
        self: &Arc<Self>,
        customer_id: &str,
        order_id: &str,
    ) -> Result<StoredOrder, CancelError> {
        let mut order = self
            .store
            .order_of(customer_id, order_id)
            .await?
            .ok_or(CancelError::NotFound)?;
        if order.status == OrderStatus::Checking {
            self.look(&order.attempt()?.external_id, self.now()).await?;
            order = self.reload(&order).await?;
        }
        match order.status {
            OrderStatus::AwaitingPayment | OrderStatus::Checking => {}
            OrderStatus::Cancelled => return Ok(order),
            _ => return Err(CancelError::Closed),
        }
        let attempt = order.attempt()?;
        let has_no_link = attempt.deeplink.is_none();
        match self.gopay.cancel(attempt).await {
            Ok(Cancelled::Yes) => self.record_cancelled(attempt).await,
            Ok(Cancelled::NotFound) if has_no_link => self.record_cancelled(attempt).await,
            Ok(Cancelled::NotAllowed | Cancelled::NotFound) => self.end_of(&order).await,
            Err(error) => {
                tracing::warn!(order = order.id, %error, "a payment was not taken back");
                self.end_of(&order).await
            }
        }
    }

    async fn record_cancelled(&self, attempt: &Attempt) -> Result<StoredOrder, CancelError> {
        let external_id = &attempt.external_id;
        let evidence = Evidence {
            finding: Finding::Cancelled,
            source: Source::Answer,
            received_at: self.now(),
        };
        let order = self.store.record(external_id, evidence).await?;
        if contradicts(&order, external_id, Finding::Cancelled) {
            tracing::error!(
                order = order.id,
                "GoPay cancelled a payment that it told of before"
            );
            self.ask(external_id).await?;
        }
        Ok(order)
    }

    /// Asks what became of the payment; its end, whatever it is, is the answer.
    async fn end_of(self: &Arc<Self>, order: &StoredOrder) -> Result<StoredOrder, CancelError> {
        self.look(&order.attempt()?.external_id, self.now()).await?;
        match self.reload(order).await? {
            order if !order.status.is_open() => Ok(order),
            _ => Err(CancelError::GoPay),
        }
    }

    async fn reload(&self, order: &StoredOrder) -> Result<StoredOrder, CancelError> {
        let order = self.store.order(&order.id).await?;
        order.ok_or(CancelError::NotFound)
    }
}
