//! The error responses of BI-SNAP.

use super::rule::{Rule, page_of};
use axum::{
    Extension, Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use gopay_protocol::{ResponseCode, ServiceCode, message::Outcome};

/// A documented error; `message` names the field or header, if any.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) code: ResponseCode,
    pub(crate) message: String,
    pub(crate) rule: Option<Rule>,
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
            rule: None,
        }
    }

    /// The rule is of the call's own page.
    pub(crate) fn because(self, says: impl Into<String>) -> Self {
        let page = page_of(self.code.service);
        Self {
            rule: Some(Rule::new(says, page)),
            ..self
        }
    }

    /// The rule is of another page.
    pub(crate) fn on_page(self, page: &str) -> Self {
        Self {
            rule: self.rule.map(|rule| rule.on_page(page)),
            ..self
        }
    }

    /// 400xx02. The name is GoPay's to say; the rule is not.
    pub(crate) fn field(service: ServiceCode, name: &str, says: impl Into<String>) -> Self {
        Self::new(400, service, 2, format!("Invalid Mandatory Field {name}")).because(says)
    }

    /// 404xx01.
    pub(crate) fn not_found(service: ServiceCode) -> Self {
        let says = "the id is of a payment that BI-SNAP has made on this host; originalReferenceNo goes before \
                    originalExternalId";
        Self::new(404, service, 1, "Transaction Not Found").because(says)
    }

    /// 409xx00: one `X-EXTERNAL-ID` with two bodies.
    pub(crate) fn conflict(service: ServiceCode) -> Self {
        let says = "an X-EXTERNAL-ID is of one request for 24 hours; the same one is sent with the same body";
        Self::new(409, service, 0, "Conflict. X-EXTERNAL-ID")
            .because(says)
            .on_page("core-api-snap-open-api-overview")
    }

    /// 401xx00.
    pub(crate) fn unauthorized(service: ServiceCode, what: &str, says: impl Into<String>) -> Self {
        Self::new(401, service, 0, format!("Unauthorized. {what}")).because(says)
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
        (status, self.rule.map(Extension), Json(outcome)).into_response()
    }
}
