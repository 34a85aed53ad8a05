//! Several mini apps on one address, each at a host name of its own.
//!
//! Invariant: a request reaches the routes of one mini app, with that app's state and no other's.

use super::{
    Context, counted_log::CountedLog, extract::only, finish, merchant_routes, mini_app_router,
    with_private_headers,
};
use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header, uri::Authority},
};
use std::sync::Arc;
use tower::ServiceExt;

/// The routes of the mini app that a request is for. At a host of no mini app there are GoPay's notifications and
/// the health checks: a load balancer names a host of its own.
pub(super) fn router(contexts: Vec<Context>) -> Router {
    let others = contexts.first().cloned().map(merchant_router);
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
        let router = served.map(|(_, router)| router).or(others.as_ref());
        router.cloned().unwrap_or_default().oneshot(request).await
    })
}

fn merchant_router(context: Context) -> Router {
    let misdirected = CountedLog::default();
    let refuse = Arc::new(move || {
        if let Some(count) = misdirected.count() {
            tracing::warn!(
                event = "request.misdirected",
                count,
                "a request names a host of no mini app: a proxy may not pass on its Host"
            );
        }
        (
            StatusCode::MISDIRECTED_REQUEST,
            "no mini app is at this host name: a proxy has to pass on the Host of the request, and \
             public_url of a [[mini_app]] has to name it\n",
        )
    });
    let routes = merchant_routes(&context).fallback(async move || refuse());
    finish(with_private_headers(routes), context)
}

/// The name of the host, as a URL has it: lowercase, and without a port, which proxies change and cookies do not
/// know.
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
