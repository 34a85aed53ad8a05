//! Valid tokens: the merchants' for BI-SNAP, and their buyers'. Pure.

use crate::{caller::MerchantNo, mini_apps::MiniAppUser};
use gopay_protocol::message::access_token::LIFETIME_SECONDS;
use jiff::{SignedDuration, Timestamp};
use std::{collections::HashMap, sync::Arc};

/// B2B access tokens, each with its merchant and its expiry.
#[derive(Default)]
pub(crate) struct AccessTokens(HashMap<String, (MerchantNo, Timestamp)>);

impl AccessTokens {
    pub(crate) fn add(&mut self, token: String, merchant: MerchantNo, now: Timestamp) {
        self.0.retain(|_, (_, until)| *until > now);
        let lifetime = SignedDuration::from_secs(LIFETIME_SECONDS.cast_signed());
        self.0.insert(token, (merchant, now + lifetime));
    }

    /// The merchant of a token that has not expired.
    pub(crate) fn merchant(&self, token: &str, now: Timestamp) -> Option<MerchantNo> {
        let (merchant, until) = self.0.get(token)?;
        (*until > now).then_some(*merchant)
    }
}

impl std::fmt::Debug for AccessTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccessTokens({} [redacted])", self.0.len())
    }
}

/// The mini app and the buyer of each `auth_token`; they do not expire `[seamless-login-v2]`.
#[derive(Default)]
pub(crate) struct AuthTokens(HashMap<Arc<str>, Arc<MiniAppUser>>);

impl AuthTokens {
    pub(crate) fn add(&mut self, auth_token: Arc<str>, user: Arc<MiniAppUser>) {
        self.0.insert(auth_token, user);
    }

    pub(crate) fn user(&self, auth_token: &str) -> Option<&MiniAppUser> {
        self.0.get(auth_token).map(Arc::as_ref)
    }
}

impl std::fmt::Debug for AuthTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuthTokens({} [redacted])", self.0.len())
    }
}
