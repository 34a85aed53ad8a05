//! The client of GoPay's APIs.
//!
//! Not here: what an answer means for an order.

mod access_token;
mod auth_code;
mod clock_skew;
mod credentials;
mod mini_app;
mod payment_link;
mod profile;
mod rate_limiter;
mod refund;
mod shared_state;
mod snap;
mod throttle;
mod transaction;
mod transport;

pub use auth_code::AuthorizationError;
pub(crate) use credentials::Credential;
pub use mini_app::GemsBalanceError;
pub use profile::ProfileError;
pub use transaction::PaymentIntent;

use crate::{
    config::{GoPayAccount, MinimumTls},
    domain::gopay_result::Error,
    http_request_id::HttpRequestId,
    metrics::Metrics,
    outbound_proxy,
    ports::{Clock, ProcessCount, RawResponse, Transport},
};
use access_token::AccessTokens;
use clock_skew::ClockSkew;
use credentials::Credentials;
use gopay_protocol::{Secret, header};
use rate_limiter::RateLimiter;
use reqwest::{Client, RequestBuilder, StatusCode, tls::Version};
use shared_state::SharedState;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use strum::VariantArray;
use throttle::{Api, Throttle};
use tracing::Instrument;
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
    credentials: Credentials,
    metrics: Arc<Metrics>,
    /// `None` where there is no other process to share with.
    shared: Option<SharedState>,
    processes: ProcessCount,
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
            credentials: Credentials::default(),
            metrics: Arc::default(),
            shared: None,
            processes: ProcessCount::default(),
        }
    }

    /// The same, which counts there.
    pub fn with_metrics(self, metrics: Arc<Metrics>) -> Self {
        Self { metrics, ..self }
    }

    /// What GoPay refused, and has not taken since.
    pub(crate) fn refused_credentials(&self) -> impl Iterator<Item = Credential> {
        let all = Credential::VARIANTS.iter().copied();
        all.filter(|credential| self.credentials.is_refused(*credential))
    }

    /// Brings the gauges up to date that change without a request.
    pub(crate) fn update_metrics(&self) {
        self.metrics.set_processes(self.processes.get());
        for api in Api::VARIANTS {
            let left = self.throttle.left(*api);
            self.metrics.set_gopay_pause(api.name(), left);
        }
        for credential in Credential::VARIANTS {
            let is_refused = self.credentials.is_refused(*credential);
            self.metrics.set_credential(credential.name(), is_refused);
        }
    }

    /// Sends, unless GoPay asked for a pause of this API.
    async fn send(&self, api: Api, request: RequestBuilder) -> Result<RawResponse, Error> {
        if self.throttle.is_active(api) {
            self.metrics.gopay_asked(api.name(), "paused", None);
            return Err(Error::Throttled);
        }
        let id = HttpRequestId::current();
        let request = match id.as_ref().filter(|_| api.is_mini_app()) {
            Some(id) => request.header(header::DEBUG_ID, id.as_str()),
            None => request,
        };
        let request = request.build().map_err(|_| Error::NotSent)?;
        let began = Instant::now();
        let span = tracing::info_span!(
            "gopay",
            api = api.name(),
            request_id = id.as_ref().map(HttpRequestId::as_str)
        );
        let answer = self.transport.execute(request).instrument(span).await;
        let result = result_name(&answer);
        self.metrics
            .gopay_asked(api.name(), result, Some(began.elapsed()));
        let answer = answer?;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            let pause = self.throttle.start(api, &answer.headers);
            if let Some(shared) = &self.shared {
                shared.store_pause(api, pause).await;
            }
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

/// In metrics. What the body says is not known here.
fn result_name(answer: &Result<RawResponse, Error>) -> &'static str {
    match answer.as_ref().map(|answer| answer.status) {
        Ok(StatusCode::TOO_MANY_REQUESTS) => "throttled",
        Ok(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => "unauthorized",
        Ok(status) if status.is_success() => "success",
        Ok(status) if status.is_client_error() => "refused",
        Ok(_) => "failed",
        Err(Error::NotSent) => "unreachable",
        Err(_) => "no_answer",
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
