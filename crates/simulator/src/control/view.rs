//! `GET /control/ledger`: settings, payments, buyers and events.

use crate::{
    account,
    app_state::AppState,
    faults::{Endpoint, FaultKind},
    gopay_state::GoPayState,
    payments::{Payment, PaymentState},
    refunds,
    scenario::Scenario,
};
use axum::{
    Json,
    extract::{Query, State},
};
use gopay_protocol::timestamp::format_wib;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use strum::{EnumMessage, IntoEnumIterator};

/// As many as the phone shows.
const MAX_ENTRIES: usize = 5;

#[derive(Debug, Deserialize)]
pub(crate) struct LedgerQuery {
    /// How many of the latest payments and entries; all without it.
    last: Option<usize>,
}

/// A payment as the control API describes it: times by the simulator's clock, `refunded` in rupiah.
pub(super) fn payment(payment: &Payment, now: Timestamp) -> Value {
    let way = match payment.snap() {
        Some(_) => "snap",
        None => "bi_snap",
    };
    let mut view = json!({
        "host": payment.host,
        "way": way,
        // Whether the merchant can ask for it: in Snap, once the buyer has chosen to pay.
        "has_transaction": payment.transaction_at().is_some(),
        "buyer": payment.buyer,
        "reference_no": payment.reference_no,
        "partner_reference_no": payment.partner_reference_no,
        "external_id": payment.external_id,
        "amount": payment.amount,
        "created_at": format_wib(payment.created_at),
        "valid_until": format_wib(payment.valid_until),
        "seconds_left": payment.seconds_left(now),
        "state": payment.state.name(),
        "refunded": refunds::total(&payment.refunds),
    });
    if let PaymentState::Settled { at, .. } = payment.state {
        view["settled_at"] = json!(format_wib(at));
    }
    view
}

pub(crate) async fn ledger(
    State(state): State<Arc<AppState>>,
    Query(query): Query<LedgerQuery>,
) -> Json<Value> {
    let last = query.last.unwrap_or(usize::MAX);
    let mut ledger = state.read(|gopay| view(gopay, last));
    ledger["sandbox"] = json!(
        state
            .sandbox
            .get()
            .map(|address| format!("http://{address}"))
    );
    Json(ledger)
}

/// The entries in the order history of the phone's buyer, newest first.
fn order_history(gopay: &GoPayState) -> Value {
    let app = &gopay.merchant.app;
    let named = app.query_pairs().find(|(name, _)| name == "buyer");
    let buyer = named.map(|(_, buyer)| buyer);
    let buyer = buyer.as_deref().unwrap_or(account::DEFAULT_BUYER);
    let payments = gopay.payments.all().iter().rev();
    payments
        .filter(|payment| payment.buyer.as_deref() == Some(buyer))
        .take(MAX_ENTRIES)
        .map(|payment| {
            json!({
                "amount": payment.amount,
                "state": payment.state.name(),
                "created_at": format_wib(payment.created_at),
                "opens": gopay.merchant.order_history.address(app, payment),
            })
        })
        .collect()
}

fn view(gopay: &GoPayState, last: usize) -> Value {
    let now = gopay.now();
    let payments = gopay.payments.all();
    let payments = payments
        .get(payments.len().saturating_sub(last)..)
        .unwrap_or_default();
    let scenarios =
        Scenario::iter().map(|name| json!({"name": name, "meaning": name.get_documentation()}));
    let fault_kinds = FaultKind::iter().map(|kind| {
        let on = Endpoint::iter().filter(|endpoint| kind.applies_to(*endpoint));
        let on: Vec<_> = on.collect();
        json!({"do": kind, "meaning": kind.get_documentation(), "on": on})
    });
    json!({
        "now": format_wib(now),
        "clock_ahead_seconds": gopay.clock.ahead().as_secs(),
        "merchant": {"app": gopay.merchant.app, "notify": gopay.merchant.notify},
        "scenario": gopay.scenario,
        "scenarios": scenarios.collect::<Value>(),
        // Those that are still to be met.
        "faults": gopay.faults,
        "harms": fault_kinds.collect::<Value>(),
        "container": gopay.container,
        "checkout": gopay.checkout,
        // How many the merchant has not accepted yet.
        "notifications": {"mode": gopay.notification_mode, "waiting": gopay.outbox.len()},
        "refunds": gopay.refund_behaviour,
        "order_history": order_history(gopay),
        "payments": payments.iter().map(|it| payment(it, now)).collect::<Value>(),
        "mini_app": gopay.mini_app.settings,
        "buyers": gopay.mini_app.buyers(),
        "entries": gopay.ledger.last(last),
    })
}
