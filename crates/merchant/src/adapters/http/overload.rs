//! How many requests are answered at once. Buyers and GoPay's notifications have limits of their own: a crowd
//! of buyers takes nothing from the notifications. A request counts once its body is there.
//!
//! Invariant: what is held in memory for requests has a limit: so many connections, each with one
//! body.

use super::{Context, api_error::ApiError, counted_log::CountedLog, private_headers};
use crate::{
    config::Limits,
    metrics::{ConcurrencyLimitName, Metrics, ShedCause},
};
use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    error_handling::HandleErrorLayer,
    extract::Request,
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use contract::ProblemCode;
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use tower::{
    BoxError, ServiceBuilder, limit::GlobalConcurrencyLimitLayer, load_shed::error::Overloaded,
    timeout::error::Elapsed,
};

/// For an answer. Longer than the app waits. What a request leaves undone is then taken up as after a
/// crash; a payment that is asked for goes on in a task of its own.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// For a request's body.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// No request of the app's or of GoPay's is this long, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// The limits of a merchant, shared by its mini apps.
#[derive(Debug, Clone)]
pub(super) struct ConcurrencyLimits {
    pub(super) buyers: ConcurrencyLimit,
    pub(super) notifications: ConcurrencyLimit,
}

#[derive(Debug, Clone)]
pub(super) struct ConcurrencyLimit {
    room: Arc<Semaphore>,
    logs: Arc<Logs>,
    name: ConcurrencyLimitName,
    metrics: Arc<Metrics>,
}

#[derive(Debug, Default)]
struct Logs {
    shed: CountedLog,
    timeout: CountedLog,
    failed: CountedLog,
}

impl ConcurrencyLimits {
    pub(super) fn new(limits: &Limits, metrics: &Arc<Metrics>) -> Self {
        let limit = |name, requests: u32| ConcurrencyLimit {
            room: Arc::new(Semaphore::new(requests as usize)),
            logs: Arc::default(),
            name,
            metrics: Arc::clone(metrics),
        };
        Self {
            buyers: limit(ConcurrencyLimitName::Buyers, limits.requests),
            notifications: limit(ConcurrencyLimitName::Notifications, limits.notifications),
        }
    }
}

impl ConcurrencyLimit {
    /// Gives what is more than the limit, and what takes too long, this answer.
    pub(super) fn apply(
        &self,
        router: Router<Context>,
        answer: fn() -> Response,
    ) -> Router<Context> {
        let (logs, metrics, name) = (Arc::clone(&self.logs), Arc::clone(&self.metrics), self.name);
        let refuse = async move |error: BoxError| {
            let (event, log, cause) = if error.is::<Overloaded>() {
                ("request.shed", &logs.shed, ShedCause::Busy)
            } else if error.is::<Elapsed>() {
                ("request.timeout", &logs.timeout, ShedCause::Timeout)
            } else {
                ("request.failed", &logs.failed, ShedCause::Failed)
            };
            metrics.shed(name, cause);
            if let Some(count) = log.count() {
                tracing::warn!(event, count, "requests are answered with 503");
            }
            answer()
        };
        let limit = GlobalConcurrencyLimitLayer::with_semaphore(Arc::clone(&self.room));
        router.layer(
            ServiceBuilder::new()
                .layer(HandleErrorLayer::new(refuse))
                .load_shed()
                .layer(limit)
                .timeout(REQUEST_TIMEOUT),
        )
    }
}

/// Also in place of the app's page and its files.
pub(super) fn busy() -> Response {
    let error = ApiError::internal().with_detail("the merchant is busy; repeat the same request");
    (private_headers(), error).into_response()
}

/// Why a request's body is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    TooLarge,
    /// It was broken off, or did not come in time.
    Incomplete,
}

/// Waits for a request's body. Until it is there the request does not count.
pub(super) async fn with_body(request: Request) -> Result<Request, BodyError> {
    let (parts, body) = request.into_parts();
    let length = parts.headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_BODY as u64) {
        return Err(BodyError::TooLarge);
    }
    let body: Bytes = match tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, MAX_BODY)).await {
        Ok(Ok(body)) => body,
        Ok(Err(error)) if is_too_large(&error) => return Err(BodyError::TooLarge),
        Ok(Err(_)) | Err(_) => return Err(BodyError::Incomplete),
    };
    Ok(Request::from_parts(parts, Body::from(body)))
}

fn is_too_large(error: &axum::Error) -> bool {
    let source = std::error::Error::source(error);
    source.is_some_and(|source| source.is::<http_body_util::LengthLimitError>())
}

/// [`with_body`] for the app's requests.
pub(super) async fn read_body(request: Request, next: Next) -> Response {
    match with_body(request).await {
        Ok(request) => next.run(request).await,
        Err(BodyError::TooLarge) => ApiError::new(ProblemCode::TooLarge).into_response(),
        // Nothing is wrong with the request: its network is slow.
        Err(BodyError::Incomplete) => ApiError::internal()
            .with_detail("the body did not come in time; repeat the same request")
            .into_response(),
    }
}
