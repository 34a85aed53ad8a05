//! The merchant as HTTP sees it: the app's API, GoPay's notifications, the app itself.

pub(crate) mod admin;
mod api_document;
mod api_error;
mod assets;
pub(crate) mod bundle_check;
mod client_address;
mod client_report;
pub(crate) mod connections;
mod counted_log;
mod customer_name;
#[cfg(debug_assertions)]
mod document_check;
mod extract;
pub(crate) mod notification;
mod orders;
mod origin;
mod overload;
#[cfg(feature = "fuzz")]
pub mod parsers;
mod process_usage;
mod promo;
mod rate_limit;
pub(crate) mod readiness;
mod refusal_log;
mod request_log;
mod session;
mod virtual_host;

use super::database::Store;
use crate::{
    config::{GoPayAccount, Hsts, Limits},
    metrics::Metrics,
    ports::ProcessCount,
    service::OrderService,
};
use api_document::Served;
use api_error::ApiError;
use assets::App;
use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderName, HeaderValue, StatusCode, header, header::Entry},
    middleware,
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use ipnet::IpNet;
use overload::{ConcurrencyLimits, busy, read_body};
use rate_limit::RateLimits;
use readiness::{Check, Readiness};
use refusal_log::RefusalLogs;
use std::{any::Any, ops::Deref, sync::Arc};
use tower::ServiceBuilder;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};
use utoipa_axum::{router::OpenApiRouter, routes};

/// What one mini app is served from. Each request takes several clones.
#[derive(Debug, Clone)]
pub(crate) struct Context(Arc<ServedFrom>);

#[derive(Debug)]
pub(crate) struct ServedFrom {
    pub(crate) service: Arc<OrderService<Store>>,
    pub(crate) gopay: Arc<GoPayAccount>,
    /// Scheme, host and port under which the buyer's browser knows this shop.
    pub(crate) origin: Arc<str>,
    pub(crate) hsts: Hsts,
    readiness: Arc<Readiness>,
    metrics: Arc<Metrics>,
    pub(crate) app: Arc<App>,
    /// Under which GoPay reaches the notifications.
    pub(crate) notify_path: Arc<str>,
    /// What did not work on phones.
    pub(crate) reports: Arc<client_report::Reports>,
    concurrency: ConcurrencyLimits,
    rates: Arc<RateLimits>,
    notification_logs: Arc<notification::Logs>,
    trusted_proxies: Arc<[IpNet]>,
}

impl Context {
    /// One for each mini app.
    pub(crate) fn of_each(
        services: &[Arc<OrderService<Store>>],
        gopay: &Arc<GoPayAccount>,
        notify_path: &str,
        hsts: Hsts,
        limits: &Limits,
        processes: ProcessCount,
        readiness: &Arc<Readiness>,
    ) -> Vec<Self> {
        let metrics = &readiness.metrics;
        let concurrency = ConcurrencyLimits::new(limits, metrics);
        let rates = Arc::new(RateLimits::new(limits.rates, processes));
        let notification_logs = Arc::default();
        let trusted_proxies: Arc<[IpNet]> = limits.trusted_proxies.clone().into();
        let served_from = |service: &Arc<OrderService<Store>>| ServedFrom {
            service: Arc::clone(service),
            gopay: Arc::clone(gopay),
            origin: service.public_url.origin().ascii_serialization().into(),
            hsts,
            readiness: Arc::clone(readiness),
            metrics: Arc::clone(metrics),
            app: Arc::new(App::new(&service.mini_app, gopay)),
            notify_path: notify_path.into(),
            reports: Arc::default(),
            concurrency: concurrency.clone(),
            rates: Arc::clone(&rates),
            notification_logs: Arc::clone(&notification_logs),
            trusted_proxies: Arc::clone(&trusted_proxies),
        };
        let contexts = services.iter().map(served_from);
        contexts.map(|it| Self(Arc::new(it))).collect()
    }

    fn is_secure(&self) -> bool {
        self.origin.starts_with("https://")
    }
}

impl Deref for Context {
    type Target = ServedFrom;

    fn deref(&self) -> &ServedFrom {
        &self.0
    }
}

/// All routes of a merchant. Where it has several mini apps, the host name that a request is for
/// decides which of them answers.
pub(crate) fn router(contexts: Vec<Context>) -> Router {
    match <[Context; 1]>::try_from(contexts) {
        Ok([only]) => mini_app_router(only),
        Err(several) => virtual_host::router(several),
    }
}

/// One mini app, with GoPay's notifications and the health checks, which are answered at any host.
///
/// Here and below, layers that follow each other are one [`ServiceBuilder`], whose first layer is the outermost. axum
/// allocates a copy of what is below a layer for each request, and again for each layer around it.
fn mini_app_router(context: Context) -> Router {
    let buyers = &context.concurrency.buyers;
    let api = buyers.apply(api_routes(&context), busy).layer(
        ServiceBuilder::new()
            .layer(middleware::from_fn_with_state(
                Arc::new(RefusalLogs::of(&context.service.mini_app.id)),
                refusal_log::log,
            ))
            .layer(middleware::from_fn(read_body)),
    );
    let api = match context.service.mini_app.package_origins.as_slice() {
        [] => api,
        // The package has to read refusals, too.
        packages => api.layer(origin::package_cors(packages)),
    };
    let app = with_private_headers(api).merge(buyers.apply(assets::router(), busy));
    finish(app.merge(merchant_routes(&context)), context)
}

/// The app's API, and the document of it.
fn api_routes(context: &Context) -> Router<Context> {
    let document = api_document::empty(context.is_secure());
    let api = OpenApiRouter::with_openapi(document)
        .routes(routes!(session::open, session::close))
        .routes(routes!(session::catalogue))
        .routes(routes!(promo::show))
        .routes(routes!(orders::list, orders::place))
        .routes(routes!(orders::show))
        .routes(routes!(orders::pay))
        .routes(routes!(orders::cancel))
        .routes(routes!(api_document::show));
    let api = match &context.gopay.container {
        Some(_) => api.routes(routes!(customer_name::ask, customer_name::forget)),
        // A test buyer has no name.
        None => api,
    };
    let (api, mut document) = api.split_for_parts();
    let api = api
        .fallback(nothing_here)
        // Before the layer: another site is refused whatever its method.
        .method_not_allowed_fallback(wrong_method)
        .layer(
            ServiceBuilder::new()
                // No secret can be guessed by an answer's length (BREACH): only the shop's own page may
                // ask, and the session's credential is in a header. By gzip: another encoder of brotli would add half
                // a MiB.
                .layer(CompressionLayer::new())
                .layer(middleware::from_fn_with_state(
                    context.clone(),
                    origin::reject_cross_site,
                )),
        );
    // From whatever page: it changes nothing, and not every browser says of a report where it
    // comes from.
    let (reports, of_reports) = OpenApiRouter::new()
        .routes(routes!(client_report::receive))
        .split_for_parts();
    let reports = reports
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(client_report::MAX_BODY));
    document.merge(of_reports);
    let api = api.merge(reports);
    #[cfg(debug_assertions)]
    let api = api.route_layer(middleware::from_fn_with_state(
        document_check::Document::new(&document),
        document_check::check,
    ));
    let api = api.layer(Extension(Served::new(&document)));
    Router::new()
        .nest("/api", api)
        // Which is below no route of `nest`.
        .route("/api/", any(nothing_here))
}

/// GoPay's notifications and the health checks, which belong to no mini app.
fn merchant_routes(context: &Context) -> Router<Context> {
    // Dashboards check whether the address that they are given answers. It says nothing that is
    // not in the documentation, and HEAD gets the same.
    let receive =
        || post(notification::receive).get(async || "GoPay's notifications arrive here by POST\n");
    let documented_path = gopay_protocol::message::notify::PATH;
    let notifications = match &*context.notify_path {
        path if path == documented_path => Router::new(),
        // A proxy that leaves the path as it is.
        path => Router::new().route(path, receive()),
    };
    let notifications = notifications.route(documented_path, receive());
    // These have no limit: they read no body and wait for nobody but the database.
    let unlimited = Router::new()
        .route(
            gopay_protocol::message::notify::LINKING_PATH,
            post(notification::refuse_linking),
        )
        .route("/healthz", get(async || "alive"))
        .route("/readyz", get(ready));
    let notifications = context
        .concurrency
        .notifications
        .apply(notifications, notification::busy)
        .layer(
            ServiceBuilder::new()
                .layer(middleware::from_fn_with_state(
                    Arc::<RefusalLogs>::default(),
                    refusal_log::log,
                ))
                .layer(middleware::from_fn_with_state(
                    context.clone(),
                    notification::read_body,
                )),
        );
    with_private_headers(notifications.merge(unlimited))
}

/// The headers of answers that are not shown as a page.
fn private_headers() -> [(HeaderName, &'static str); 2] {
    [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ]
}

/// Sets [`private_headers`].
fn with_private_headers(router: Router<Context>) -> Router<Context> {
    router.layer(ServiceBuilder::new().map_response(set_missing(private_headers())))
}

/// Sets those that the answer does not have.
fn set_missing<B>(
    headers: impl IntoIterator<Item = (HeaderName, &'static str)>,
) -> impl Fn(Response<B>) -> Response<B> + Clone {
    let headers = headers.into_iter();
    let headers: Arc<[_]> = headers
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .collect();
    move |mut response| {
        for (name, value) in &*headers {
            if let Entry::Vacant(entry) = response.headers_mut().entry(name.clone()) {
                entry.insert(value.clone());
            }
        }
        response
    }
}

/// Of whatever is not the app's page: opened by itself it runs nothing, loads nothing and has no origin.
const CSP_STANDALONE: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// Sets what holds for every answer. `tests/api/headers.rs` has the whole table.
///
/// Not here: `charset` of JSON, whose media type has no such parameter (RFC 8259);
/// `Cross-Origin-Embedder-Policy`, under which the container SDK could not be loaded.
fn finish(router: Router<Context>, context: Context) -> Router {
    #[cfg(feature = "crash")]
    let router = router.layer(middleware::from_fn(crate::failpoint::request_failpoints));
    let mut headers = vec![
        (header::CONTENT_SECURITY_POLICY, CSP_STANDALONE),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // With `no-referrer` WebKit writes `Origin: null` on the app's own beacons.
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    if context.is_secure() {
        let bound = match context.hsts {
            Hsts::Host => "max-age=63072000",
            Hsts::Subdomains => "max-age=63072000; includeSubDomains",
        };
        headers.push((header::STRICT_TRANSPORT_SECURITY, bound));
    }
    let layers = ServiceBuilder::new()
        .layer(middleware::from_fn_with_state(
            context.clone(),
            request_log::log,
        ))
        .map_response(set_missing(headers))
        .layer(CatchPanicLayer::custom(after_panic));
    router.layer(layers).with_state(context)
}

/// What a stranger may know of it; all of it is at the admin listener.
async fn ready(State(context): State<Context>) -> Response {
    let obstacles = context.readiness.obstacles_of_process().await;
    match obstacles.into_iter().next() {
        None => "ready".into_response(),
        Some(obstacle) => {
            let detail = match obstacle.check {
                Check::Worker => "a worker is stuck".to_owned(),
                _ => obstacle.detail,
            };
            (StatusCode::SERVICE_UNAVAILABLE, detail).into_response()
        }
    }
}

async fn nothing_here() -> ApiError {
    ApiError::not_found()
}

/// The header `Allow` names the right ones.
async fn wrong_method() -> ApiError {
    ApiError::wrong_method()
}

/// 503 rather than 500: GoPay repeats a notification after either, but after a 500 only once.
fn after_panic(_: Box<dyn Any + Send>) -> Response {
    tracing::error!(event = "request.panicked", "a request ended in a panic");
    ApiError::internal().into_response()
}
