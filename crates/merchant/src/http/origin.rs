//! Which pages may talk to the app's API. Browsers say where a request comes from; what is no
//! browser is nobody's page and needs a credential of its own.
//!
//! Invariant: across origins only a bearer token counts, never the cookie.

use super::{Context, problem::Refusal};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use contract::{IDEMPOTENCY_KEY, ProblemCode, SESSION_TOKEN};
use std::time::Duration;
use tower_http::cors::CorsLayer;

/// How long a browser need not ask again what it may send: Chromium's own limit.
const REMEMBERED: Duration = Duration::from_secs(7200);

/// Who sent a request, as far as browsers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// The shop's own page, or no page.
    Own,
    /// The app, opened by GoPay from a package.
    Package,
    /// Somebody else's page.
    Foreign,
}

impl Caller {
    pub(super) fn of(headers: &HeaderMap, context: &Context) -> Self {
        let mut origins = headers.get_all(header::ORIGIN).iter();
        let origin = origins.next();
        let own = origin.is_none_or(|origin| origin.as_bytes() == context.origin.as_bytes());
        let here = headers
            .get("sec-fetch-site")
            .is_none_or(|site| site == "same-origin" || site == "none");
        let packages = &context.shop.mini_app.package_origins;
        if origins.next().is_some() {
            Self::Foreign
        } else if own {
            if here { Self::Own } else { Self::Foreign }
        } else if origin.is_some_and(|origin| packages.contains(origin)) {
            Self::Package
        } else {
            Self::Foreign
        }
    }
}

/// What another site sends, with the buyer's cookie, changes nothing here; what a package
/// sends counts without the cookie.
pub(super) async fn refuse_foreign(
    State(context): State<Context>,
    mut request: Request,
    next: Next,
) -> Response {
    match Caller::of(request.headers(), &context) {
        Caller::Own => {}
        Caller::Package => {
            request.headers_mut().remove(header::COOKIE);
        }
        Caller::Foreign if matches!(*request.method(), Method::GET | Method::HEAD) => {}
        Caller::Foreign => {
            return Refusal::new(StatusCode::FORBIDDEN, ProblemCode::ForeignOrigin).into_response();
        }
    }
    next.run(request).await
}

/// Lets pages of these origins read the answers, and no others. Without credentials, which is
/// the browser's word for cookies.
pub(super) fn open_to(packages: &[HeaderValue]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(packages.to_vec())
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static(IDEMPOTENCY_KEY),
        ])
        .expose_headers([HeaderName::from_static(SESSION_TOKEN), header::RETRY_AFTER])
        .max_age(REMEMBERED)
}
