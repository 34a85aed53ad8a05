//! `POST /v1.0/debit/refund`, service 58 `[refund-api]`.

use super::{
    error::ApiError,
    field::Fields,
    headers::header_text,
    signed_request::{SignedRequest, verify},
};
use crate::{
    app_state::AppState,
    checkout::ResponseCodes,
    faults::Endpoint,
    gopay_state::GoPayState,
    host::Host,
    idempotency::Lookup,
    ledger::{Actor, Event},
    payments::RefundError,
    refunds::Refund,
};
use axum::{
    Extension, Json,
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

const MAX_REASON_CHARS: usize = 256;

pub(crate) async fn refund(
    State(state): State<Arc<AppState>>,
    Extension(host): Extension<Host>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    state.write(|gopay| {
        let result = verify(&state, gopay, host, SERVICE, &uri, &headers, &body)
            .and_then(|request| process(gopay, &request));
        gopay.record(event(&headers, &body, &result));
        match result {
            Ok((answer, _)) => Json(answer).into_response(),
            Err(error) => error.into_response(),
        }
    })
}

/// Returns the response body, and whether it is a repetition.
///
/// Docs disagree: seven digits or eight, see [`ResponseCodes`].
///
/// Docs disagree: `partnerRefundNo` is mandatory in the table, and GoPay generates a missing one.
/// It may be missing, but for `requests: literal`.
///
/// Docs disagree: `originalPartnerReferenceNo` is mandatory in the table, and the libraries leave
/// it out. It may be missing, but for `requests: literal`; a wrong one is refused.
///
/// Unverified: the response to a number that was used before. The page recommends it "to avoid
/// double refund attempts": the same refund has the same response, another one 4045818, SNAP's
/// "Inconsistent Request".
fn process(gopay: &mut GoPayState, request: &SignedRequest<'_>) -> Result<(Value, bool), ApiError> {
    let now = gopay.now();
    let codes = gopay.checkout.response_codes;
    let fields = Fields {
        service: SERVICE,
        object: &request.body,
    };
    let original = fields.original()?;
    let partner_reference_no = fields.optional_text("originalPartnerReferenceNo")?;
    let number = fields.optional_text("partnerRefundNo")?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if number.is_some_and(|number| {
        !(1..=MAX_PARTNER_REFUND_NO_LEN).contains(&number.len()) || !number.bytes().all(allowed)
    }) {
        let says = "partnerRefundNo is 1 to 64 letters, digits and -_";
        return Err(ApiError::field(SERVICE, "partnerRefundNo", says));
    }
    let amount = match request.body.get("refundAmount") {
        None | Some(Value::Null) => None,
        Some(_) => Some(rupiah(&fields.amount("refundAmount")?)?),
    };
    let reason = fields.optional_text("reason")?;
    if reason.is_some_and(|reason| reason.chars().count() > MAX_REASON_CHARS) {
        let says = "reason has at most 256 characters";
        return Err(ApiError::field(SERVICE, "reason", says));
    }
    match gopay.idempotency.of(request.caller).lookup(
        Endpoint::Refund,
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
    if let Some(number) = number
        && let Some((of, before)) = gopay
            .payments
            .refund_by_number(request.caller.merchant, number)
    {
        if of.reference_no == reference_no && amount.is_none_or(|it| it == before.rupiah) {
            return Ok((answer(codes, &reference_no, before), true));
        }
        let says = "a partnerRefundNo is of one refund: the same payment, the same amount";
        return Err(ApiError::new(404, SERVICE, 18, "Inconsistent Request").because(says));
    }
    let refund_no = gopay.ids.refund_no();
    let number = number.unwrap_or(&refund_no).to_owned();
    let refund = gopay
        .refund(
            &reference_no,
            amount,
            Some(number),
            reason.map(str::to_owned),
            Actor::Merchant,
        )
        .map_err(api_error)?;
    let answer = answer(codes, &reference_no, &refund);
    gopay.idempotency.of(request.caller).insert(
        Endpoint::Refund,
        request.external_id,
        &request.body,
        &answer,
        now,
    );
    Ok((answer, false))
}

fn answer(codes: ResponseCodes, reference_no: &str, refund: &Refund) -> Value {
    json!({
        "responseCode": codes.success(SERVICE),
        "responseMessage": "Success",
        "originalReferenceNo": reference_no,
        "refundNo": refund.refund_no,
        "partnerRefundNo": refund.partner_refund_no,
        "refundAmount": Amount::idr(refund.rupiah),
        "refundTime": format_wib(refund.at),
    })
}

fn rupiah(amount: &Amount) -> Result<u64, ApiError> {
    amount
        .rupiah()
        .map_err(|_| ApiError::field(SERVICE, "refundAmount", "refundAmount is whole rupiah"))
}

fn api_error(why: RefundError) -> ApiError {
    match why {
        RefundError::Unknown => ApiError::not_found(SERVICE),
        RefundError::NotPaid(_) => {
            let message = format!("Transaction Not Permitted.[{why}]");
            ApiError::new(403, SERVICE, 15, message).because("only a paid payment is refunded")
        }
        RefundError::TooMuch { .. } => {
            ApiError::new(403, SERVICE, 2, "Exceeds Transaction Amount Limit")
                .because("all refunds of a payment are at most its amount")
        }
    }
}

fn event(headers: &HeaderMap, body: &[u8], result: &Result<(Value, bool), ApiError>) -> Event {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text_of = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
    let (outcome, message) = match result {
        Ok(_) => (ResponseCode::new(200, SERVICE, 0), "Success".to_owned()),
        Err(error) => (error.code, error.message.clone()),
    };
    Event::RefundRequested {
        external_id: header_text(headers, header::EXTERNAL_ID)
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
