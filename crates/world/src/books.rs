//! The merchant's books, in memory: what is written in them outlives its process.
//!
//! Invariant: whatever is asked of them is answered as the real ones on disk answer it; a
//! test asks both the same.

mod attempts;
mod orders;
mod pages;
mod refunds;

pub use pages::Pages;

use gopay_protocol::message::notify::RefundHistory;
use merchant::{
    domain::{
        order::StoredOrder, payment_event::ReceivedEvent, policy::LatePaymentPolicy,
        refund::StoredRefund,
    },
    ports::Error,
};
use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What happens around each look into the books.
pub trait Desk: Send + Sync + 'static {
    /// Before: may take time, never come back, or fail.
    fn before(&self) -> impl Future<Output = Result<(), Error>> + Send;

    /// An order was changed, and how it was before; `None` when it is new.
    fn changed(&self, before: Option<&StoredOrder>, after: &StoredOrder);

    /// The refunds of an order may have changed; these are all.
    fn refunds(&self, order: &StoredOrder, refunds: &[StoredRefund]);

    /// Somebody gave back a right that somebody else had taken over.
    fn overtaken(&self);

    /// After: may take time, or never come back.
    fn after(&self) -> impl Future<Output = ()> + Send;
}

/// The books, as one process of the merchant has them open.
#[derive(Debug, Clone)]
pub struct Memory<D> {
    pages: Arc<Mutex<Pages>>,
    desk: D,
    paid_late: LatePaymentPolicy,
}

impl<D: Desk> Memory<D> {
    /// These pages on this desk.
    pub fn new(pages: Arc<Mutex<Pages>>, desk: D, paid_late: LatePaymentPolicy) -> Self {
        Self {
            pages,
            desk,
            paid_late,
        }
    }

    async fn look<T>(&self, look: impl FnOnce(&mut Pages, &D) -> T + Send) -> Result<T, Error>
    where
        T: Send,
    {
        self.desk.before().await?;
        let seen = look(&mut self.pages(), &self.desk);
        self.desk.after().await;
        Ok(seen)
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(
        &self,
        external_id: &str,
        made: Option<(Option<&str>, &str)>,
        evidence: ReceivedEvent,
        history: &RefundHistory,
    ) -> Result<StoredOrder, Error> {
        let paid_late = self.paid_late;
        self.look(|pages, desk| {
            let before = pages
                .at(external_id)
                .map(|(o, _)| pages.orders[o].order.clone());
            let order = pages.record(external_id, made, evidence, history, paid_late)?;
            desk.changed(before.as_ref(), &order);
            desk.refunds(&order, &pages.refunds_of(&order.id));
            Ok(order)
        })
        .await?
    }
}
