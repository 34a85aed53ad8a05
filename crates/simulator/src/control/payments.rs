//! Acting on a payment in the buyer's place.

use super::{Problem, view::PaymentView};
use crate::{
    ledger::By,
    payments::{Act, ActError},
    shared::Shared,
};
use axum::{
    Json,
    extract::{Path, State},
};
use std::sync::Arc;

/// `POST /control/payments/{reference_no}/{pay|cancel|fail|expire|leave}`: the payment as it
/// then is. 404 unknown, 409 settled before.
pub(crate) async fn act(
    State(shared): State<Arc<Shared>>,
    Path((reference_no, act)): Path<(String, Act)>,
) -> Result<Json<PaymentView>, Problem> {
    shared.write(|world| world.act(&reference_no, act, By::Control))?;
    shared.settled().await;
    shared.read(|world| {
        let payment = world.payments.get(&reference_no).ok_or(ActError::Unknown)?;
        Ok(Json(PaymentView::new(payment, world.now())))
    })
}
