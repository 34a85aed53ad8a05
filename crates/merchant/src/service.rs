//! What the app and GoPay ask of the merchant, carried out over the ports by what the domain decides.
//!
//! Not here: HTTP as the app sees it.

mod cancel;
mod customer_name;
pub(crate) mod inquiry;
pub mod missing_notifications;
mod notification;
mod payments;
mod place;
pub(crate) mod reference_conflict;
mod sign_in;

pub use cancel::CancelError;
pub use customer_name::CustomerNameError;
#[doc(hidden)]
pub use customer_name::presentable;
pub use payments::PaymentService;
pub use place::PlaceError;
pub(crate) use sign_in::SESSION_LIFETIME;
pub use sign_in::{SignInError, SignedIn};

use crate::{
    config::MiniApp,
    domain::{
        inquiry_schedule,
        operator_policy::{OrderLimits, PaymentPolicy},
        order::StoredOrder,
        time::Timestamp,
    },
    ports::{self, CustomerRepository, Repository},
    vault::Vault,
};
use contract::{CustomerId, OrderId};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use url::Url;

/// The longest a buyer's request waits for an inquiry before it is answered with what is known.
const INQUIRY_WAIT: Duration = Duration::from_millis(1500);

/// How long the lease of an attempt lasts: longer than a token, an inquiry and a payment
/// request, each with its second try, take together.
const ATTEMPT_LEASE: Duration = Duration::from_secs(90);

/// The use cases of the buyers of one mini app.
#[derive(Debug)]
pub struct OrderService<R> {
    /// Shared by all mini apps of the merchant.
    pub payments: Arc<PaymentService<R>>,
    /// Its catalogue, and its ids at GoPay.
    pub mini_app: MiniApp,
    /// What the buyer's browser calls the shop.
    pub public_url: Url,
    pub vault: Arc<Vault>,
    /// How payments are asked for.
    pub payment: PaymentPolicy,
    pub order_limits: OrderLimits,
}

impl<R: Repository> OrderService<R> {
    pub(crate) fn now(&self) -> Timestamp {
        self.payments.now()
    }

    fn store(&self) -> &R {
        &self.payments.store
    }

    /// The app's page of an order.
    fn order_page(&self, id: &OrderId) -> String {
        let mut url = self.public_url.clone();
        url.set_path(&format!("/orders/{id}"));
        url.into()
    }

    /// The buyer's own [order](Self::order), by any id under which GoPay may know it.
    pub async fn order_by_any_id(
        self: &Arc<Self>,
        customer_id: &CustomerId,
        id: &str,
    ) -> Result<Option<StoredOrder>, ports::Error> {
        // Our own id goes before all others, and is what the app asks with.
        let named = self.order(customer_id, &id.into()).await?;
        if named.is_some() {
            return Ok(named);
        }
        match self.store().own_order_id(customer_id, id).await? {
            Some(id) => self.order(customer_id, &id).await,
            None => Ok(None),
        }
    }

    /// The buyer's own order. Where its end is not known, an inquiry follows, for which the buyer does not
    /// wait long.
    pub async fn order(
        self: &Arc<Self>,
        customer_id: &CustomerId,
        id: &OrderId,
    ) -> Result<Option<StoredOrder>, ports::Error> {
        match self.store().order_of(customer_id, id).await? {
            Some(order) => self.inquired(order).await,
            None => Ok(None),
        }
    }

    /// The same of an order that was read just now.
    pub async fn inquired(
        self: &Arc<Self>,
        order: StoredOrder,
    ) -> Result<Option<StoredOrder>, ports::Error> {
        let attempt = order.attempt()?;
        let is_settled = !order.status.is_open() && !attempt.is_given_up();
        if is_settled && !order.awaits_confirmation() {
            return Ok(Some(order));
        }
        // The one that is to be confirmed may have a newer one beside it.
        let mut attempts = order.attempts.iter();
        let paid = attempts.find(|attempt| attempt.known_money().is_some());
        let asked = paid
            .filter(|_| order.awaits_confirmation())
            .unwrap_or(attempt);
        let inquiry = self.payments.inquire(
            &asked.external_id,
            self.now() - inquiry_schedule::MIN_INTERVAL,
        );
        match timeout(INQUIRY_WAIT, inquiry).await {
            // Also without one: another may have ended meanwhile.
            Ok(Ok(_)) => self.store().order_of(&order.customer_id, &order.id).await,
            Ok(Err(error)) => Err(error),
            Err(_) => Ok(Some(order)),
        }
    }
}

impl<R: Repository + CustomerRepository> OrderService<R> {
    /// The buyer's newest orders, newest first.
    pub async fn orders(
        &self,
        customer_id: &CustomerId,
        limit: u32,
    ) -> Result<Vec<StoredOrder>, ports::Error> {
        self.store().orders_of(customer_id, limit).await
    }
}
