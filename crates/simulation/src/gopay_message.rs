//! A request to GoPay, and its response.

use gopay_protocol::ServiceCode;
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) token: String,
    pub(crate) external_id: String,
    /// Of the mini-app API.
    pub(crate) request_id: String,
    pub(crate) body: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Response {
    pub(crate) fn of(status: u16, service: u8, case: u8) -> Self {
        Self {
            status,
            body: json!({
                "responseCode": format!("{status}{service:02}{case:02}"),
                "responseMessage": "",
            }),
        }
    }

    pub(crate) fn success(service: ServiceCode, mut fields: Value) -> Self {
        let mut response = Self::of(200, digits(service), 0);
        if let (Some(body), Some(fields)) = (response.body.as_object_mut(), fields.as_object_mut())
        {
            body.append(fields);
        }
        response
    }
}

fn digits(service: ServiceCode) -> u8 {
    service.digits().to_string().parse().unwrap_or_default()
}
