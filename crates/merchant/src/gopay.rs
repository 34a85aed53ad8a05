//! The merchant's line to GoPay.
//!
//! Invariant: "it failed" and "we do not know" are different values. After a request that
//! moves money has left, a timeout, a 5xx or an unreadable answer is [`Error::Unknown`], and
//! what may follow is the identical request under the identical id, or an inquiry.
//!
//! Not here: what an answer means for an order.

mod access_token;
mod authorization;
mod pace;
mod profile;
mod refund;
mod rest;
mod skew;
mod transaction;
mod wire;

pub use authorization::AuthorizationError;
pub use profile::ProfileError;
pub use transaction::{Cancelled, Made, PaymentIntent};
pub use wire::{Answer, Wire};

use crate::{
    clock::Clock,
    config::{Gopay, MinimumTls},
};
use access_token::AccessTokens;
use gopay_protocol::{Confidential, ResponseCode};
use pace::Pace;
use reqwest::{Client, RequestBuilder, redirect::Policy, tls::Version};
use rest::Rest;
use skew::Skew;
use std::{sync::Arc, time::Duration};
use url::Url;
use uuid::Uuid;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = Duration::from_secs(10);

/// No answer of GoPay's is this long.
const MAX_ANSWER: usize = 256 * 1024;

/// Why a request to GoPay brought no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It never reached GoPay; nothing happened.
    #[error("GoPay cannot be reached")]
    NotSent,
    /// GoPay held it off before anything was done (429): there are too many.
    #[error("GoPay asks for fewer requests")]
    Throttled,
    /// GoPay does not accept who we are: one of these settings is wrong. Nothing happened.
    #[error("GoPay does not accept our credentials: check {0} in the configuration")]
    Credentials(&'static str),
    /// GoPay said no, and this request did nothing. Whether an earlier one under the same id
    /// did is another question.
    #[error("GoPay refused ({0})")]
    Refused(ResponseCode),
    /// GoPay has a request under this id already (409): what became of that one is not said.
    #[error("GoPay knows this request already ({0})")]
    Conflict(ResponseCode),
    /// It may have happened.
    #[error("GoPay's answer says nothing certain: {0}")]
    Unknown(&'static str),
}

/// Speaks for one merchant account.
#[derive(Debug)]
pub struct GoPay {
    /// Puts requests together.
    http: Client,
    wire: Arc<dyn Wire>,
    clock: Clock,
    account: Arc<Gopay>,
    access_tokens: AccessTokens,
    rest: Rest,
    pace: Pace,
    skew: Skew,
}

impl GoPay {
    /// A line that verifies whom it speaks to, follows no redirect and gives up in time.
    pub fn new(account: Arc<Gopay>, clock: Clock) -> Result<Self, reqwest::Error> {
        let builder = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .no_proxy();
        let builder = match &account.proxy_url {
            Some(url) => builder.proxy(url.proxy()?),
            None => builder,
        };
        let minimum_tls = match account.minimum_tls {
            MinimumTls::V1_2 => Version::TLS_1_2,
            MinimumTls::V1_3 => Version::TLS_1_3,
        };
        let http = if account.environment.is_simulator() {
            builder.build()?
        } else {
            builder
                .https_only(true)
                .tls_version_min(minimum_tls)
                .build()?
        };
        Ok(Self::over(Arc::new(http.clone()), http, account, clock))
    }

    /// A line over this wire; `http` only puts the requests together.
    pub fn over(wire: Arc<dyn Wire>, http: Client, account: Arc<Gopay>, clock: Clock) -> Self {
        Self {
            http,
            wire,
            clock,
            account,
            access_tokens: AccessTokens::default(),
            rest: Rest::default(),
            pace: Pace::default(),
            skew: Skew::default(),
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, Error> {
        let request = request.build().map_err(|_| Error::NotSent)?;
        self.wire.carry(request).await
    }

    fn post(&self, base: &Url, path: &str) -> RequestBuilder {
        self.http
            .post(at(base, path))
            .header("content-type", "application/json")
            .header("accept", "application/json")
    }

    fn get(&self, base: &Url, path: &str) -> RequestBuilder {
        self.http
            .get(at(base, path))
            .header("accept", "application/json")
    }
}

/// A new `X-EXTERNAL-ID`.
///
/// Docs disagree: 36 characters on most pages, 32 on that of the inquiry. Without dashes a UUID
/// fits both, and is alphanumeric as well.
pub(crate) fn new_external_id() -> String {
    Uuid::new_v4().simple().to_string()
}

fn at(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    url
}

fn bearer(token: &Confidential) -> String {
    format!("Bearer {}", token.expose())
}
