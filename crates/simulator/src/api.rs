//! GoPay's side of the two APIs that a merchant's back end calls: the mini-app API (two calls)
//! and BI-SNAP (five).
//!
//! Written from the documents, strict where they are: what GoPay would decline is declined
//! here, with the documented code.

pub(crate) mod access_token;
pub(crate) mod authorization;
pub(crate) mod cancel;
mod fault;
mod field;
mod freshness;
pub(crate) mod payment;
pub(crate) mod profile;
pub(crate) mod refund;
mod refusal;
mod signed;
pub(crate) mod status;

use crate::shared::Shared;
use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{get, post},
};
use gopay_protocol::{header, message, timestamp::format_wib};
use std::sync::Arc;

/// The routes of both APIs, subject to the scenario.
pub(crate) fn router(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    Router::new()
        .route(message::authorization::PATH, post(authorization::exchange))
        .route(message::profile::PATH, get(profile::tell))
        .route(message::access_token::PATH, post(access_token::issue))
        .route(message::payment::PATH, post(payment::make))
        .route(message::status::PATH, post(status::tell))
        .route(message::cancel::PATH, post(cancel::cancel))
        .route(message::refund::PATH, post(refund::refund))
        .layer(from_fn_with_state(Arc::clone(shared), fault::inject))
        .layer(from_fn_with_state(Arc::clone(shared), date))
}

/// Every answer carries `X-TIMESTAMP` `[access-token-api]`.
async fn date(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let now = format_wib(shared.read(|world| world.now()));
    if let Ok(now) = HeaderValue::from_str(&now) {
        let name = HeaderName::from_static(header::TIMESTAMP);
        response.headers_mut().insert(name, now);
    }
    response
}
