//! What the app and GoPay ask of the merchant, carried out over the ports by what the domain decides.
//!
//! Not here: HTTP as the app sees it.

mod cancel;
mod customer_name;
pub(crate) mod inquiry;
pub mod missing_notifications;
mod notification;
mod place;
pub(crate) mod reference_conflict;
mod sign_in;

pub use cancel::CancelError;
pub use customer_name::CustomerNameError;
pub use place::PlaceError;
pub(crate) use sign_in::SESSION_LIFETIME;
pub use sign_in::{SignInError, SignedIn};

use crate::{
    adapters::gopay::GoPay,
    config::MiniApp,
    domain::{
        attempt::Attempt,
        inquiry_schedule,
        message_ids::MessageIds,
        operator_policy::{PaidWithoutAmount, PaymentPolicy},
        order::StoredOrder,
        time::Timestamp,
    },
    ports::{self, Clock, CustomerRepository, Repository},
    vault::Vault,
};
use contract::{CustomerId, OrderId};
use gopay_protocol::{ExternalId, PartnerReferenceNo, ReferenceNo};
use missing_notifications::MissingNotifications;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::timeout};
use url::Url;

/// The longest a buyer's request waits for an inquiry before it is answered with what is known.
const INQUIRY_WAIT: Duration = Duration::from_millis(1500);

/// How long the lease of an attempt lasts: longer than a token, an inquiry and a payment
/// request, each with its second try, take together.
const ATTEMPT_LEASE: Duration = Duration::from_secs(90);

/// The use cases of one mini app.
#[derive(Debug)]
pub struct OrderService<R> {
    pub store: R,
    pub gopay: Arc<GoPay>,
    /// Its catalogue, and its ids at GoPay.
    pub mini_app: MiniApp,
    /// MID.
    pub merchant_id: String,
    /// What the buyer's browser calls the shop.
    pub public_url: Url,
    pub vault: Arc<Vault>,
    /// What time it is.
    pub clock: Clock,
    /// Wakes the inquiry worker: another inquiry may be due.
    pub wake: Notify,
    /// What a payment counts as that GoPay calls paid without an amount.
    pub paid_without_amount: PaidWithoutAmount,
    /// How payments are asked for.
    pub payment: PaymentPolicy,
    pub monitor: MissingNotifications,
    /// How many messages of GoPay's had ids in another spelling or field than documented.
    pub odd_ids: AtomicU64,
}

impl<R: Repository> OrderService<R> {
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The app's page of an order.
    fn order_page(&self, id: &OrderId) -> String {
        let mut url = self.public_url.clone();
        url.set_path(&format!("/orders/{id}"));
        url.into()
    }

    /// Logs ids of GoPay's that are not where its pages have them. GoPay may do so with every
    /// message, so only each power of ten is a line.
    fn note_ids(&self, ids: MessageIds<'_>, order: &StoredOrder, attempt: &Attempt) {
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

    /// The buyer's own [order](Self::order), by any id under which GoPay may know it.
    pub async fn order_by_any_id(
        self: &Arc<Self>,
        customer_id: &CustomerId,
        id: &str,
    ) -> Result<Option<StoredOrder>, ports::Error> {
        match self.store.own_order_id(customer_id, id).await? {
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
        let Some(order) = self.store.order_of(customer_id, id).await? else {
            return Ok(None);
        };
        let attempt = order.attempt()?;
        if !order.status.is_open() && !attempt.is_given_up() {
            return Ok(Some(order));
        }
        let inquiry = self.inquire(
            &attempt.external_id,
            self.now() - inquiry_schedule::MIN_INTERVAL,
        );
        match timeout(INQUIRY_WAIT, inquiry).await {
            Ok(Ok(_)) => self.store.order_of(customer_id, id).await,
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
        self.store.orders_of(customer_id, limit).await
    }
}

const fn is_power_of_ten(count: u64) -> bool {
    10_u64.pow(count.ilog10()) == count
}
