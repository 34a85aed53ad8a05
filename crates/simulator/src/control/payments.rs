//! Acting on a payment on the buyer's behalf.

use super::{ControlError, view};
use crate::{
    account,
    app_state::AppState,
    input::{Input, PathParameters},
    ledger::Actor,
    payments::{ActionError, PaymentAction, PaymentState},
};
use axum::{Json, extract::State};
use serde::Deserialize;
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

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Opening {
    /// The buyer of a page without `?buyer=` without it.
    buyer: Option<String>,
}

/// `POST /control/payments/{id}/open [{"buyer": "siti"}]`: the buyer opens the payment in GoPay, as `launchPayment` and
/// `snap.pay` do. Returns the payment. 404 unknown, 409 settled before.
pub(crate) async fn open(
    State(state): State<Arc<AppState>>,
    PathParameters(id): PathParameters<String>,
    Input(Opening { buyer }): Input<Opening>,
) -> Result<Json<Value>, ControlError> {
    let reference_no = state.write(|gopay| {
        let payment = gopay.payments.find(&id)?;
        if let PaymentState::Settled { outcome, .. } = payment.state {
            return Err(ActionError::Settled(outcome).into());
        }
        let reference_no = payment.reference_no.clone();
        match payment.snap() {
            Some(_) => gopay.choose(&reference_no),
            None => {
                let buyer = buyer.as_deref().unwrap_or(account::DEFAULT_BUYER);
                gopay.open(&reference_no, buyer);
            }
        }
        Ok::<_, ControlError>(reference_no)
    })?;
    view::settled_payment(&state, &reference_no).await
}
