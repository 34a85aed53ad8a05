//! Refunds in GoPay's dashboard, and how refunds end.

use super::{ControlError, view};
use crate::{app_state::AppState, ledger::Actor, refunds::RefundBehaviour};
use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DashboardRefund {
    /// In rupiah; everything refundable without it.
    amount: Option<u64>,
}

/// `POST /control/payments/{reference_no}/refund [{"amount": 10000}]`: a refund in GoPay's
/// dashboard. Returns the payment afterwards. 404 unknown, 409 not paid, or too much.
pub(crate) async fn refund(
    State(state): State<Arc<AppState>>,
    Path(reference_no): Path<String>,
    refund: Option<Json<DashboardRefund>>,
) -> Result<Json<Value>, ControlError> {
    let DashboardRefund { amount } = refund.map(|Json(it)| it).unwrap_or_default();
    state.write(|gopay| gopay.refund(&reference_no, amount, None, None, Actor::Control))?;
    state.notifications_settled().await;
    state.read(|gopay| {
        let payment = gopay.payments.find(&reference_no)?;
        Ok(Json(view::payment(payment, gopay.now())))
    })
}

/// `PUT /control/refunds {"ending": "done" | "failed", "history": "table" | "sample"}`: how refunds
/// end from now on, and how the history spells its fields. A missing field takes its default.
pub(crate) async fn behaviour(
    State(state): State<Arc<AppState>>,
    Json(behaviour): Json<RefundBehaviour>,
) {
    state.write(|gopay| gopay.refund_behaviour = behaviour);
}
