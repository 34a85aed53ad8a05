//! The client of GoPay's APIs.
//!
//! Not here: what an answer means for an order.

mod access_token;
mod auth_code;
mod clock_skew;
mod mini_app;
mod payment_link;
mod profile;
mod rate_limiter;
mod refund;
mod snap;
mod throttle;
mod transaction;
mod transport;

pub use auth_code::AuthorizationError;
pub use mini_app::GemsBalanceError;
pub use profile::ProfileError;
pub use transaction::PaymentIntent;

use crate::{
    config::{GoPayAccount, MinimumTls},
    domain::gopay_result::Error,
    outbound_proxy,
    ports::{Clock, RawResponse, Transport},
};
use access_token::AccessTokens;
use clock_skew::ClockSkew;
use gopay_protocol::Secret;
use rate_limiter::RateLimiter;
use reqwest::{Client, RequestBuilder, StatusCode, tls::Version};
use std::{sync::Arc, time::Duration};
use throttle::{Api, Throttle};
use url::Url;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = Duration::from_secs(10);

/// Speaks for one merchant account.
#[derive(Debug)]
pub struct GoPay {
    http: Client,
    transport: Arc<dyn Transport>,
    clock: Clock,
    account: Arc<GoPayAccount>,
    access_tokens: AccessTokens,
    throttle: Throttle,
    rate_limiter: RateLimiter,
    clock_skew: ClockSkew,
}

impl GoPay {
    /// A client that verifies the host, follows no redirect and gives up in time.
    pub fn new(account: Arc<GoPayAccount>, clock: Clock) -> Result<Self, reqwest::Error> {
        let builder = outbound_proxy::client(account.proxy_url.as_ref())?
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT);
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

    /// A client over this transport; `http` only builds the requests.
    pub fn over(
        transport: Arc<dyn Transport>,
        http: Client,
        account: Arc<GoPayAccount>,
        clock: Clock,
    ) -> Self {
        Self {
            http,
            transport,
            clock,
            access_tokens: AccessTokens::default(),
            throttle: Throttle::default(),
            rate_limiter: RateLimiter::new(account.background_requests_per_second),
            account,
            clock_skew: ClockSkew::default(),
        }
    }

    /// Sends, unless GoPay asked for a pause of this API.
    async fn send(&self, api: Api, request: RequestBuilder) -> Result<RawResponse, Error> {
        if self.throttle.is_active(api) {
            return Err(Error::Throttled);
        }
        let request = request.build().map_err(|_| Error::NotSent)?;
        let answer = self.transport.execute(request).await?;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            self.throttle.start(api, &answer.headers);
        }
        Ok(answer)
    }

    /// Where the mini-app API is. Where there is none, nothing asks for it: no buyer has a token.
    fn mini_app_url(&self) -> Result<&Url, Error> {
        let container = self.account.container.as_ref();
        container
            .map(|urls| &urls.mini_app_url)
            .ok_or(Error::NotSent)
    }

    fn post(&self, base: &Url, path: &str) -> RequestBuilder {
        self.http
            .post(at(base, path))
            .header("content-type", "application/json")
            .header("accept", "application/json")
    }

    fn put(&self, base: &Url, path: &str) -> RequestBuilder {
        self.http
            .put(at(base, path))
            .header("content-type", "application/json")
            .header("accept", "application/json")
    }

    fn delete(&self, base: &Url, path: &str) -> RequestBuilder {
        self.http
            .delete(at(base, path))
            .header("accept", "application/json")
    }

    fn get(&self, base: &Url, path: &str) -> RequestBuilder {
        self.http
            .get(at(base, path))
            .header("accept", "application/json")
    }
}

fn at(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    url
}

/// Whether a token can be sent in a header.
fn is_header_value(token: &Secret) -> bool {
    let token = token.expose();
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

fn bearer(token: &Secret) -> String {
    format!("Bearer {}", token.expose())
}
