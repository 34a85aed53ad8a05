//! The error responses of BI-SNAP.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use gopay_protocol::{ResponseCode, ServiceCode, message::Outcome};

/// A documented error; `message` names the field or header, if any.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) code: ResponseCode,
    pub(crate) message: String,
}

impl ApiError {
    pub(crate) fn new(
        http: u16,
        service: ServiceCode,
        case: u8,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code: ResponseCode::new(http, service, case),
            message: message.into(),
        }
    }

    /// 400xx02.
    pub(crate) fn field(service: ServiceCode, name: &str) -> Self {
        Self::new(400, service, 2, format!("Invalid Mandatory Field {name}"))
    }

    /// 401xx00.
    pub(crate) fn unauthorized(service: ServiceCode, what: &str) -> Self {
        Self::new(401, service, 0, format!("Unauthorized. {what}"))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.code.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let outcome = Outcome {
            response_code: self.code,
            response_message: self.message,
        };
        (status, Json(outcome)).into_response()
    }
}
