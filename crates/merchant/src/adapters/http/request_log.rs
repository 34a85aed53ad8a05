//! The id, the log event and the metrics of each request.
//!
//! Invariant: of a request itself the log gets its method and its route's template, and nothing else: no query, no
//! address, nothing of the buyer.

use super::{
    Context,
    client_address::is_from_trusted_proxy,
    extract::only,
    refusal_log::{self},
};
use crate::{http_request_id::HttpRequestId, metrics::NotificationVerdict};
use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode},
    middleware::Next,
    response::Response,
};
use contract::ProblemCode;
use std::time::Instant;
use tracing::Instrument;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The route of what has no template: the app's files, and paths that are not known.
const NO_TEMPLATE: &str = "other";

pub(super) async fn log(State(context): State<Context>, request: Request, next: Next) -> Response {
    let id = of_proxy(&request, &context).unwrap_or_else(HttpRequestId::new);
    let method = method_name(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map(MatchedPath::as_str);
    let route = route
        .filter(|route| !route.contains("/{*"))
        .unwrap_or(NO_TEMPLATE);
    // The others are written when no event of the request is to come: they are for traces.
    let span = tracing::info_span!(
        "request",
        request_id = %id,
        otel.name = tracing::field::Empty,
        otel.kind = tracing::field::Empty,
        http.response.status_code = tracing::field::Empty,
    );
    let began = Instant::now();
    let answer = async {
        let response = next.run(request).await;
        let took = began.elapsed();
        let status = response.status();
        context
            .metrics
            .answered(route, method, status.as_u16(), took);
        if let Some(verdict) = response.extensions().get::<NotificationVerdict>() {
            context.metrics.notified(*verdict);
        }
        log_answer(route, method, &response, took.as_millis());
        let span = tracing::Span::current();
        span.record("otel.name", format_args!("{method} {route}"));
        span.record("otel.kind", "server");
        span.record("http.response.status_code", status.as_u16());
        response
    };
    let mut response = id.clone().scope(answer.instrument(span)).await;
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The id that a proxy of the configuration has given the request.
fn of_proxy(request: &Request, context: &Context) -> Option<HttpRequestId> {
    if !is_from_trusted_proxy(request.extensions(), &context.trusted_proxies) {
        return None;
    }
    let named = only(request.headers().get_all(REQUEST_ID))?;
    HttpRequestId::of_proxy(named.to_str().ok()?)
}

/// Strangers can make up methods.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// What others count by lines of their own, and what is asked every second, is no news.
fn is_news(route: &str, response: &Response) -> bool {
    let is_counted = matches!(
        response.status(),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    ) || response.extensions().get() == Some(&NotificationVerdict::Forged);
    !is_counted && !matches!(route, "/healthz" | "/readyz")
}

fn log_answer(route: &str, method: &'static str, response: &Response, took: u128) {
    let code = refusal_log::reason(response);
    let code = code.or_else(|| Some(response.extensions().get::<ProblemCode>()?.name()));
    let status = response.status().as_u16();
    let duration_ms = u64::try_from(took).unwrap_or(u64::MAX);
    macro_rules! answered {
        ($level:ident) => {
            tracing::$level!(
                target: "merchant::access",
                event = "request.answered",
                method,
                route,
                status,
                code,
                duration_ms,
                "answered"
            )
        };
    }
    match is_news(route, response) {
        true => answered!(info),
        false => answered!(debug),
    }
}
