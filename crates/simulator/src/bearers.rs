//! B2B access tokens that are still good. Pure.

use gopay_protocol::message::access_token::LIFETIME;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

/// Tokens, and until when each is good.
#[derive(Default)]
pub(crate) struct Bearers(HashMap<String, Timestamp>);

impl Bearers {
    pub(crate) fn add(&mut self, token: String, now: Timestamp) {
        self.0.retain(|_, until| *until > now);
        let lifetime = SignedDuration::from_secs(LIFETIME.cast_signed());
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
