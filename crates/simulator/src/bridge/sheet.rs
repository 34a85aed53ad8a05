//! The payment sheet's back end: its content and the buyer's action.

use super::response::CallResponse;
use crate::{
    account,
    app_state::AppState,
    checkout::Pin,
    container::{Container, PaymentStatuses},
    control::ControlError,
    gopay_state::GoPayState,
    input::{Input, Parameters, PathParameters},
    ledger::Actor,
    payments::{PayError, PayOption, Payment, PaymentAction, PaymentOutcome, PaymentState},
};
use axum::{Json, extract::State};
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
    PathParameters(reference_no): PathParameters<String>,
    Parameters(query): Parameters<SheetQuery>,
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
    let rupiah = payment.amount.rupiah().unwrap_or_default();
    let promo = match payment.state {
        PaymentState::Pending => gopay.buyers.promo(payment.buyer.as_deref(), rupiah),
        PaymentState::Settled { .. } => payment.promo,
    };
    json!({
        "locale": gopay.container.locale,
        "merchant_name": gopay.merchants.of(payment.merchant).account.name,
        "rupiah": rupiah,
        "partner_reference_no": payment.partner_reference_no,
        "state": payment.state.name(),
        "seconds_left": payment.seconds_left(gopay.now()),
        "leaves": payment.leaves,
        "asks_pin": gopay.checkout.pin == Pin::Asked,
        "funds": funds(gopay, payment),
        // Unverified: that GoPay pays the promo, and that no message to the merchant contains it.
        "promo": promo,
    })
}

/// `null` where nothing is configured of the buyer: then everything can be paid.
fn funds(gopay: &GoPayState, payment: &Payment) -> Value {
    let buyer = payment.buyer.as_ref();
    match buyer.and_then(|buyer| gopay.buyers.get(buyer)) {
        Some(buyer) if buyer.balance.is_some() || buyer.gopay_later.is_some() => {
            json!({"GOPAY_WALLET": buyer.balance, "PAY_LATER": buyer.gopay_later})
        }
        _ => Value::Null,
    }
}

/// How the buyer pays.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Decision {
    pin: Option<String>,
    with: PayOption,
}

impl Decision {
    pub(crate) fn has_right_pin(&self) -> bool {
        self.pin.as_deref() == Some(account::SANDBOX_PIN)
    }

    pub(crate) fn pay(
        &self,
        gopay: &mut GoPayState,
        reference_no: &str,
    ) -> Result<(), ControlError> {
        if gopay.checkout.pin == Pin::Asked && !self.has_right_pin() {
            return Err(PayError::WrongPin.into());
        }
        Ok(gopay.pay(reference_no, self.with)?)
    }
}

/// The buyer's tap; 409 where the payment is settled already, 422 for a wrong PIN and too little money.
pub(crate) async fn act(
    State(state): State<Arc<AppState>>,
    PathParameters((reference_no, act)): PathParameters<(String, PaymentAction)>,
    Input(decision): Input<Decision>,
) -> Result<(), ControlError> {
    state.write(|gopay| match act {
        PaymentAction::Pay => decision.pay(gopay, &reference_no),
        act => Ok(gopay.act(&reference_no, act, Actor::Buyer)?),
    })
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
