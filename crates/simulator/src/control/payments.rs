//! Acting on a payment on the buyer's behalf.

use super::{ControlError, view};
use crate::{app_state::AppState, ledger::Actor, payments::PaymentAction};
use axum::{
    Json,
    extract::{Path, State},
};
use serde_json::Value;
use std::sync::Arc;

/// `POST /control/payments/{reference_no}/{pay|cancel|fail|expire|leave}`: returns the payment
/// afterwards. 404 unknown, 409 settled before.
pub(crate) async fn act(
    State(state): State<Arc<AppState>>,
    Path((reference_no, act)): Path<(String, PaymentAction)>,
) -> Result<Json<Value>, ControlError> {
    state.write(|gopay| gopay.act(&reference_no, act, Actor::Control))?;
    state.notifications_settled().await;
    state.read(|gopay| {
        let payment = gopay.payments.find(&reference_no)?;
        Ok(Json(view::payment(payment, gopay.now())))
    })
}
