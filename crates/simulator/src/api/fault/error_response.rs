//! Error responses of faults and scenarios.

use crate::{
    api::{
        core_api::CoreApiError, error::ApiError, mini_app_request::MiniAppError, snap::SnapError,
    },
    faults::{Api, Endpoint, Fault, FaultKind},
    id::Ids,
};
use axum::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use gopay_protocol::MiniAppErrorCode;
use serde_json::Value;

/// The sentence of `[miniapp-x-snap-checkout-payment]`.
const SNAP_TROUBLE: &str = "Sorry, we encountered internal server error. We will fix this soon.";

/// Unverified: the words.
const CORE_API_TROUBLE: &str =
    "Sorry. Our system is recovering from unexpected issues. Please retry.";

/// The response code of a fault, in the form of its API.
///
/// Unverified: every HTTP status of the mini-app API, and that it throttles at all.
pub(super) fn for_fault(fault: &Fault, ids: &Ids) -> Response {
    let (http, usual) = match fault.kind {
        FaultKind::RepeatRefused => (409, 0),
        other => other.response_code().unwrap_or((500, 0)),
    };
    let case = fault.case.unwrap_or(usual);
    let mut response = match fault.on.api() {
        Api::BiSnap(service) => {
            ApiError::new(http, service, case, message(fault.kind)).into_response()
        }
        Api::Snap if http == 401 => SnapError::unauthorized("a fault").into_response(),
        Api::Snap => SnapError::new(http, SNAP_TROUBLE).into_response(),
        Api::Core => core_api(fault, http, ids),
        Api::MiniApp if fault.kind == FaultKind::NotFound404 => {
            MiniAppError::described(StatusCode::NOT_FOUND, "AuthCode Not Found").into_response()
        }
        Api::MiniApp if fault.kind == FaultKind::ErrorCode => {
            let code = fault.value.as_ref().and_then(Value::as_str);
            let code = MiniAppErrorCode::from_code(code.unwrap_or("900"));
            MiniAppError::from(code).into_response()
        }
        Api::MiniApp => generic(http),
    };
    if let Some(seconds) = fault.retry_after {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The response while GoPay is down.
///
/// Unverified: the HTTP status of the mini-app API, which documents only that 5xx may be
/// retried. The token API has 500 where the others have 504.
pub(super) fn unavailable(endpoint: Endpoint) -> Response {
    match endpoint.api() {
        Api::BiSnap(service) => {
            let http = if endpoint == Endpoint::Token {
                500
            } else {
                504
            };
            ApiError::new(http, service, 0, "Timeout").into_response()
        }
        Api::Snap => SnapError::new(503, SNAP_TROUBLE).into_response(),
        Api::Core => CoreApiError::new(503, CORE_API_TROUBLE).into_response(),
        Api::MiniApp => generic(503),
    }
}

fn core_api(fault: &Fault, http: u16, ids: &Ids) -> Response {
    let error = match fault.kind {
        FaultKind::NotFound404 => CoreApiError::not_found(ids),
        FaultKind::SignatureInvalid => CoreApiError::unauthorized("a fault"),
        FaultKind::ErrorCode => {
            let code = fault.value.as_ref().and_then(Value::as_str);
            let code = code.and_then(|code| code.parse().ok()).unwrap_or(500);
            CoreApiError::new(code, "a fault")
        }
        _ => CoreApiError::new(http, CORE_API_TROUBLE),
    };
    error.into_response()
}

fn generic(http: u16) -> Response {
    let status = StatusCode::from_u16(http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    MiniAppError::new(status, MiniAppErrorCode::GenericServiceError).into_response()
}

/// Unverified: the words; merchants must rely on the code.
fn message(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::Pending202 => "Request In Progress",
        FaultKind::TokenInvalid => "Invalid Token (B2B)",
        FaultKind::SignatureInvalid => "Unauthorized. Signature",
        FaultKind::Forbidden => "Transaction Not Permitted",
        FaultKind::Expired403 => "Transaction Expired",
        FaultKind::NotFound404 => "Transaction Not Found",
        FaultKind::Inconsistent404 => "Inconsistent Request",
        FaultKind::NotAllowed405 => "Requested Operation Is Not Allowed",
        FaultKind::Conflict409 | FaultKind::RepeatRefused => "Conflict",
        FaultKind::Throttle429 => "Too Many Requests",
        FaultKind::Timeout504 => "Timeout",
        _ => "Internal Server Error",
    }
}
