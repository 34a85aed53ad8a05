//! Which web pages may call the simulator: its own and the mini apps'.
//!
//! The simulator runs on a developer's machine, where any website in any tab could reach it.
//! Tools and tests send no `Origin` and pass.

use crate::{app_state::AppState, input::refuse};
use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{CONTENT_TYPE, HOST, ORIGIN},
        uri::Authority,
    },
    middleware::Next,
    response::Response,
};
use std::{sync::Arc, time::Duration};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Refuses requests of other sites' pages.
pub(crate) async fn guard(
    State(state): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let error = if !has_allowed_host(&state, request.headers()) {
        let mut hosts = state.hosts.clone();
        hosts.push("localhost".to_owned());
        format!(
            "the simulator answers to {} only: start it with --allow-host and the name of this host",
            hosts.join(" and ")
        )
    } else if !has_allowed_origin(&state, request.headers()) {
        "this page is neither the simulator's nor a mini app's: start the simulator with --app or --mini-app and its address"
            .to_owned()
    } else {
        return next.run(request).await;
    };
    refuse(StatusCode::FORBIDDEN, &error)
}

/// Lets the mini apps' pages read the responses.
pub(crate) fn cors(state: Arc<AppState>) -> CorsLayer {
    let is_app = AllowOrigin::predicate(move |origin, _| is_app_origin(&state, origin));
    CorsLayer::new()
        .allow_origin(is_app)
        .allow_methods([Method::GET, Method::POST, Method::PUT])
        .allow_headers([CONTENT_TYPE])
        .max_age(Duration::from_secs(600))
}

fn has_allowed_origin(state: &AppState, headers: &HeaderMap) -> bool {
    headers.get(ORIGIN).is_none_or(|origin| {
        is_app_origin(state, origin) || is_own_origin(state, origin, headers.get(HOST))
    })
}

fn is_app_origin(state: &AppState, origin: &HeaderValue) -> bool {
    origin
        .to_str()
        .is_ok_and(|origin| state.read(|gopay| gopay.mini_apps.by_origin(origin).is_some()))
}

/// That of the address at which the page calls, or of the other one of the simulator's two.
fn is_own_origin(state: &AppState, origin: &HeaderValue, host: Option<&HeaderValue>) -> bool {
    let authority = |text: &str| text.parse::<Authority>().ok();
    let Some((scheme, origin)) = origin.to_str().ok().and_then(|it| it.split_once("://")) else {
        return false;
    };
    let Some(origin) = authority(origin).filter(|_| matches!(scheme, "http" | "https")) else {
        return false;
    };
    // The guard has let this host pass.
    let asked = host.and_then(|host| authority(host.to_str().ok()?));
    let own = [Some(state.address), state.sandbox.get().copied()];
    let mut ports = own.into_iter().flatten().map(|address| address.port());
    asked.is_some_and(|asked| asked == origin)
        || is_allowed(state, origin.host()) && ports.any(|own| Some(own) == origin.port_u16())
}

/// Refuses a foreign name that points at this machine (DNS rebinding).
fn has_allowed_host(state: &AppState, headers: &HeaderMap) -> bool {
    headers.get(HOST).is_none_or(|host| {
        let host = host
            .to_str()
            .ok()
            .and_then(|host| host.parse::<Authority>().ok());
        host.is_some_and(|host| is_allowed(state, host.host()))
    })
}

fn is_allowed(state: &AppState, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    is_local(&name) || state.hosts.contains(&name)
}

/// Whether a browser on this machine reaches the simulator under this host name.
fn is_local(name: &str) -> bool {
    is_localhost(name) || matches!(name, "127.0.0.1" | "[::1]")
}

/// A browser looks up no name below `localhost` elsewhere (RFC 6761).
pub(crate) fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}
