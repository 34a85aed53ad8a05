//! The bodies, one module per API.
//!
//! Requests are written in one form and read in the documented ones. Answers are read field by
//! field: a field that is missing, empty or of another JSON type is `None` and hides no other. The
//! caller decides what an absent field means.

pub mod access_token;
pub mod authorization;
pub mod cancel;
pub mod core_api;
mod envelope;
pub mod fraud_status;
pub mod gems;
pub mod gopay_later;
pub mod http_notification;
mod lenient;
pub mod notify;
pub mod payment;
pub mod profile;
pub mod push;
pub mod refund;
pub mod reminder;
pub mod rewards;
pub mod snap;
pub mod status;
mod template;

pub use envelope::{Envelope, Refusal};
pub use template::Template;

use crate::{ResponseCode, ServiceCode};
use serde::{Deserialize, Serialize};

/// An answer that carries only its code: every failure, and the receipt for a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// HTTP status, service and case.
    pub response_code: ResponseCode,
    /// For developers.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub response_message: String,
}

impl Outcome {
    /// An answer of its parts.
    pub fn new(http: u16, service: ServiceCode, case: u8, message: &str) -> Self {
        Self {
            response_code: ResponseCode::new(http, service, case),
            response_message: message.to_owned(),
        }
    }
}
