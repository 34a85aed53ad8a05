//! How many requests are answered at once. Buyers and GoPay's notifications have lanes of their own: a crowd in one
//! of them takes nothing from the other.
//!
//! Invariant: what is held in memory for requests has a limit.

use super::{Context, api_error::ApiError};
use crate::config::Limits;
use axum::{
    Router,
    error_handling::HandleErrorLayer,
    response::{IntoResponse, Response},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use tower::{
    BoxError, ServiceBuilder, limit::GlobalConcurrencyLimitLayer, load_shed::error::Overloaded,
    timeout::error::Elapsed,
};

/// For a request's body and its answer. Longer than the app waits; what has to be finished goes on in
/// tasks of its own.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// The lanes of a merchant, shared by its mini apps.
#[derive(Debug, Clone)]
pub(super) struct Lanes {
    pub(super) buyers: Lane,
    pub(super) notifications: Lane,
}

#[derive(Debug, Clone)]
pub(super) struct Lane(Arc<Semaphore>);

impl Lanes {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            buyers: Lane(Arc::new(Semaphore::new(limits.requests as usize))),
            notifications: Lane(Arc::new(Semaphore::new(limits.notifications as usize))),
        }
    }
}

impl Lane {
    /// Gives what is more than the lane holds, and what takes too long, this answer.
    pub(super) fn limit(
        &self,
        router: Router<Context>,
        answer: fn() -> Response,
    ) -> Router<Context> {
        let refuse = async move |error: BoxError| {
            let event = if error.is::<Overloaded>() {
                "request.shed"
            } else if error.is::<Elapsed>() {
                "request.timeout"
            } else {
                "request.failed"
            };
            tracing::warn!(event, "a request is answered with 503");
            answer()
        };
        let lane = GlobalConcurrencyLimitLayer::with_semaphore(Arc::clone(&self.0));
        router.layer(
            ServiceBuilder::new()
                .layer(HandleErrorLayer::new(refuse))
                .load_shed()
                .layer(lane)
                .timeout(REQUEST_TIMEOUT),
        )
    }
}

pub(super) fn busy() -> Response {
    ApiError::internal()
        .with_detail("the merchant is busy; repeat the same request")
        .into_response()
}
