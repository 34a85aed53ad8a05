//! What the merchant does, between the buyer's app, the database and GoPay.
//!
//! Here decisions meet the world; the decisions themselves are in [`crate::evidence`],
//! [`crate::catalogue`] and [`crate::schedule`].
//!
//! Not here: HTTP as the app sees it.

mod cancel;
mod hear;
mod look;
mod place;
mod profile;
mod sign_in;

pub use cancel::CancelError;
pub use hear::HearError;
pub use place::PlaceError;
pub use profile::ProfileError;
pub(crate) use sign_in::SESSION_SECONDS;
pub use sign_in::{SignInError, SignedIn};

use crate::{
    config::MiniApp,
    crash::mortal,
    gopay::GoPay,
    schedule,
    store::{self, Attempt, Store, StoredOrder},
    vault::Vault,
};
use contract::{Order, OrderStatus, Payment, UnixTime};
use jiff::Timestamp;
use std::{sync::Arc, time::Duration};
use tokio::{sync::Notify, time::timeout};

/// The longest a buyer's question waits for GoPay's answer before it is answered with what
/// is known.
const PATIENCE: Duration = Duration::from_millis(1500);

/// How long somebody may talk to GoPay about an attempt before somebody else may: longer
/// than a token, an inquiry and a payment request, each with its second try, take together.
const LEASE: i64 = 90_000;

/// One mini app's shop.
#[derive(Debug)]
pub struct Shop {
    /// What must survive.
    pub store: Store,
    /// The line to GoPay.
    pub gopay: GoPay,
    /// What is sold, and who GoPay knows it as.
    pub mini_app: MiniApp,
    /// MID.
    pub merchant_id: String,
    /// Encrypts at rest.
    pub vault: Vault,
    /// Wakes the worker that looks at payments.
    pub wake: Notify,
}

impl Shop {
    /// The buyer's own order. Where GoPay has not told its end, GoPay is asked, but the
    /// buyer does not wait long for it.
    pub async fn order(
        self: &Arc<Self>,
        customer_id: &str,
        id: &str,
    ) -> Result<Option<StoredOrder>, store::Error> {
        let Some(order) = self.store.order_of(customer_id, id).await? else {
            return Ok(None);
        };
        if !order.status.is_open() {
            return Ok(Some(order));
        }
        let shop = Arc::clone(self);
        let external_id = order.attempt()?.external_id.clone();
        let looked_before = now() - schedule::WATCHED;
        // Spawned: a buyer who goes away does not interrupt it.
        let look = tokio::spawn(mortal("question", async move {
            shop.look(&external_id, looked_before).await
        }));
        match timeout(PATIENCE, look).await {
            Ok(Ok(Ok(()))) => self.store.order_of(customer_id, id).await,
            Ok(Ok(Err(error))) => Err(error),
            Ok(Err(_)) | Err(_) => Ok(Some(order)),
        }
    }
}

/// Unix milliseconds.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

/// The order as the app gets it.
pub(crate) fn describe(order: &StoredOrder, now: i64) -> Order {
    let payment = order
        .attempts
        .last()
        .filter(|_| order.status == OrderStatus::AwaitingPayment)
        .filter(|attempt| attempt.valid_until > now)
        .and_then(|attempt| {
            Some(Payment {
                deeplink: attempt.deeplink.clone()?,
                valid_until: seconds(attempt.valid_until),
            })
        });
    Order {
        id: order.id.clone(),
        status: order.status,
        lines: order.lines.clone(),
        total: order.total,
        created_at: seconds(order.created_at),
        paid_at: paid_at(&order.attempts).map(seconds),
        pickup_code: order.pickup_code.clone().filter(|_| is_owed(order.status)),
        payment,
        as_of: seconds(now),
    }
}

/// Whether there is something to pick up.
const fn is_owed(status: OrderStatus) -> bool {
    matches!(status, OrderStatus::Paid | OrderStatus::PartiallyRefunded)
}

fn paid_at(attempts: &[Attempt]) -> Option<i64> {
    attempts
        .iter()
        .flat_map(|attempt| &attempt.evidence)
        .filter(|said| matches!(said.finding, crate::evidence::Finding::Paid(_)))
        .map(|said| said.received_at)
        .min()
}

const fn seconds(milliseconds: i64) -> UnixTime {
    UnixTime(milliseconds.div_euclid(1000))
}
