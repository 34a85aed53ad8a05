//! Which web pages may talk to the simulator: its own and the app's.
//!
//! It runs on a developer's machine, where any website in any tab could otherwise reach it.
//! Tools and tests send no `Origin` and pass.

use crate::shared::Shared;
use axum::{
    Json,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
            ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, HOST, ORIGIN, VARY,
        },
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::json;
use std::sync::Arc;

/// The names under which a browser on this machine can reach the simulator.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Where a request comes from.
enum From {
    /// Not a page, or a page of the simulator.
    Here,
    /// A page of the app: it needs to be told that it may read the answer.
    App(HeaderValue),
    Elsewhere,
}

/// Refuses other people's pages, and lets the app's read what it asked for.
pub(crate) async fn guard(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    if !host_is_ours(request.headers()) {
        let error = "the simulator answers to localhost only";
        return (StatusCode::FORBIDDEN, Json(json!({"error": error}))).into_response();
    }
    match from(&shared, request.headers()) {
        From::Here => next.run(request).await,
        From::App(origin) => {
            let mut response = if request.method() == Method::OPTIONS {
                StatusCode::NO_CONTENT.into_response()
            } else {
                next.run(request).await
            };
            let headers = response.headers_mut();
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(
                ACCESS_CONTROL_ALLOW_METHODS,
                HeaderValue::from_static("GET, POST, PUT"),
            );
            headers.insert(
                ACCESS_CONTROL_ALLOW_HEADERS,
                HeaderValue::from_static("content-type"),
            );
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
            headers.insert(VARY, HeaderValue::from_static("origin"));
            response
        }
        From::Elsewhere => {
            let error = "this page is neither the simulator's nor the app's: start the simulator with --app <its address>";
            (StatusCode::FORBIDDEN, Json(json!({"error": error}))).into_response()
        }
    }
}

fn from(shared: &Shared, headers: &HeaderMap) -> From {
    let Some(origin) = headers.get(ORIGIN) else {
        return From::Here;
    };
    let port = shared.address.port();
    if NAMES
        .iter()
        .any(|name| *origin == *format!("http://{name}:{port}"))
    {
        return From::Here;
    }
    if *origin == *app_origin(shared) {
        return From::App(origin.clone());
    }
    From::Elsewhere
}

/// A name that a stranger has pointed at this machine is not ours.
fn host_is_ours(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.is_none_or(|host| {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        NAMES.contains(&name)
    })
}

/// The origin of the mini app's pages.
pub(crate) fn app_origin(shared: &Shared) -> String {
    shared.read(|world| world.merchant.app.origin().ascii_serialization())
}
