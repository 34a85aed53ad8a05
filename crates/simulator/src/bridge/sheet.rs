//! The payment sheet's back end: its content and the buyer's action.

use super::response::CallResponse;
use crate::{
    account,
    app_state::AppState,
    container::{Container, PaymentStatuses},
    control::ControlError,
    gopay_state::GoPayState,
    ledger::Actor,
    payments::{Payment, PaymentAction, PaymentOutcome, PaymentState},
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug, Deserialize)]
pub(crate) struct SheetQuery {
    /// The payment's `leaves` when the sheet was opened.
    leaves: Option<u32>,
}

/// The payment's current state, which the sheet polls.
pub(crate) async fn show(
    State(state): State<Arc<AppState>>,
    Path(reference_no): Path<String>,
    Query(query): Query<SheetQuery>,
) -> Result<Json<Value>, ControlError> {
    state.read(|gopay| {
        let payment = gopay.payments.find(&reference_no)?;
        let leaves_before = query.leaves.unwrap_or(payment.leaves);
        let mut page = page_state(gopay, payment);
        page["verdict"] = json!(response(gopay.container, payment, leaves_before));
        Ok(Json(page))
    })
}

/// What each page on which a buyer decides about a payment shows of it.
pub(crate) fn page_state(gopay: &GoPayState, payment: &Payment) -> Value {
    json!({
        "locale": gopay.container.locale,
        "merchant_name": account::MERCHANT_NAME,
        "rupiah": payment.amount.rupiah().unwrap_or_default(),
        "partner_reference_no": payment.partner_reference_no,
        "state": payment.state.name(),
        "seconds_left": payment.seconds_left(gopay.now()),
        "leaves": payment.leaves,
    })
}

/// The buyer's tap; 409 where the payment is settled already.
pub(crate) async fn act(
    State(state): State<Arc<AppState>>,
    Path((reference_no, act)): Path<(String, PaymentAction)>,
) -> Result<(), ControlError> {
    Ok(state.write(|gopay| gopay.act(&reference_no, act, Actor::Buyer))?)
}

/// Docs disagree: see [`PaymentStatuses`]. A mini app must not depend on it.
///
/// Unverified: the answer for a payment that expired while the sheet was open.
fn response(container: Container, payment: &Payment, leaves_before: u32) -> Option<CallResponse> {
    let (current, older) = match payment.state {
        PaymentState::Pending if payment.leaves > leaves_before => ("cancelled", "pending"),
        PaymentState::Pending => return None,
        PaymentState::Settled { outcome, .. } => match outcome {
            PaymentOutcome::Paid => ("success", "success"),
            PaymentOutcome::Cancelled => ("failed", "cancelled"),
            PaymentOutcome::Failed | PaymentOutcome::Expired => ("pending", "failed"),
        },
    };
    let status = match container.payment_statuses {
        PaymentStatuses::Current => current,
        PaymentStatuses::Older => older,
    };
    let fields = json!({"data": {"status": status}});
    Some(CallResponse::success(container, fields))
}
