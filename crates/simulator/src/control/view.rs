//! `GET /control/ledger`: all there is to see.

use crate::{
    container::Container,
    faults::{Call, Harm, Plan},
    ledger::Entry,
    outbox::Mode,
    payments::{Payment, State as PaymentState},
    refunds::{self, Manner},
    scenario::Scenario,
    shared::Shared,
    world::World,
};
use axum::{
    Json,
    extract::{Query, State},
};
use gopay_protocol::{Amount, timestamp::format_wib};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How much of it.
#[derive(Debug, Deserialize)]
pub(crate) struct Extent {
    /// The last so many payments and entries; all of them without it.
    last: Option<usize>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Ledger {
    /// By the simulator's clock.
    now: String,
    clock_ahead_seconds: i64,
    merchant: Merchant,
    scenario: Scenario,
    scenarios: Vec<Choice>,
    /// What is still to go wrong.
    faults: Plan,
    harms: Vec<HarmChoice>,
    container: Container,
    notifications: Notifications,
    refunds: Manner,
    payments: Vec<PaymentView>,
    entries: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Merchant {
    app: String,
    notify: String,
}

#[derive(Debug, Serialize)]
struct Choice {
    name: Scenario,
    meaning: &'static str,
}

/// A fault that can be planned, and the calls on which it can happen.
#[derive(Debug, Serialize)]
struct HarmChoice {
    r#do: Harm,
    meaning: &'static str,
    on: Vec<Call>,
}

#[derive(Debug, Serialize)]
struct Notifications {
    mode: Mode,
    /// How many have not been accepted yet.
    waiting: usize,
}

/// A payment, as the control API shows it.
#[derive(Debug, Serialize)]
pub(crate) struct PaymentView {
    reference_no: String,
    partner_reference_no: String,
    external_id: String,
    amount: Amount,
    created_at: String,
    /// By the simulator's clock.
    valid_until: String,
    seconds_left: i64,
    /// `pending`, `paid`, `cancelled`, `failed` or `expired`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<String>,
    /// How many rupiah went back.
    refunded: u64,
}

impl PaymentView {
    pub(crate) fn new(payment: &Payment, now: Timestamp) -> Self {
        Self {
            reference_no: payment.reference_no.clone(),
            partner_reference_no: payment.partner_reference_no.clone(),
            external_id: payment.external_id.clone(),
            amount: payment.amount.clone(),
            created_at: format_wib(payment.created_at),
            valid_until: format_wib(payment.valid_until),
            seconds_left: payment.valid_until.duration_since(now).as_secs().max(0),
            state: payment.state.name(),
            settled_at: match payment.state {
                PaymentState::Pending => None,
                PaymentState::Settled { at, .. } => Some(format_wib(at)),
            },
            refunded: refunds::total(&payment.refunds),
        }
    }
}

/// Everything, or the last of it.
pub(crate) async fn ledger(
    State(shared): State<Arc<Shared>>,
    Query(extent): Query<Extent>,
) -> Json<Ledger> {
    let last = extent.last.unwrap_or(usize::MAX);
    Json(shared.read(|world| view(world, last)))
}

fn view(world: &World, last: usize) -> Ledger {
    let now = world.now();
    let payments = world.payments.all();
    let payments = payments
        .get(payments.len().saturating_sub(last)..)
        .unwrap_or_default();
    Ledger {
        now: format_wib(now),
        clock_ahead_seconds: world.clock.ahead_seconds(),
        merchant: Merchant {
            app: world.merchant.app.to_string(),
            notify: world.merchant.notify.to_string(),
        },
        scenario: world.scenario,
        scenarios: Scenario::ALL
            .map(|(name, meaning)| Choice { name, meaning })
            .into(),
        faults: world.faults.clone(),
        harms: Harm::ALL
            .map(|(harm, meaning)| HarmChoice {
                r#do: harm,
                meaning,
                on: Call::ALL
                    .into_iter()
                    .filter(|call| harm.fits(*call))
                    .collect(),
            })
            .into(),
        container: world.container,
        notifications: Notifications {
            mode: world.mode,
            waiting: world.outbox.len(),
        },
        refunds: world.refunds,
        payments: payments
            .iter()
            .map(|payment| PaymentView::new(payment, now))
            .collect(),
        entries: world.ledger.last(last).to_vec(),
    }
}
