//! What the payment sheet shows, and what the buyer does in it.

use super::reply::Verdict;
use crate::{
    account,
    container::{Container, Locale, PaymentStatuses},
    control::Problem,
    guard::app_origin,
    ledger::By,
    payments::{Act, ActError, Ending, Payment, State as PaymentState},
    shared::Shared,
};
use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// A payment, as the sheet sees it.
#[derive(Debug, Serialize)]
pub(crate) struct Sheet {
    locale: Locale,
    /// Whom the sheet may tell how it ended.
    app_origin: String,
    merchant_name: &'static str,
    rupiah: u64,
    partner_reference_no: String,
    state: &'static str,
    seconds_left: i64,
    leaves: u32,
    /// What the call is answered, once it can be.
    verdict: Option<Verdict>,
}

/// How often the buyer had left when the sheet was opened.
#[derive(Debug, Deserialize)]
pub(crate) struct Opened {
    leaves: Option<u32>,
}

/// Where the payment stands; the sheet asks again and again.
pub(crate) async fn show(
    State(shared): State<Arc<Shared>>,
    Path(reference_no): Path<String>,
    Query(opened): Query<Opened>,
) -> Result<Json<Sheet>, Problem> {
    let app_origin = app_origin(&shared);
    shared.read(|world| {
        let payment = world.payments.get(&reference_no).ok_or(ActError::Unknown)?;
        let left = payment.valid_until.duration_since(world.now());
        Ok(Json(Sheet {
            locale: world.container.locale,
            app_origin,
            merchant_name: account::MERCHANT_NAME,
            rupiah: payment.amount.rupiah().unwrap_or_default(),
            partner_reference_no: payment.partner_reference_no.clone(),
            state: payment.state.name(),
            seconds_left: left.as_secs().max(0),
            leaves: payment.leaves,
            verdict: verdict(
                world.container,
                payment,
                opened.leaves.unwrap_or(payment.leaves),
            ),
        }))
    })
}

/// The buyer's tap. A payment that is settled already stays as it is; the sheet will see.
pub(crate) async fn act(
    State(shared): State<Arc<Shared>>,
    Path((reference_no, act)): Path<(String, Act)>,
) -> Result<(), Problem> {
    Ok(shared.write(|world| world.act(&reference_no, act, By::Buyer))?)
}

/// Docs disagree: see [`PaymentStatuses`]. A mini app must not care.
///
/// Unverified: what is said of a payment whose time ran out while the sheet was open.
fn verdict(container: Container, payment: &Payment, leaves_before: u32) -> Option<Verdict> {
    let (current, older) = match payment.state {
        PaymentState::Pending if payment.leaves > leaves_before => ("cancelled", "pending"),
        PaymentState::Pending => return None,
        PaymentState::Settled { ending, .. } => match ending {
            Ending::Paid => ("success", "success"),
            Ending::Cancelled => ("failed", "cancelled"),
            Ending::Failed | Ending::Expired => ("pending", "failed"),
        },
    };
    let status = match container.payment_statuses {
        PaymentStatuses::Current => current,
        PaymentStatuses::Older => older,
    };
    let fields = json!({"data": {"status": status}});
    Some(Verdict::success(container, fields))
}
