//! Several mini apps on one address, each at a host name of its own.
//!
//! Invariant: a request reaches the routes of one mini app, with that app's state and no other's.

use super::{
    Context, extract::only, finish, merchant_routes, mini_app_router, with_private_headers,
};
use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header, uri::Authority},
    response::IntoResponse,
};
use std::sync::Arc;
use tower::ServiceExt;

/// The routes of whichever mini app a request is for. At any other host there is what GoPay and the
/// operator's machines ask for: a load balancer names a host of its own.
pub(super) fn router(contexts: Vec<Context>) -> Router {
    let others = contexts.first().cloned().map(merchant_router);
    let others = others.unwrap_or_default();
    let mini_apps: Arc<[(String, Router)]> = (contexts.into_iter())
        .map(|context| {
            let host = context.service.mini_app.host().to_owned();
            (host, mini_app_router(context))
        })
        .collect();
    Router::new().fallback(async move |request: Request| {
        let host = host(&request);
        let served = mini_apps
            .iter()
            .find(|(name, _)| host.as_deref().is_some_and(|host| host == name));
        let router = served.map_or(&others, |(_, router)| router).clone();
        router.oneshot(request).await
    })
}

fn merchant_router(context: Context) -> Router {
    let routes = merchant_routes(&context).fallback(misdirected);
    finish(with_private_headers(routes), context)
}

/// The name of the host, as a URL has it: without a port, which proxies change, and in small letters.
fn host(request: &Request) -> Option<String> {
    let authority = match request.uri().authority() {
        Some(authority) => authority.clone(),
        None => {
            let host = only(request.headers().get_all(header::HOST))?;
            host.to_str().ok()?.parse::<Authority>().ok()?
        }
    };
    Some(authority.host().to_ascii_lowercase())
}

async fn misdirected() -> impl IntoResponse {
    (
        StatusCode::MISDIRECTED_REQUEST,
        "no mini app is at this host name: a proxy has to pass on the Host of the request, and \
         public_url of a [[mini_app]] has to name it\n",
    )
}
