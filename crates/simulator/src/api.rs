//! The APIs that a merchant's back end calls: the mini-app API, BI-SNAP, and Snap with the Core API.
//!
//! Written from the documents and as strict as they are: what GoPay declines is declined here,
//! with the documented code.

pub(crate) mod access_token;
pub(crate) mod authorization;
pub(crate) mod caller;
pub(crate) mod cancel;
pub(crate) mod core_api;
mod error;
mod fault;
mod field;
mod freshness;
pub(crate) mod gems;
mod headers;
mod literal;
mod mini_app_request;
pub(crate) mod payment;
pub(crate) mod profile;
pub(crate) mod push;
pub(crate) mod refund;
pub(crate) mod reminder;
pub(crate) mod rewards;
mod rule;
mod server_key;
pub(crate) mod signature_mistake;
pub(crate) mod signed_request;
pub(crate) mod snap;
pub(crate) mod status;
mod unknown;

pub(crate) use rule::Rule;
pub(crate) use unknown::is_page;

use crate::{app_state::AppState, faults::OLDER_GEMS_BALANCE_PATH, host::Host, inspector};
use axum::{
    Extension, Router,
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::{Next, from_fn_with_state},
    response::Response,
    routing::{delete, get, post, put},
};
use gopay_protocol::{
    header,
    message::{self, core_api::Action},
    timestamp::format_wib,
};
use std::sync::Arc;

/// What production has: all of them.
pub(crate) fn router(state: &Arc<AppState>) -> Router<Arc<AppState>> {
    let apis = mini_app_router().merge(payment_router());
    with_layers(apis, state, Host::Production)
}

/// What the sandbox has: payments only.
pub(crate) fn sandbox_router(state: &Arc<AppState>) -> Router<Arc<AppState>> {
    with_layers(payment_router(), state, Host::Sandbox)
}

/// For every path that no other router has.
pub(crate) fn unknown_router(state: &Arc<AppState>, host: Host) -> Router {
    Router::new()
        .fallback(unknown::refuse)
        .layer(from_fn_with_state(Arc::clone(state), inspector::record))
        .layer(Extension(host))
        .with_state(Arc::clone(state))
}

fn mini_app_router() -> Router<Arc<AppState>> {
    let one_reminder = format!("{}/{{reminder_id}}", message::reminder::PATH);
    Router::new()
        .route(message::authorization::PATH, post(authorization::exchange))
        .route(message::profile::PATH, get(profile::read))
        .route(message::rewards::PATH, post(rewards::give))
        .route(message::gems::BALANCE_PATH, get(gems::balance))
        .route(OLDER_GEMS_BALANCE_PATH, get(gems::older_balance))
        .route(message::gems::COLLECT_PATH, post(gems::collect))
        .route(message::reminder::PATH, put(reminder::create))
        .route(&one_reminder, delete(reminder::remove))
        .route(message::push::PATH, post(push::push))
}

fn payment_router() -> Router<Arc<AppState>> {
    let one_session = format!("{}/{{token}}/cancel", message::snap::PATH);
    let core_api = |action: Action| action.path("{id}");
    Router::new()
        .route(message::access_token::PATH, post(access_token::issue))
        .route(message::payment::PATH, post(payment::create))
        .route(
            message::status::PATH,
            post(status::inquire).get(status::inquire),
        )
        .route(message::cancel::PATH, post(cancel::cancel))
        .route(message::refund::PATH, post(refund::refund))
        .route(message::snap::PATH, post(snap::create))
        .route(&one_session, post(snap::cancel))
        .route(&core_api(Action::Status), get(core_api::status))
        .route(&core_api(Action::Cancel), post(core_api::cancel))
        .route(&core_api(Action::Expire), post(core_api::expire))
        .route(&core_api(Action::Refund), post(core_api::refund))
}

fn with_layers(
    router: Router<Arc<AppState>>,
    state: &Arc<AppState>,
    host: Host,
) -> Router<Arc<AppState>> {
    router
        .method_not_allowed_fallback(unknown::refuse)
        .layer(from_fn_with_state(Arc::clone(state), fault::inject))
        .layer(from_fn_with_state(Arc::clone(state), add_timestamp))
        .layer(from_fn_with_state(Arc::clone(state), inspector::record))
        .layer(Extension(host))
}

/// Every answer carries `X-TIMESTAMP` `[access-token-api]`.
async fn add_timestamp(
    State(state): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let now = format_wib(state.read(|gopay| gopay.now()));
    if let Ok(now) = HeaderValue::from_str(&now) {
        let name = HeaderName::from_static(header::TIMESTAMP);
        response.headers_mut().insert(name, now);
    }
    response
}
