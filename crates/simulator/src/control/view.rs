//! `GET /control/ledger`: settings, payments, buyers and events.

use crate::{
    app_state::AppState,
    container::Container,
    faults::{Endpoint, FaultKind, FaultPlan},
    gopay_state::GoPayState,
    ledger::Entry,
    mini_app::{BuyerRecord, MiniAppSettings},
    outbox::NotificationMode,
    payments::{Payment, PaymentState},
    refunds::{self, RefundBehaviour},
    scenario::Scenario,
};
use axum::{
    Json,
    extract::{Query, State},
};
use gopay_protocol::{Amount, timestamp::format_wib};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};
use strum::{EnumMessage, IntoEnumIterator};

#[derive(Debug, Deserialize)]
pub(crate) struct LedgerQuery {
    /// How many of the latest payments and entries; all without it.
    last: Option<usize>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Ledger {
    /// By the simulator's clock.
    now: String,
    clock_ahead_seconds: i64,
    merchant: Merchant,
    scenario: Scenario,
    scenarios: Vec<ScenarioView>,
    /// The faults that are still to be met.
    faults: FaultPlan,
    #[serde(rename = "harms")]
    fault_kinds: Vec<FaultKindView>,
    container: Container,
    notifications: Notifications,
    refunds: RefundBehaviour,
    payments: Vec<PaymentView>,
    mini_app: MiniAppSettings,
    buyers: BTreeMap<String, BuyerRecord>,
    entries: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Merchant {
    app: String,
    notify: String,
}

#[derive(Debug, Serialize)]
struct ScenarioView {
    name: Scenario,
    meaning: Option<&'static str>,
}

/// A kind of fault, and the endpoints on which it can happen.
#[derive(Debug, Serialize)]
struct FaultKindView {
    #[serde(rename = "do")]
    kind: FaultKind,
    meaning: Option<&'static str>,
    on: Vec<Endpoint>,
}

#[derive(Debug, Serialize)]
struct Notifications {
    mode: NotificationMode,
    /// How many the merchant has not accepted yet.
    waiting: usize,
}

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
    /// In rupiah.
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

pub(crate) async fn ledger(
    State(state): State<Arc<AppState>>,
    Query(query): Query<LedgerQuery>,
) -> Json<Ledger> {
    let last = query.last.unwrap_or(usize::MAX);
    Json(state.read(|gopay| view(gopay, last)))
}

fn view(gopay: &GoPayState, last: usize) -> Ledger {
    let now = gopay.now();
    let payments = gopay.payments.all();
    let payments = payments
        .get(payments.len().saturating_sub(last)..)
        .unwrap_or_default();
    Ledger {
        now: format_wib(now),
        clock_ahead_seconds: gopay.clock.ahead().as_secs(),
        merchant: Merchant {
            app: gopay.merchant.app.to_string(),
            notify: gopay.merchant.notify.to_string(),
        },
        scenario: gopay.scenario,
        scenarios: Scenario::iter()
            .map(|name| ScenarioView {
                name,
                meaning: name.get_documentation(),
            })
            .collect(),
        faults: gopay.faults.clone(),
        fault_kinds: FaultKind::iter()
            .map(|kind| FaultKindView {
                kind,
                meaning: kind.get_documentation(),
                on: Endpoint::iter()
                    .filter(|endpoint| kind.applies_to(*endpoint))
                    .collect(),
            })
            .collect(),
        container: gopay.container,
        notifications: Notifications {
            mode: gopay.notification_mode,
            waiting: gopay.outbox.len(),
        },
        refunds: gopay.refund_behaviour,
        payments: payments
            .iter()
            .map(|payment| PaymentView::new(payment, now))
            .collect(),
        mini_app: gopay.mini_app.settings.clone(),
        buyers: gopay.mini_app.buyers().clone(),
        entries: gopay.ledger.last(last).to_vec(),
    }
}
