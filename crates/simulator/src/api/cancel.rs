//! `POST /v1.0/debit/cancel`, service 57 `[cancel-api]`.

use super::{
    error::ApiError,
    field::Fields,
    signed_request::{SignedRequest, verify},
};
use crate::{
    app_state::AppState,
    faults::Endpoint,
    gopay_state::GoPayState,
    host::Host,
    idempotency::Lookup,
    ledger::{Actor, Event},
    payments::PaymentAction,
};
use axum::{
    Extension, Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use gopay_protocol::{ResponseCode, ServiceCode, timestamp::format_wib};
use serde_json::{Value, json};
use std::sync::Arc;

const SERVICE: ServiceCode = ServiceCode::Cancel;

pub(crate) async fn cancel(
    State(state): State<Arc<AppState>>,
    Extension(host): Extension<Host>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    state.write(|gopay| {
        let result = verify(&state, gopay, host, SERVICE, &uri, &headers, &body)
            .and_then(|request| process(gopay, &request));
        gopay.record(event(&body, &result));
        match result {
            Ok((answer, _)) => Json(answer).into_response(),
            Err(error) => error.into_response(),
        }
    })
}

/// Returns the response body, and whether it is a repetition.
///
/// Docs disagree: `originalPartnerReferenceNo` is mandatory in the table, and the libraries leave
/// it out. It may be missing, but for `requests: literal`; a wrong one is refused.
///
/// Docs disagree: seven digits or eight, see [`ResponseCodes`](crate::checkout::ResponseCodes).
///
/// Unverified: 4045701 for an unknown payment, by analogy with `[refund-api]`.
fn process(gopay: &mut GoPayState, request: &SignedRequest<'_>) -> Result<(Value, bool), ApiError> {
    let now = gopay.now();
    let fields = Fields {
        service: SERVICE,
        object: &request.body,
    };
    let original = fields.original()?;
    let partner_reference_no = fields.optional_text("originalPartnerReferenceNo")?;
    match gopay.idempotency.of(request.caller).lookup(
        Endpoint::Cancel,
        request.external_id,
        &request.body,
        now,
    ) {
        Lookup::Hit(answer) => return Ok((answer, true)),
        Lookup::Conflict => return Err(ApiError::conflict(SERVICE)),
        Lookup::Miss => {}
    }
    let payment = original
        .find(&gopay.payments, request.caller)
        .ok_or_else(|| ApiError::not_found(SERVICE))?;
    if partner_reference_no.is_some_and(|given| given != payment.partner_reference_no) {
        let says = "originalPartnerReferenceNo is the partnerReferenceNo of the payment";
        return Err(ApiError::field(SERVICE, "originalPartnerReferenceNo", says));
    }
    let reference_no = payment.reference_no.clone();
    gopay
        .act(&reference_no, PaymentAction::Cancel, Actor::Merchant)
        .map_err(|why| {
            let message = format!("Transaction Not Permitted.[{why}]");
            ApiError::new(403, SERVICE, 15, message).because("only a pending payment is cancelled")
        })?;
    let answer = json!({
        "responseCode": gopay.checkout.response_codes.success(SERVICE),
        "responseMessage": "Success",
        "originalReferenceNo": reference_no,
        "cancelTime": format_wib(now),
    });
    gopay.idempotency.of(request.caller).insert(
        Endpoint::Cancel,
        request.external_id,
        &request.body,
        &answer,
        now,
    );
    Ok((answer, false))
}

fn event(body: &[u8], result: &Result<(Value, bool), ApiError>) -> Event {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text_of = |value: &Value| {
        let text = value.get("originalReferenceNo")?.as_str()?;
        Some(text.to_owned())
    };
    let (outcome, message) = match result {
        Ok(_) => (ResponseCode::new(200, SERVICE, 0), "Success".to_owned()),
        Err(error) => (error.code, error.message.clone()),
    };
    Event::CancelRequested {
        reference_no: match result {
            Ok((answer, _)) => text_of(answer),
            Err(_) => text_of(&body),
        },
        outcome,
        message,
        repeated: matches!(result, Ok((_, true))),
    }
}
