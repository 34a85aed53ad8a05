//! Tokens that are still good: the merchant's for BI-SNAP, and its buyers'. Pure.

use gopay_protocol::message::access_token::LIFETIME_SECONDS;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// B2B access tokens, and until when each is good.
#[derive(Default)]
pub(crate) struct Bearers(HashMap<String, Timestamp>);

impl Bearers {
    pub(crate) fn add(&mut self, token: String, now: Timestamp) {
        self.0.retain(|_, until| *until > now);
        let lifetime = SignedDuration::from_secs(LIFETIME_SECONDS.cast_signed());
        self.0.insert(token, now + lifetime);
    }

    pub(crate) fn knows(&self, token: &str, now: Timestamp) -> bool {
        self.0.get(token).is_some_and(|until| *until > now)
    }
}

impl std::fmt::Debug for Bearers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bearers({} [redacted])", self.0.len())
    }
}

/// Whose each `auth_token` is; they do not expire `[seamless-login-v2]`.
#[derive(Default)]
pub(crate) struct AuthTokens(HashMap<String, String>);

impl AuthTokens {
    pub(crate) fn add(&mut self, auth_token: String, buyer: String) {
        self.0.insert(auth_token, buyer);
    }

    pub(crate) fn buyer(&self, auth_token: &str) -> Option<&str> {
        self.0.get(auth_token).map(String::as_str)
    }
}

impl std::fmt::Debug for AuthTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuthTokens({} [redacted])", self.0.len())
    }
}
