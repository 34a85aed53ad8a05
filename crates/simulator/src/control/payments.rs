//! Acting on a payment on the buyer's behalf.

use super::{ControlError, view};
use crate::{app_state::AppState, input::PathParameters, ledger::Actor, payments::PaymentAction};
use axum::{Json, extract::State};
use serde_json::{Value, json};
use std::sync::Arc;

/// `POST /control/payments/{id}/{pay|cancel|fail|expire|leave}`: returns the payment afterwards, and what
/// the merchant answered to its last notification. `id` is
/// GoPay's reference number or the merchant's. 404 unknown, 409 settled before.
pub(crate) async fn act(
    State(state): State<Arc<AppState>>,
    PathParameters((id, act)): PathParameters<(String, String)>,
) -> Result<Json<Value>, ControlError> {
    let action = serde_json::from_value::<PaymentAction>(json!(act));
    let action = action.map_err(|_| ControlError::Action(act))?;
    let reference_no = state.write(|gopay| {
        let reference_no = gopay.payments.find(&id)?.reference_no.clone();
        gopay.act(&reference_no, action, Actor::Control)?;
        Ok::<_, ControlError>(reference_no)
    })?;
    state.notifications_settled().await;
    state.read(|gopay| {
        let payment = gopay.payments.find(&reference_no)?;
        let mut view = view::payment(payment, gopay.now());
        view["notification"] = json!(payment.last_answer);
        Ok(Json(view))
    })
}
