//! `POST /v1.0/debit/cancel`, service 57 `[cancel-api]`.

use super::{
    field::Fields,
    refusal::Refusal,
    signed::{Signed, verify},
};
use crate::{
    answers::Before,
    ledger::{By, Event},
    payments::Act,
    shared::Shared,
    world::World,
};
use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Uri},
    response::{IntoResponse, Response},
};
use gopay_protocol::{ResponseCode, ServiceCode, timestamp::format_wib};
use serde_json::{Value, json};
use std::sync::Arc;

const SERVICE: ServiceCode = ServiceCode::Cancel;

/// Takes back a payment that nobody has made.
pub(crate) async fn cancel(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    shared.write(|world| {
        let result = verify(&shared, world, SERVICE, &uri, &headers, &body)
            .and_then(|signed| take_back(world, &signed));
        world.record(event(&body, &result));
        match result {
            Ok((answer, _)) => Json(answer).into_response(),
            Err(refusal) => refusal.into_response(),
        }
    })
}

/// The answer, and whether it was given before.
///
/// Docs disagree: `originalPartnerReferenceNo` is mandatory in the table and left out by the
/// libraries. It may be missing; where it is there it has to be right.
///
/// Docs disagree: seven digits in the table, eight (`20057000`) in the sample. Seven.
///
/// Unverified: 4045701 for an unknown payment, by analogy with `[refund-api]`.
fn take_back(world: &mut World, signed: &Signed<'_>) -> Result<(Value, bool), Refusal> {
    let now = world.now();
    let fields = Fields {
        service: SERVICE,
        object: &signed.body,
    };
    let original = fields.original()?;
    let partner_reference_no = fields.optional_text("originalPartnerReferenceNo")?;
    match world
        .answers
        .find(SERVICE, signed.external_id, &signed.body, now)
    {
        Before::Answered(answer) => return Ok((answer, true)),
        Before::Conflict => return Err(Refusal::new(409, SERVICE, 0, "Conflict. X-EXTERNAL-ID")),
        Before::Never => {}
    }
    let payment = original
        .find(&world.payments)
        .ok_or_else(|| Refusal::new(404, SERVICE, 1, "Transaction Not Found"))?;
    if partner_reference_no.is_some_and(|given| given != payment.partner_reference_no) {
        return Err(Refusal::field(SERVICE, "originalPartnerReferenceNo"));
    }
    let reference_no = payment.reference_no.clone();
    world
        .act(&reference_no, Act::Cancel, By::Merchant)
        .map_err(|why| {
            let message = format!("Transaction Not Permitted.[{why}]");
            Refusal::new(403, SERVICE, 15, message)
        })?;
    let answer = json!({
        "responseCode": ResponseCode::new(200, SERVICE, 0),
        "responseMessage": "Success",
        "originalReferenceNo": reference_no,
        "cancelTime": format_wib(now),
    });
    world.answers.remember(
        SERVICE,
        signed.external_id,
        &signed.body,
        answer.clone(),
        now,
    );
    Ok((answer, false))
}

fn event(body: &[u8], result: &Result<(Value, bool), Refusal>) -> Event {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text_of = |value: &Value| {
        let text = value.get("originalReferenceNo")?.as_str()?;
        Some(text.to_owned())
    };
    let (outcome, message) = match result {
        Ok(_) => (ResponseCode::new(200, SERVICE, 0), "Success".to_owned()),
        Err(refusal) => (refusal.code, refusal.message.clone()),
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
