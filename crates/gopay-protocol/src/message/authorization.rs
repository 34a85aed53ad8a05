//! `POST /v1/mini-apps/authorizations/token` of the mini-app API: an auth code for an
//! `auth_token` `[seamless-login-v2]`.
//!
//! Token and account stay on the server: `auth_token` never expires, and `gopay_account_id` is
//! known to every mini app and proves nothing.
//!
//! The `Request-Id` is optional and the idempotency key. Unverified: a repetition under the same id
//! is no second use of the code.

use super::{envelope::Envelope, lenient};
use crate::Secret;
use serde::{Deserialize, Serialize};

/// Path of the API, on the mini-app host.
pub const PATH: &str = "/v1/mini-apps/authorizations/token";

/// Docs disagree: 6 minutes `[seamless-login-v2]`, 5 on older pages. GoPay's side keeps a
/// code for six; the merchant spends it at once.
pub const AUTH_CODE_LIFETIME_SECONDS: i64 = 360;

/// The request of the exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// From `GPMiniAppAuth.getAuthCode`.
    pub auth_code: Secret,
}

/// GoPay's answer.
pub type Response = Envelope<Grant>;

/// Who the buyer is, and the right to act for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// For the `Authorization: Bearer` of the other mini-app APIs. Does not expire.
    #[serde(deserialize_with = "lenient::secret")]
    pub auth_token: Secret,
    /// Stable id of the buyer. Not for display, not a credential.
    #[serde(deserialize_with = "lenient::secret")]
    pub gopay_account_id: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_samples_of_the_login_page_are_read() {
        let granted: Response = serde_json::from_str(include_str!(
            "../../tests/fixtures/authorization-granted.json"
        ))
        .unwrap();
        assert!(granted.success && granted.data.is_some());
        let refused: Response = serde_json::from_str(include_str!(
            "../../tests/fixtures/authorization-refused.json"
        ))
        .unwrap();
        assert!(!refused.success && refused.data.is_none());
        assert_eq!(
            refused.error.unwrap().description.as_deref(),
            Some("AuthCode Not Found")
        );
    }

    #[test]
    fn debug_shows_neither_code_nor_token_nor_account() {
        let request = Request {
            auth_code: Secret::new("abc123"),
        };
        let grant = Grant {
            auth_token: Secret::new("abc123"),
            gopay_account_id: Secret::new("abc123"),
        };
        assert!(!format!("{request:?}{grant:?}").contains("abc123"));
    }
}
