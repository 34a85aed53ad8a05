//! What stands behind `gpContainer.call`: the SDK stand-in asks here what to answer a page,
//! and the sheets it opens report here what the buyer did.
//!
//! Invariant: a page's callbacks get nothing from here that the real SDK does not give them.

mod bar;
mod call;
mod consent;
mod device;
mod done;
mod file;
mod login;
mod method;
mod motion;
mod outward;
mod parameter;
mod payment;
mod reply;
mod sheet;

use crate::shared::Shared;
use axum::{
    Router,
    routing::{get, post},
};
use std::sync::Arc;

/// The routes under `/bridge`.
pub(crate) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/call", post(call::call))
        .route("/payments/{reference_no}", get(sheet::show))
        .route("/payments/{reference_no}/{act}", post(sheet::act))
        .route("/consent", get(consent::show).post(consent::decide))
}
