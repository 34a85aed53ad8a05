//! The mini app: the files of the bundle, and the page that loads them.
//!
//! The bundle is served as it was built, in the smallest form that lies there; only the page is
//! filled in. The link that opens the mini app in GoPay is served as a QR code too.
//!
//! No `Link` and no 103 Early Hints say ahead what the page loads: its first lines say that, and
//! they travel in the packet that the header is in.

pub(super) mod asset_route;
mod csp_keyword;
mod encoding;
mod page;
mod page_cache;

use super::{Context, api_error::ApiError, set_missing};
use crate::{
    config::{GoPayAccount, MiniApp, is_loopback},
    deeplink_qr,
};
use asset_route::{AssetRoute, Boot};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use csp_keyword::Keyword;
use encoding::Encoding;
use page::{Simulator, Snap, Template};
use page_cache::PageCache;
use tower::ServiceBuilder;
use tower_http::services::ServeDir;
use url::Url;

/// The link into GoPay for a camera; the app shows it from here.
const QR: &str = "/gopay-qr.svg";

/// What the phone has, the page gets from GoPay, through the container. What the app itself uses is not in this
/// list: the clipboard, to copy a number, and the sheet that shares an order. Nor is `sync-xhr`: the container
/// SDK may ask so, and would not start. Chromium 88 knows each name;
/// browsers complain of names that they do not know.
const PERMISSIONS: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), \
     encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), \
     microphone=(), midi=(), payment=(), picture-in-picture=(), publickey-credentials-get=(), \
     screen-wake-lock=(), usb=(), xr-spatial-tracking=()";

/// The name says what is in it.
const CACHE_IMMUTABLE: HeaderValue =
    HeaderValue::from_static("public, max-age=31536000, immutable, no-transform");

/// A picture under a name that stays: for a week it is shown first and asked for after.
const CACHE_STALE_WHILE_REVALIDATE: HeaderValue =
    HeaderValue::from_static("public, max-age=3600, stale-while-revalidate=604800, no-transform");

/// A proxy that makes scripts smaller, or loads them in its own way, makes them others than the page's
/// integrity and policy allow: nowhere is anything to be transformed.
const CACHE_REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache, no-transform");

/// What the app is served from.
#[derive(Debug)]
pub(crate) struct App {
    files: ServeDir,
    pages: PageCache,
    /// The link into GoPay as a picture.
    qr: Option<String>,
}

impl App {
    pub(super) fn new(mini_app: &MiniApp, gopay: &GoPayAccount) -> Self {
        let (dist, deeplink) = (&mini_app.dist, mini_app.deeplink.as_deref());
        let origin = |url: &Url| url.origin().ascii_serialization();
        let sdk_url = gopay.container.as_ref().map(|urls| &urls.sdk_url);
        let simulator = sdk_url.filter(|_| gopay.environment.is_simulator());
        let simulator = simulator.map(|url| {
            let mut phone = url.clone();
            // On this machine the phone takes the app's own host name. It has no other.
            if mini_app.public_url.as_ref().is_none_or(is_loopback) {
                // Cannot fail: it is the host of another URL.
                let _ = phone.set_host(Some(mini_app.host()));
            }
            Simulator {
                origin: origin(url),
                phone: origin(&phone),
            }
        });
        Self {
            files: ServeDir::new(dist)
                .append_index_html_on_directories(false)
                .precompressed_br()
                .precompressed_gzip(),
            qr: deeplink.and_then(deeplink_qr::svg),
            pages: PageCache::new(
                dist.join("index.html"),
                Template {
                    sdk_url: sdk_url.map(|url| attribute(url.as_str())),
                    deeplink: deeplink.map(attribute).unwrap_or_default(),
                    snap: gopay.snap.as_ref().map(|snap| Snap {
                        origin: origin(&snap.snap_url),
                        client_key: attribute(&snap.client_key),
                    }),
                    simulator,
                    is_secure: (mini_app.public_url.as_ref())
                        .is_some_and(|url| url.scheme() == "https"),
                    extra: gopay.csp_extra.clone(),
                },
            ),
        }
    }

    async fn page(&self, boot: Boot, asked: &HeaderMap) -> Response {
        let page = match self.pages.get(boot, Keyword::of(asked)).await {
            Ok(page) => page,
            Err(error) => {
                tracing::error!(
                    event = "bundle.missing",
                    error = &*error,
                    "the app is not built"
                );
                return ApiError::internal().into_response();
            }
        };
        let encoding = Encoding::best(asked);
        let form = page.form(encoding);
        let mut response = if knows(asked, &form.etag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let mut response = Body::from(form.bytes.clone()).into_response();
            let headers = response.headers_mut();
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            headers.insert(header::CONTENT_TYPE, html);
            if let Some(name) = encoding.name() {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
            }
            response
        };
        let headers = response.headers_mut();
        headers.insert(header::ETAG, form.etag.clone());
        headers.insert(header::CACHE_CONTROL, CACHE_REVALIDATE);
        headers.insert(header::CONTENT_SECURITY_POLICY, page.policy.clone());
        headers.insert(
            header::CONTENT_SECURITY_POLICY_REPORT_ONLY,
            page::REPORTED_POLICY,
        );
        if let Some(nowhere) = &page.frame_options {
            headers.insert(header::X_FRAME_OPTIONS, nowhere.clone());
        }
        for (name, value) in [
            ("vary", "accept-encoding, user-agent"),
            ("cross-origin-opener-policy", "same-origin"),
            ("origin-agent-cluster", "?1"),
            ("permissions-policy", PERMISSIONS),
        ] {
            headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        response
    }

    async fn file(&self, lifetime: HeaderValue, request: Request) -> Response {
        let answer = self.files.clone().try_call(request).await;
        let mut response = match answer {
            Ok(answer) if answer.status() == StatusCode::NOT_FOUND => return missing(&lifetime),
            Ok(answer) => answer.map(Body::new),
            Err(error) if is_missing(&error) => return missing(&lifetime),
            Err(error) => {
                tracing::error!(event = "bundle.file_unreadable", %error, "a file of the app cannot be read");
                return ApiError::internal().into_response();
            }
        };
        let status = response.status();
        let headers = response.headers_mut();
        name_charset(headers);
        // The tag says it better, and no client needs a range of a file.
        headers.remove(header::LAST_MODIFIED);
        headers.remove(header::ACCEPT_RANGES);
        if status.is_success() || status == StatusCode::NOT_MODIFIED {
            headers.insert(header::CACHE_CONTROL, lifetime);
        }
        response
    }
}

pub(super) fn router() -> Router<Context> {
    Router::new()
        .route(QR, get(qr_code))
        .fallback(get(serve))
        .layer(
            ServiceBuilder::new().map_response(set_missing([(header::CACHE_CONTROL, "no-store")])),
        )
}

/// The page, a file, or nothing.
async fn serve(State(context): State<Context>, request: Request) -> Response {
    let app = &context.app;
    let (path, query) = (request.uri().path(), request.uri().query());
    // Nothing is looked up here: no session travels with GoPay's link.
    let order_history = &context.service.mini_app.order_history;
    if let Some(address) = order_history.app_address(path, query) {
        return Redirect::temporary(&address).into_response();
    }
    match AssetRoute::parse(path) {
        AssetRoute::Page(boot) => app.page(boot, request.headers()).await,
        AssetRoute::Hashed => app.file(CACHE_IMMUTABLE, request).await,
        AssetRoute::File => app.file(CACHE_STALE_WHILE_REVALIDATE, request).await,
        AssetRoute::Nothing => ApiError::not_found().into_response(),
    }
}

/// Made when the merchant starts; not kept by browsers, for a merchant may get another link.
async fn qr_code(State(context): State<Context>) -> Response {
    match &context.app.qr {
        Some(picture) => (
            [
                (
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("image/svg+xml"),
                ),
                (header::CACHE_CONTROL, CACHE_REVALIDATE),
            ],
            picture.clone(),
        )
            .into_response(),
        None => ApiError::not_found().into_response(),
    }
}

/// A page that asks for a file named by its content has been replaced since it was loaded.
fn missing(lifetime: &HeaderValue) -> Response {
    let refusal = ApiError::not_found();
    if *lifetime == CACHE_IMMUTABLE {
        refusal.with_detail("the app has been replaced by a newer one; load the page again")
    } else {
        refusal
    }
    .into_response()
}

/// No such file, or a folder of that name, or a name that no file can have.
fn is_missing(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::NotFound
            | ErrorKind::NotADirectory
            | ErrorKind::IsADirectory
            | ErrorKind::InvalidFilename
            | ErrorKind::InvalidInput
    )
}

/// All text in a bundle is UTF-8.
fn name_charset(headers: &mut HeaderMap) {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return;
    };
    let kind = kind.to_str().unwrap_or_default();
    if kind.starts_with("text/")
        && !kind.contains("charset")
        && let Ok(kind) = HeaderValue::from_str(&format!("{kind}; charset=utf-8"))
    {
        headers.insert(header::CONTENT_TYPE, kind);
    }
}

/// Whether the asker has what goes by this tag (RFC 9110, 13.1.2).
fn knows(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .flat_map(|value| value.as_bytes().split(|b| *b == b','))
        .map(<[u8]>::trim_ascii)
        .any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes())
}

fn attribute(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}
