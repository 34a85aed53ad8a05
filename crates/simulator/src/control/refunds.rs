//! Refunds that the merchant's program knows nothing of, and how refunds go.

use super::{Problem, view::PaymentView};
use crate::{ledger::By, payments::RefundError, refunds::Manner, shared::Shared};
use axum::{
    Json,
    extract::{Path, State},
};
use serde::Deserialize;
use std::sync::Arc;

/// So many rupiah; all that is left without it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Part {
    amount: Option<u64>,
}

/// `POST /control/payments/{reference_no}/refund [{"amount": 10000}]`: somebody refunds in
/// GoPay's dashboard. The payment as it then is. 404 unknown, 409 not paid, or too much.
pub(crate) async fn refund(
    State(shared): State<Arc<Shared>>,
    Path(reference_no): Path<String>,
    part: Option<Json<Part>>,
) -> Result<Json<PaymentView>, Problem> {
    let Part { amount } = part.map(|Json(part)| part).unwrap_or_default();
    shared.write(|world| world.refund(&reference_no, amount, None, None, By::Control))?;
    shared.settled().await;
    shared.read(|world| {
        let payment = world.payments.get(&reference_no);
        let payment = payment.ok_or(RefundError::Unknown)?;
        Ok(Json(PaymentView::new(payment, world.now())))
    })
}

/// `PUT /control/refunds {"ending": "done" | "failed", "history": "table" | "sample"}`: what
/// becomes of refunds from now on, and how the history spells its fields. What is left out
/// takes its default.
pub(crate) async fn manner(State(shared): State<Arc<Shared>>, Json(manner): Json<Manner>) {
    shared.write(|world| world.refunds = manner);
}
