//! The back end of `gpContainer.call`: the SDK stand-in posts each call here, and the sheets post
//! what the buyer did.
//!
//! Invariant: a page's callbacks get only what the real SDK gives them, unless they meet a hostile reply.

mod bar;
mod call;
mod consent;
mod device;
mod file;
mod login;
mod method;
mod motion;
mod navigation;
mod outcome;
mod parameter;
mod payment;
mod response;
mod sheet;

pub(crate) use method::{check_method, method_names};
pub(crate) use sheet::{Decision, page_state};

use crate::{app_state::AppState, exchanges, input::refuse_method, inspector};
use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use std::sync::Arc;

/// `/bridge/call`, each kept as an exchange.
pub(crate) fn call_router(state: &Arc<AppState>) -> Router<Arc<AppState>> {
    Router::new()
        .route(exchanges::SDK_PATH, post(call::call))
        .method_not_allowed_fallback(refuse_method)
        .layer(from_fn_with_state(Arc::clone(state), inspector::record))
}

/// The rest, below `/bridge`.
pub(crate) fn router() -> Router<Arc<AppState>> {
    Router::new()
        .route("/payments/{reference_no}", get(sheet::show))
        .route("/payments/{reference_no}/{act}", post(sheet::act))
        .route("/consent", get(consent::show).post(consent::decide))
}
