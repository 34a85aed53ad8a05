//! `POST /v1.0/debit/refund`, service 58 `[refund-api]`.

use super::{
    field::Fields,
    refusal::Refusal,
    signed::{Signed, text, verify},
};
use crate::{
    answers::Before,
    id,
    ledger::{By, Event},
    payments::RefundError,
    refunds::Refund,
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
use gopay_protocol::{
    Amount, ResponseCode, ServiceCode, header, message::refund::MAX_PARTNER_REFUND_NO_LEN,
    timestamp::format_wib,
};
use serde_json::{Value, json};
use std::sync::Arc;

const SERVICE: ServiceCode = ServiceCode::Refund;

/// The longest `reason`.
const MAX_REASON: usize = 256;

/// Gives a payment back.
pub(crate) async fn refund(
    State(shared): State<Arc<Shared>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    shared.write(|world| {
        let result = verify(&shared, world, SERVICE, &uri, &headers, &body)
            .and_then(|signed| give_back(world, &signed));
        world.record(event(&headers, &body, &result));
        match result {
            Ok((answer, _)) => Json(answer).into_response(),
            Err(refusal) => refusal.into_response(),
        }
    })
}

/// The answer, and whether it was given before.
///
/// Docs disagree: seven digits in the table, eight (`20058000`) in the sample. Seven.
///
/// Docs disagree: `partnerRefundNo` is mandatory in the table, and made up by GoPay when it is
/// missing. It may be missing.
///
/// Unverified: what a number that was used before is answered. The page recommends it "to avoid
/// double refund attempts": the same refund is answered as before, another is 4045818, which is
/// SNAP's "Inconsistent Request".
fn give_back(world: &mut World, signed: &Signed<'_>) -> Result<(Value, bool), Refusal> {
    let now = world.now();
    let fields = Fields {
        service: SERVICE,
        object: &signed.body,
    };
    let original = fields.original()?;
    let partner_reference_no = fields.text("originalPartnerReferenceNo")?;
    let number = fields.optional_text("partnerRefundNo")?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if number.is_some_and(|number| {
        !(1..=MAX_PARTNER_REFUND_NO_LEN).contains(&number.len()) || !number.bytes().all(allowed)
    }) {
        return Err(Refusal::field(SERVICE, "partnerRefundNo"));
    }
    let amount = match signed.body.get("refundAmount") {
        None | Some(Value::Null) => None,
        Some(_) => Some(rupiah(&fields.amount("refundAmount")?)?),
    };
    let reason = fields.optional_text("reason")?;
    if reason.is_some_and(|reason| reason.chars().count() > MAX_REASON) {
        return Err(Refusal::field(SERVICE, "reason"));
    }
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
    if partner_reference_no != payment.partner_reference_no {
        return Err(Refusal::field(SERVICE, "originalPartnerReferenceNo"));
    }
    let reference_no = payment.reference_no.clone();
    if let Some(number) = number
        && let Some((of, before)) = world.payments.refund_with(number)
    {
        if of.reference_no == reference_no && amount.is_none_or(|it| it == before.rupiah) {
            return Ok((answer(&reference_no, before), true));
        }
        return Err(Refusal::new(404, SERVICE, 18, "Inconsistent Request"));
    }
    let refund_no = id::numeric();
    let number = number.unwrap_or(&refund_no).to_owned();
    let refund = world
        .refund(
            &reference_no,
            amount,
            Some(number),
            reason.map(str::to_owned),
            By::Merchant,
        )
        .map_err(refused)?;
    let answer = answer(&reference_no, &refund);
    world.answers.remember(
        SERVICE,
        signed.external_id,
        &signed.body,
        answer.clone(),
        now,
    );
    Ok((answer, false))
}

fn answer(reference_no: &str, refund: &Refund) -> Value {
    json!({
        "responseCode": ResponseCode::new(200, SERVICE, 0),
        "responseMessage": "Success",
        "originalReferenceNo": reference_no,
        "refundNo": refund.refund_no,
        "partnerRefundNo": refund.partner_refund_no,
        "refundAmount": Amount::idr(refund.rupiah),
        "refundTime": format_wib(refund.at),
    })
}

fn rupiah(amount: &Amount) -> Result<u64, Refusal> {
    amount
        .rupiah()
        .map_err(|_| Refusal::field(SERVICE, "refundAmount"))
}

fn refused(why: RefundError) -> Refusal {
    match why {
        RefundError::Unknown => Refusal::new(404, SERVICE, 1, "Transaction Not Found"),
        RefundError::NotPaid(_) => {
            let message = format!("Transaction Not Permitted.[{why}]");
            Refusal::new(403, SERVICE, 15, message)
        }
        RefundError::TooMuch { .. } => {
            Refusal::new(403, SERVICE, 2, "Exceeds Transaction Amount Limit")
        }
    }
}

fn event(headers: &HeaderMap, body: &[u8], result: &Result<(Value, bool), Refusal>) -> Event {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text_of = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
    let (outcome, message) = match result {
        Ok(_) => (ResponseCode::new(200, SERVICE, 0), "Success".to_owned()),
        Err(refusal) => (refusal.code, refusal.message.clone()),
    };
    Event::RefundRequested {
        external_id: text(headers, header::EXTERNAL_ID)
            .unwrap_or_default()
            .to_owned(),
        reference_no: text_of(&body, "originalReferenceNo"),
        partner_refund_no: text_of(&body, "partnerRefundNo"),
        amount: body
            .get("refundAmount")
            .and_then(|amount| text_of(amount, "value")),
        outcome,
        message,
        repeated: matches!(result, Ok((_, true))),
    }
}
