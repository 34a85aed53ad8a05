//! Which web pages may call the simulator: its own and the app's.
//!
//! The simulator runs on a developer's machine, where any website in any tab could reach it.
//! Tools and tests send no `Origin` and pass.

use crate::app_state::AppState;
use axum::{
    Json,
    extract::{Request, State},
    http::{
        HeaderMap, Method, StatusCode,
        header::{CONTENT_TYPE, HOST, ORIGIN},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// The host names under which a browser on this machine reaches the simulator.
const HOST_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Refuses requests of other sites' pages.
pub(crate) async fn guard(
    State(state): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let error = if !has_local_host(request.headers()) {
        "the simulator answers to localhost only"
    } else if !has_allowed_origin(&state, request.headers()) {
        "this page is neither the simulator's nor the app's: start the simulator with --app <its address>"
    } else {
        return next.run(request).await;
    };
    (StatusCode::FORBIDDEN, Json(json!({"error": error}))).into_response()
}

/// Lets the app's pages read the responses.
pub(crate) fn cors(state: Arc<AppState>) -> CorsLayer {
    let is_app = AllowOrigin::predicate(move |origin, _| *origin == *app_origin(&state));
    CorsLayer::new()
        .allow_origin(is_app)
        .allow_methods([Method::GET, Method::POST, Method::PUT])
        .allow_headers([CONTENT_TYPE])
        .max_age(Duration::from_secs(600))
}

fn has_allowed_origin(state: &AppState, headers: &HeaderMap) -> bool {
    let own = [Some(state.address), state.sandbox.get().copied()];
    let mut ports = own.into_iter().flatten().map(|address| address.port());
    headers.get(ORIGIN).is_none_or(|origin| {
        *origin == *app_origin(state)
            || ports.any(|port| {
                HOST_NAMES
                    .iter()
                    .any(|name| *origin == *format!("http://{name}:{port}"))
            })
    })
}

/// Refuses a foreign name that points at this machine (DNS rebinding).
fn has_local_host(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.is_none_or(|host| {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        HOST_NAMES.contains(&name)
    })
}

/// The origin of the mini app's pages.
pub(crate) fn app_origin(state: &AppState) -> String {
    state.read(|gopay| gopay.merchant.app.origin().ascii_serialization())
}
