//! Refunds in GoPay's dashboard, and how refunds end.

use super::{ControlError, view};
use crate::{
    app_state::AppState,
    input::{Input, PathParameters},
    ledger::Actor,
    refunds::RefundBehaviour,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DashboardRefund {
    /// In rupiah; everything refundable without it.
    amount: Option<u64>,
}

/// `POST /control/payments/{id}/refund [{"amount": 10000}]`: a refund in GoPay's
/// dashboard. Returns the payment afterwards. 404 unknown, 409 not paid, or too much.
pub(crate) async fn refund(
    State(state): State<Arc<AppState>>,
    PathParameters(id): PathParameters<String>,
    Input(DashboardRefund { amount }): Input<DashboardRefund>,
) -> Result<Json<Value>, ControlError> {
    let reference_no = state.write(|gopay| {
        let reference_no = gopay.payments.find(&id)?.reference_no.clone();
        gopay.refund(&reference_no, amount, None, None, Actor::Control)?;
        Ok::<_, ControlError>(reference_no)
    })?;
    view::settled_payment(&state, &reference_no).await
}

/// `PUT /control/refunds {"ending": "done" | "failed", "history": "table" | "sample", "status": "refunded" | "success"}`:
/// how refunds end from now on, how the history spells its fields, and the status of a refunded payment. A missing
/// field takes its default.
pub(crate) async fn behaviour(
    State(state): State<Arc<AppState>>,
    Input(behaviour): Input<RefundBehaviour>,
) {
    state.write(|gopay| gopay.refund_behaviour = behaviour);
}
