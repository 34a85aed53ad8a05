//! Acting on a payment on the buyer's behalf.

use super::{ControlError, view::PaymentView};
use crate::{
    app_state::AppState,
    ledger::Actor,
    payments::{ActionError, PaymentAction},
};
use axum::{
    Json,
    extract::{Path, State},
};
use std::sync::Arc;

/// `POST /control/payments/{reference_no}/{pay|cancel|fail|expire|leave}`: returns the payment
/// afterwards. 404 unknown, 409 settled before.
pub(crate) async fn act(
    State(state): State<Arc<AppState>>,
    Path((reference_no, act)): Path<(String, PaymentAction)>,
) -> Result<Json<PaymentView>, ControlError> {
    state.write(|gopay| gopay.act(&reference_no, act, Actor::Control))?;
    state.notifications_settled().await;
    state.read(|gopay| {
        let payment = gopay
            .payments
            .get(&reference_no)
            .ok_or(ActionError::Unknown)?;
        Ok(Json(PaymentView::new(payment, gopay.now())))
    })
}
