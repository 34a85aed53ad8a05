//! `POST /v1.0/debit/status`, service 55 `[get-transaction-status-api]`; by the switch `status_method` a `GET`.

use super::{
    error::ApiError,
    field::{Fields, Original},
    signed_request::{SignedRequest, fields_of, verify},
    unknown,
};
use crate::{
    app_state::AppState,
    checkout::StatusExternalId,
    gopay_state::GoPayState,
    host::Host,
    ledger::Event,
    notification::user_payment_details,
    payments::{Payment, PaymentOutcome, PaymentState},
    refunds::{RefundBehaviour, history},
};
use axum::{
    Extension, Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::{IntoResponse, Response},
};
use gopay_protocol::{LatestTransactionStatus, ResponseCode, ServiceCode, timestamp::format_wib};
use serde_json::{Value, json};
use std::sync::Arc;

const SERVICE: ServiceCode = ServiceCode::Status;

pub(crate) async fn inquire(
    State(state): State<Arc<AppState>>,
    Extension(host): Extension<Host>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if state.read(|gopay| method != gopay.checkout.status_method.name()) {
        return unknown::refuse(State(state), Extension(host), uri, method).await;
    }
    state.write(|gopay| {
        let result = verify(&state, gopay, host, SERVICE, &uri, &headers, &body)
            .and_then(|request| process(gopay, &request));
        let fields = fields_of(method.as_str(), &uri, &body).unwrap_or_default();
        gopay.record(event(&fields, &result));
        match result {
            Ok(answer) => Json(answer).into_response(),
            Err(error) => error.into_response(),
        }
    })
}

fn process(gopay: &GoPayState, request: &SignedRequest<'_>) -> Result<Value, ApiError> {
    let fields = Fields {
        service: SERVICE,
        object: &request.body,
    };
    let original = fields.original()?;
    if fields.text("serviceCode")? != ServiceCode::Payment.digits().to_string() {
        let says = "serviceCode is \"54\": the payment's service, not the inquiry's";
        return Err(ApiError::field(SERVICE, "serviceCode", says));
    }
    let form = gopay.checkout.status_external_id;
    Ok(match original.find(&gopay.payments, request.caller) {
        Some(payment) => found(payment, gopay.refund_behaviour, form),
        None => not_found(original, form),
    })
}

fn found(payment: &Payment, refunds: RefundBehaviour, form: StatusExternalId) -> Value {
    let mut answer = json!({
        "responseCode": ResponseCode::new(200, SERVICE, 0),
        "responseMessage": "Success",
        "originalPartnerReferenceNo": payment.partner_reference_no,
        "originalExternalId": form.write(&payment.external_id),
        "originalReferenceNo": payment.reference_no,
        "serviceCode": "54",
        "latestTransactionStatus": payment.status_shown(refunds.status),
        "transAmount": payment.amount,
        "refundHistory": history(&payment.refunds, refunds.spelling),
        "additionalInfo": {
            "fraudStatus": "accept",
            "validUpTo": payment.valid_up_to,
        },
    });
    if let PaymentState::Settled {
        outcome: PaymentOutcome::Paid,
        at,
    } = payment.state
    {
        answer["paidTime"] = json!(format_wib(at));
        answer["additionalInfo"]["userPaymentDetails"] = user_payment_details(payment);
    }
    answer
}

/// Unverified: the other fields of a "not found". The documents have a status for it and no HTTP
/// 404.
fn not_found(original: Original<'_>, form: StatusExternalId) -> Value {
    let mut answer = json!({
        "responseCode": ResponseCode::new(200, SERVICE, 0),
        "responseMessage": "Success",
        "originalReferenceNo": original.reference_no.unwrap_or_default(),
        "serviceCode": "54",
        "latestTransactionStatus": LatestTransactionStatus::NotFound,
    });
    if let Some(external_id) = original.external_id {
        answer["originalExternalId"] = json!(form.write(external_id));
    }
    answer
}

fn event(fields: &Value, result: &Result<Value, ApiError>) -> Event {
    let text_of = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
    let (outcome, message) = match result {
        Ok(_) => (ResponseCode::new(200, SERVICE, 0), "Success".to_owned()),
        Err(error) => (error.code, error.message.clone()),
    };
    Event::StatusRequested {
        reference_no: text_of(fields, "originalReferenceNo"),
        external_id: text_of(fields, "originalExternalId"),
        outcome,
        message,
        latest_transaction_status: result
            .as_ref()
            .ok()
            .and_then(|answer| text_of(answer, "latestTransactionStatus")),
    }
}
