//! The merchant's store, in memory: it survives the process.
//!
//! Invariant: it behaves as the SQLite store does; a test compares the two.

mod attempts;
mod mini_app_requests;
mod orders;
mod refunds;
mod tables;

pub(crate) use mini_app_requests::account_hash;
pub use tables::Tables;

use contract::PaymentWay;
use gopay_protocol::{ExternalId, ReferenceNo, message::notify::RefundHistory};
use merchant::{
    domain::{
        mini_app_rules::RulesByMiniApp, operator_policy::LatePaymentPolicy, order::StoredOrder,
        payment_event::ReceivedEvent, refund::StoredRefund,
    },
    ports::Error,
};
use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Called around each access.
pub trait StoreHooks: Send + Sync + 'static {
    /// May take time, never return, or fail.
    fn before(&self) -> impl Future<Output = Result<(), Error>> + Send;

    /// An order was changed; `before` is `None` for a new one.
    fn changed(&self, before: Option<&StoredOrder>, after: &StoredOrder);

    /// The refunds of an order may have changed; `refunds` are all of them.
    fn refunds(&self, order: &StoredOrder, refunds: &[StoredRefund]);

    /// A worker released a lease that another one had taken over.
    fn lease_was_lost(&self);

    /// May take time, or never return.
    fn after(&self) -> impl Future<Output = ()> + Send;
}

/// The store, as one process of the merchant has it open.
#[derive(Debug, Clone)]
pub struct MemoryStore<H> {
    tables: Arc<Mutex<Tables>>,
    hooks: H,
    late_payments: LatePaymentPolicy,
    rules: Arc<RulesByMiniApp>,
}

impl<H: StoreHooks> MemoryStore<H> {
    pub fn new(tables: Arc<Mutex<Tables>>, hooks: H, late_payments: LatePaymentPolicy) -> Self {
        Self {
            tables,
            hooks,
            late_payments,
            rules: Arc::default(),
        }
    }

    /// What buyers are given and told.
    pub fn with_rules(self, rules: RulesByMiniApp) -> Self {
        Self {
            rules: Arc::new(rules),
            ..self
        }
    }

    async fn access<T>(&self, access: impl FnOnce(&mut Tables, &H) -> T + Send) -> Result<T, Error>
    where
        T: Send,
    {
        self.hooks.before().await?;
        let result = access(&mut self.tables(), &self.hooks);
        self.hooks.after().await;
        Ok(result)
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn write(
        &self,
        external_id: &ExternalId,
        made: Option<(Option<&ReferenceNo>, &PaymentWay)>,
        event: ReceivedEvent,
        history: &RefundHistory,
    ) -> Result<StoredOrder, Error> {
        let late_payments = self.late_payments;
        let rules = Arc::clone(&self.rules);
        self.access(|tables, hooks| {
            let before = tables
                .at(external_id)
                .map(|(o, _)| tables.orders[o].order.clone());
            let order = tables.record(external_id, made, event, history, late_payments, &rules)?;
            hooks.changed(before.as_ref(), &order);
            hooks.refunds(&order, &tables.refunds_of(&order.id));
            Ok(order)
        })
        .await?
    }
}
