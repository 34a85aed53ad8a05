//! Why a call to the container has no result.

use std::fmt;

/// Why a call to the container has no result.
///
/// Holds no part of a successful answer, so no auth code. Text of the container
/// ([`Error::Threw`], [`Error::Refused`]) is cut to 200 characters, without control characters and
/// without those that change the direction of text. It is for developers; show it as text only.
///
/// After [`launch_payment`](crate::payment::launch_payment), *no* variant means "not paid".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The SDK is loaded and the page is open in an ordinary browser (bridge code 1003).
    #[error("the page is not open inside GoPay")]
    NotInGoPay,
    /// `window.gpContainer.call` did not appear in time: the SDK's script is blocked, failed, or
    /// is not in the page.
    #[error("GoPay's container SDK is not loaded: window.gpContainer.call did not appear")]
    NotLoaded,
    /// `gpContainer.call` itself threw.
    #[error("gpContainer.call threw")]
    Threw {
        /// The exception's message; empty where it had none.
        message: String,
    },
    /// This GoPay does not know the method (bridge code 100).
    #[error("this version of GoPay does not support the method")]
    Unsupported,
    /// GoPay has not granted this mini app the method (bridge code 300).
    #[error("GoPay has not granted this mini app the method")]
    Permission,
    /// The buyer has refused the consent that the method needs, or was not asked yet (bridge code
    /// 300 of such a method): see [`get_consent`](crate::consent::get_consent).
    #[error("the buyer has not agreed to the method")]
    NoConsent,
    /// GoPay reports slow or no internet (bridge code 401).
    #[error("GoPay has no network")]
    Offline,
    /// No answer in time. The call may still take effect; its late answer is ignored.
    #[error("the container did not answer in time")]
    TimedOut,
    /// The answer does not have the expected form.
    #[error("the container's answer is unreadable: {what}")]
    Unreadable {
        /// What was wrong with it; never a piece of it.
        what: &'static str,
    },
    /// A refusal for any other reason.
    #[error("the container refused (code {})", code.as_ref().map_or("none", BridgeCode::as_str))]
    Refused {
        /// `None` where the bridge left it empty, as samples of the documentation do.
        code: Option<BridgeCode>,
        /// The bridge's category, documented only as `JS_BRIDGE_ERROR`.
        kind: Option<String>,
        /// The bridge's message for developers; often empty.
        message: String,
    },
}

impl Error {
    /// Whether the same call may succeed later without a change to app, GoPay or consent.
    ///
    /// After [`Error::TimedOut`] the first call may have taken effect: repeat only what may happen
    /// twice.
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::NotLoaded | Self::Offline | Self::TimedOut)
    }
}

/// The code of a refusal, as the bridge wrote it.
///
/// ```
/// use gopay_container::{BridgeCode, BridgeCodeKind};
///
/// let code = BridgeCode::from("203");
/// assert_eq!(code.kind(), BridgeCodeKind::MiniAppNotRegistered);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BridgeCode(String);

impl BridgeCode {
    /// The code itself, such as `203`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the documentation says of the code.
    pub fn kind(&self) -> BridgeCodeKind {
        match self.as_str() {
            "105" => BridgeCodeKind::UserNotFound,
            "200" => BridgeCodeKind::IncompleteParameter,
            "201" => BridgeCodeKind::InvalidType,
            "202" => BridgeCodeKind::InvalidParameter,
            "203" => BridgeCodeKind::MiniAppNotRegistered,
            "303" => BridgeCodeKind::MalformedAuthorization,
            "400" => BridgeCodeKind::DeviceNotSupported,
            "500" => BridgeCodeKind::SuperApp,
            "900" => BridgeCodeKind::UnableToProcess,
            "GP_PARAM_ERR" => BridgeCodeKind::ParameterError,
            _ => BridgeCodeKind::Unknown,
        }
    }
}

impl From<String> for BridgeCode {
    fn from(code: String) -> Self {
        Self(code)
    }
}

impl From<&str> for BridgeCode {
    fn from(code: &str) -> Self {
        Self(code.to_owned())
    }
}

impl fmt::Display for BridgeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The documented codes of refusals, without those that are an [`Error`] of their own.
/// <https://docs.midtrans.com/reference/frontend-v2>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BridgeCodeKind {
    /// 105, of consents: "User not found".
    UserNotFound,
    /// 200: "Incomplete parameter error".
    IncompleteParameter,
    /// 201: "Invalid type error".
    InvalidType,
    /// 202: "Parameter data error".
    InvalidParameter,
    /// 203: "Miniapp not registered".
    MiniAppNotRegistered,
    /// 303, of consents: "Malformed Authorization".
    MalformedAuthorization,
    /// 400: "Device not supported".
    DeviceNotSupported,
    /// 500: "Superapp error".
    SuperApp,
    /// 900, of consents: "Unable to process".
    UnableToProcess,
    /// `GP_PARAM_ERR`, in one sample.
    ParameterError,
    /// A code that no page documents.
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_documented_code_has_a_kind_or_an_error_of_its_own() {
        let bridge: Value = serde_json::from_str(include_str!("../contract/bridge.json")).unwrap();
        for table in ["codes", "consent_codes"] {
            for code in bridge[table]["names"].as_object().unwrap().keys() {
                let has_kind = BridgeCode::from(code.as_str()).kind() != BridgeCodeKind::Unknown;
                let is_error = matches!(code.as_str(), "100" | "300" | "401");
                assert!(has_kind != is_error, "{code}");
            }
        }
    }
}
