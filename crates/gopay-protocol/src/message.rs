//! The bodies, one module per API.
//!
//! Requests are written in one way and read in the documented ones. Answers are read field by
//! field: one that is missing, empty or of another JSON type is absent and hides no other. What
//! an absent field means is the caller's to decide.

pub mod access_token;
pub mod authorization;
pub mod cancel;
mod lenient;
pub mod notify;
pub mod payment;
pub mod profile;
pub mod refund;
pub mod status;

use crate::{ResponseCode, ServiceCode};
use serde::{Deserialize, Serialize};

/// An answer that carries nothing but its code: every failure, and GoPay's receipt for a
/// notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// HTTP status, service and case.
    pub response_code: ResponseCode,
    /// For people.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub response_message: String,
}

impl Outcome {
    /// Puts an answer together.
    pub fn new(http: u16, service: ServiceCode, case: u8, message: &str) -> Self {
        Self {
            response_code: ResponseCode::new(http, service, case),
            response_message: message.to_owned(),
        }
    }
}
