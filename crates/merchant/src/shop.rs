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
pub(crate) use look::is_of_another;
pub use place::PlaceError;
pub use profile::ProfileError;
pub(crate) use sign_in::SESSION_SECONDS;
pub use sign_in::{SignInError, SignedIn};

use crate::{
    arrivals::Arrivals,
    books::{AttemptName, Attempts, Books},
    clock::Clock,
    config::MiniApp,
    evidence::{Finding, PaidWithoutAmount, money},
    gopay::GoPay,
    payment_ids::PaymentIds,
    schedule,
    store::{self, Attempt, Store, StoredOrder},
    vault::Vault,
};
use contract::{Order, OrderStatus, Payment, Rupiah, UnixTime};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::timeout};

/// The longest a buyer's question waits for GoPay's answer before it is answered with what
/// is known.
const PATIENCE: Duration = Duration::from_millis(1500);

/// How long somebody may talk to GoPay about an attempt before somebody else may: longer
/// than a token, an inquiry and a payment request, each with its second try, take together.
const LEASE: i64 = 90_000;

/// One mini app's shop.
#[derive(Debug)]
pub struct Shop<B = Store> {
    /// What must survive.
    pub store: B,
    /// The line to GoPay.
    pub gopay: Arc<GoPay>,
    /// What is sold, and who GoPay knows it as.
    pub mini_app: MiniApp,
    /// MID.
    pub merchant_id: String,
    /// Encrypts at rest.
    pub vault: Vault,
    /// What time it is.
    pub clock: Clock,
    /// Wakes the worker that looks at payments, because it may be time for another one.
    pub wake: Notify,
    /// What a payment counts as of which GoPay says that it was made, and no amount.
    pub paid_without_amount: PaidWithoutAmount,
    /// Whether GoPay's notifications arrive.
    pub arrivals: Arrivals,
    /// How many messages of GoPay's had ids in another spelling or field than documented.
    pub odd_ids: AtomicU64,
}

impl<B: Books> Shop<B> {
    /// Unix milliseconds.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Logs ids of GoPay's that are not where its pages have them. GoPay may do so with every
    /// message, so only each power of ten is a line.
    fn note_ids(&self, ids: PaymentIds<'_>, order: &StoredOrder, attempt: &Attempt) {
        if !ids.are_odd(attempt) {
            return;
        }
        let count = self
            .odd_ids
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1);
        if is_power_of_ten(count) {
            tracing::warn!(
                order = order.id,
                reference_no = ids.reference_no,
                partner_reference_no = ids.partner_reference_no,
                external_id = ids.external_id,
                count,
                "GoPay names a payment by ids in another spelling or field"
            );
        }
    }

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
        let attempt = order.attempt()?;
        if !order.status.is_open() && !attempt.is_given_up() {
            return Ok(Some(order));
        }
        let look = self.look(&attempt.external_id, self.now() - schedule::WATCHED);
        match timeout(PATIENCE, look).await {
            Ok(Ok(_)) => self.store.order_of(customer_id, id).await,
            Ok(Err(error)) => Err(error),
            Err(_) => Ok(Some(order)),
        }
    }
}

/// Whether GoPay gave this reference to another attempt before.
pub(crate) async fn is_taken(
    store: &impl Attempts,
    reference_no: &str,
    external_id: &str,
) -> Result<bool, store::Error> {
    let name = AttemptName::ReferenceNo(reference_no);
    let known = store.order_with_attempt(name).await?;
    Ok(known.is_some_and(|(_, owner)| owner != external_id))
}

/// The order as the app gets it.
pub fn describe(order: &StoredOrder, now: i64) -> Order {
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
        refunded: refunded(order),
        pickup_code: order.pickup_code.clone().filter(|_| is_owed(order.status)),
        payment,
        as_of: seconds(now),
    }
}

/// What went back of the order's price. What was paid once too often, and went back for that, is
/// none of it: a receipt that names more than its total is not understood.
fn refunded(order: &StoredOrder) -> Option<Rupiah> {
    if !matches!(
        order.status,
        OrderStatus::PartiallyRefunded | OrderStatus::Refunded
    ) {
        return None;
    }
    let (mut paid, mut back) = (0_u64, 0_u64);
    for attempt in &order.attempts {
        let findings: Vec<Finding> = attempt.evidence.iter().map(|said| said.finding).collect();
        let money = money(order.total, &findings);
        paid = paid.saturating_add(money.paid.get());
        back = back.saturating_add(money.refunded.get());
    }
    let surplus = paid.saturating_sub(order.total.get());
    let back = back.saturating_sub(surplus);
    (back > 0).then(|| Rupiah::new(back))
}

/// Whether there is something to pick up.
const fn is_owed(status: OrderStatus) -> bool {
    matches!(status, OrderStatus::Paid | OrderStatus::PartiallyRefunded)
}

fn paid_at(attempts: &[Attempt]) -> Option<i64> {
    attempts
        .iter()
        .flat_map(|attempt| &attempt.evidence)
        .filter(|said| matches!(said.finding, Finding::Paid(_)))
        .map(|said| said.received_at)
        .min()
}

const fn is_power_of_ten(count: u64) -> bool {
    10_u64.pow(count.ilog10()) == count
}

const fn seconds(milliseconds: i64) -> UnixTime {
    UnixTime(milliseconds.div_euclid(1000))
}
