//! Which pages may call the app's API. Browsers say where a request comes from; other clients need a
//! credential of their own.
//!
//! Invariant: across origins only a bearer token counts, never the cookie.

use super::{Context, api_error::ApiError};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use contract::{IDEMPOTENCY_KEY, ProblemCode, SESSION_TOKEN};
use std::time::Duration;
use tower_http::cors::CorsLayer;

/// How long a browser need not ask again what it may send: Chromium's own limit.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_secs(7200);

/// Who sent a request, as far as browsers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestOrigin {
    /// The shop's own page, or no page.
    SameOrigin,
    /// The app, opened by GoPay from a package.
    Package,
    CrossSite,
}

impl RequestOrigin {
    /// `Origin` decides where it names one: no page can write it, and all engines send it with
    /// requests that change something. Where it is missing, `Sec-Fetch-Site` decides, and so it does
    /// where it is `null`, which browsers write for the shop's own page too: WebKit for beacons,
    /// where the page's policy is to send no referrer.
    ///
    /// A navigation is excepted: older WebKits take a foreign page's form for the shop's own when it
    /// is sent again by reloading, and the app sends no forms.
    pub(super) fn of(headers: &HeaderMap, context: &Context) -> Self {
        let said = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let origin = origins.next();
        let packages = &context.service.mini_app.package_origins;
        match (origin.map(HeaderValue::as_bytes), said("sec-fetch-site")) {
            _ if origins.next().is_some() => Self::CrossSite,
            (Some(name), _) if name == context.origin.as_bytes() => Self::SameOrigin,
            (Some(b"null"), Some(b"same-origin"))
                if said("sec-fetch-mode") != Some(b"navigate") =>
            {
                Self::SameOrigin
            }
            (Some(_), _) if origin.is_some_and(|origin| packages.contains(origin)) => Self::Package,
            (None, None | Some(b"same-origin" | b"none")) => Self::SameOrigin,
            _ => Self::CrossSite,
        }
    }
}

/// What another site sends, with the buyer's cookie, changes nothing here; what a package
/// sends counts without the cookie.
pub(super) async fn reject_cross_site(
    State(context): State<Context>,
    mut request: Request,
    next: Next,
) -> Response {
    match RequestOrigin::of(request.headers(), &context) {
        RequestOrigin::SameOrigin => {}
        RequestOrigin::Package => {
            request.headers_mut().remove(header::COOKIE);
        }
        RequestOrigin::CrossSite if matches!(*request.method(), Method::GET | Method::HEAD) => {}
        RequestOrigin::CrossSite => {
            return ApiError::new(ProblemCode::ForeignOrigin).into_response();
        }
    }
    next.run(request).await
}

/// Lets pages of these origins read the answers, and no others. Without credentials, which is
/// the browser's word for cookies.
pub(super) fn package_cors(packages: &[HeaderValue]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(packages.to_vec())
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static(IDEMPOTENCY_KEY),
        ])
        .expose_headers([HeaderName::from_static(SESSION_TOKEN), header::RETRY_AFTER])
        .max_age(PREFLIGHT_MAX_AGE)
}
