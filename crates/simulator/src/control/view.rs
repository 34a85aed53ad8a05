//! `GET /control/ledger`: settings, payments, buyers and events.

use super::ControlError;
use crate::{
    account,
    app_state::AppState,
    bridge,
    faults::{Endpoint, FaultKind},
    gopay_state::GoPayState,
    input::Parameters,
    mini_apps::MiniApp,
    payments::{Payment, PaymentState},
    refunds,
    scenario::Scenario,
    sdk_faults::SdkFaultKind,
};
use axum::{Json, extract::State};
use gopay_protocol::timestamp::format_wib;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{borrow::Cow, sync::Arc};
use strum::{EnumMessage, IntoEnumIterator};

/// As many as the phone shows.
const MAX_ENTRIES: usize = 5;

#[derive(Debug, Deserialize)]
pub(crate) struct LedgerQuery {
    /// How many of the latest payments and entries; all without it.
    last: Option<usize>,
    /// The mini app in the phone; the first without it.
    app: Option<String>,
}

/// A payment once the merchant has answered its notifications.
pub(super) async fn settled_payment(
    state: &AppState,
    reference_no: &str,
) -> Result<Json<Value>, ControlError> {
    state.notifications_settled().await;
    state.read(|gopay| {
        let found = gopay.payments.find(reference_no)?;
        Ok(Json(payment(found, gopay.now())))
    })
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
        "merchant_id": payment.merchant_id,
        "mini_app": payment.mini_app,
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
    Parameters(query): Parameters<LedgerQuery>,
) -> Result<Json<Value>, ControlError> {
    let last = query.last.unwrap_or(usize::MAX);
    let mut ledger = state.read(|gopay| {
        let mini_app = gopay.mini_apps.named(query.app.as_deref())?;
        Ok::<_, ControlError>(view(gopay, mini_app, last))
    })?;
    ledger["sandbox"] = json!(state.sandbox.get().map(|address| state.origin(*address)));
    Ok(Json(ledger))
}

/// The buyer whose phone has this mini app.
fn buyer(in_phone: &MiniApp) -> Cow<'_, str> {
    let mut query = in_phone.address.query_pairs();
    let buyer = query.find(|(name, _)| name == "buyer");
    buyer.map_or(account::DEFAULT_BUYER.into(), |(_, buyer)| buyer)
}

/// The entries in the buyer's order history, newest first. Each leads to its own mini app.
fn order_history(gopay: &GoPayState, buyer: &str) -> Value {
    let payments = gopay.payments.all().iter().rev();
    payments
        .filter(|payment| payment.buyer.as_deref() == Some(buyer))
        .filter_map(|payment| {
            let id = payment.mini_app.as_ref()?;
            let mini_app = gopay.mini_apps.named(Some(id.as_str())).ok()?;
            let order_history = &gopay.merchants.of(payment.merchant).order_history;
            Some(json!({
                "mini_app": id,
                "amount": payment.amount,
                "state": payment.state.name(),
                "created_at": format_wib(payment.created_at),
                "opens": order_history.address(&mini_app.address, payment),
            }))
        })
        .take(MAX_ENTRIES)
        .collect()
}

fn view(gopay: &GoPayState, in_phone: &MiniApp, last: usize) -> Value {
    let now = gopay.now();
    let buyer = buyer(in_phone);
    let mini_apps = gopay.mini_apps.iter().map(|app| {
        json!({
            "id": app.id,
            "name": app.name,
            "icon": app.icon_path(),
            "app": app.address,
            "point_of_purchase_id": app.point_of_purchase_id,
            "merchant_id": gopay.merchants.of(app.merchant).account.merchant_id,
        })
    });
    let merchants = gopay.merchants.iter().map(|(_, merchant)| {
        json!({
            "merchant_id": merchant.account.merchant_id,
            "name": merchant.account.name,
            "notify": merchant.notify,
        })
    });
    let app = &gopay.mini_apps.first().address;
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
    let sdk_fault_kinds = SdkFaultKind::iter().map(|kind| {
        let (id, meaning) = kind.id_and_meaning();
        let on: Vec<_> = bridge::method_names()
            .filter(|method| kind.applies_to(method))
            .collect();
        json!({"do": kind, "id": id, "meaning": meaning, "on": on})
    });
    json!({
        "now": format_wib(now),
        "clock_ahead_seconds": gopay.clock.ahead().as_secs(),
        "merchant": {"app": app, "notify": gopay.merchants.first().notify},
        "merchants": merchants.collect::<Value>(),
        "mini_apps": mini_apps.collect::<Value>(),
        "scenario": gopay.scenario,
        "scenarios": scenarios.collect::<Value>(),
        // Those that are still to be met.
        "faults": gopay.faults,
        "sdk_faults": gopay.sdk_faults,
        "outcomes": gopay.outcomes.plan,
        "harms": fault_kinds.collect::<Value>(),
        // Those with no method are of the whole page.
        "sdk_harms": sdk_fault_kinds.collect::<Value>(),
        "container": gopay.container,
        "checkout": gopay.checkout,
        // How many the merchant has not accepted yet.
        "notifications": {"mode": gopay.notification_mode, "waiting": gopay.outbox.len()},
        "refunds": gopay.refund_behaviour,
        // Whose phone it is.
        "buyer": buyer,
        "order_history": order_history(gopay, &buyer),
        "payments": payments.iter().map(|it| payment(it, now)).collect::<Value>(),
        "mini_app": gopay.mini_app_api.settings,
        "buyers": gopay.mini_app_api.buyers(),
        "funds": gopay.buyers.all(),
        "entries": gopay.ledger.last(last),
    })
}
