//! Answers that are nothing but a code.

use crate::{
    api::refusal::Refusal,
    faults::{Call, Fault, Harm},
};
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// The code of a fault, as its API writes one.
///
/// Unverified: of the mini-app API every HTTP status, and that it throttles at all.
pub(super) fn answer(fault: &Fault) -> Response {
    let (http, usual) = match fault.r#do {
        Harm::RepeatRefused => (409, 0),
        other => other.code().unwrap_or((500, 0)),
    };
    let case = fault.case.unwrap_or(usual);
    let mut response = match fault.on.service() {
        Some(service) => Refusal::new(http, service, case, message(fault.r#do)).into_response(),
        None if fault.r#do == Harm::NotFound404 => {
            mini_app(http, &json!({"description": "AuthCode Not Found"}))
        }
        None => generic(http),
    };
    if let Some(seconds) = fault.retry_after {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// GoPay is out of order, and did nothing.
///
/// Unverified: the HTTP status of the mini-app API, which documents only that 5xx may be
/// retried. The token API has 500 where the others have 504.
pub(super) fn down(call: Call) -> Response {
    match call.service() {
        Some(service) => {
            let http = if call == Call::Token { 500 } else { 504 };
            Refusal::new(http, service, 0, "Timeout").into_response()
        }
        None => generic(503),
    }
}

fn generic(http: u16) -> Response {
    let error = json!({"code": "900", "description": "GENERIC_SERVICE_ERROR"});
    mini_app(http, &error)
}

fn mini_app(http: u16, error: &serde_json::Value) -> Response {
    let status = StatusCode::from_u16(http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(json!({"success": false, "error": error}))).into_response()
}

/// Unverified: the words; merchants are told to go by the code.
fn message(harm: Harm) -> &'static str {
    match harm {
        Harm::Pending202 => "Request In Progress",
        Harm::TokenInvalid => "Invalid Token (B2B)",
        Harm::SignatureInvalid => "Unauthorized. Signature",
        Harm::Forbidden => "Transaction Not Permitted",
        Harm::NotFound404 => "Transaction Not Found",
        Harm::Inconsistent404 => "Inconsistent Request",
        Harm::NotAllowed405 => "Requested Operation Is Not Allowed",
        Harm::Conflict409 | Harm::RepeatRefused => "Conflict",
        Harm::Throttle429 => "Too Many Requests",
        Harm::Timeout504 => "Timeout",
        _ => "Internal Server Error",
    }
}
