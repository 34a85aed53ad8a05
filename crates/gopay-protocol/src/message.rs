//! The bodies, one module per API.
//!
//! Requests are written in one way and read in the documented ones; answers are read
//! leniently, because GoPay may add fields at any time, and hold `Option`s wherever a
//! document or a sample leaves a field out. What an `Option` means is the caller's to decide.

pub mod access_token;
pub mod authorization;
pub mod cancel;
pub mod notify;
pub mod payment;
pub mod profile;
pub mod refund;
pub mod status;

use crate::{ResponseCode, ServiceCode};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};

/// Reads a part that must not make the whole unreadable: what it is not able to read, `null`
/// included, is as if it were not there.
fn lenient<'de, D: Deserializer<'de>, T: Default + DeserializeOwned>(
    deserializer: D,
) -> Result<T, D::Error> {
    let part = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(part).unwrap_or_default())
}

/// An answer that carries nothing but its code: every failure, and GoPay's receipt for a
/// notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// HTTP status, service and case.
    pub response_code: ResponseCode,
    /// For people.
    #[serde(default)]
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
