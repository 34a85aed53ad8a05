//! The mini app: files that `trunk` built, and the page that loads them.
//!
//! The bundle is served as it was built. In the page, the address of the container SDK is
//! the configured one, so that the simulator can stand in for GoPay, and the link that opens
//! the mini app in GoPay is filled in; that link is served as a QR code too.

use super::{Context, problem::Refusal};
use crate::{config::Gopay, qr};
use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    Router,
    extract::{Request, State},
    handler::Handler,
    http::{HeaderName, HeaderValue, StatusCode, Uri, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::path::PathBuf;
use tower_http::services::ServeDir;
use url::Url;

/// Where the page that `trunk` built loads the SDK from.
const SDK: &str = "https://gwk.gopayapi.com/sdk/stable/gp-container.min.js";

/// The page's empty place for the link into GoPay.
const DEEPLINK: &str = r#"<meta name="gopay-deeplink" content="">"#;

/// The same link for a camera; the app shows it from here.
const QR: &str = "/gopay-qr.svg";

/// How the page is made.
#[derive(Debug)]
pub(crate) struct AppPage {
    dist: PathBuf,
    sdk_url: String,
    deeplink: String,
    /// The same as a picture.
    qr: Option<String>,
    /// The simulator, which the SDK's stand-in speaks to and which may frame the app.
    simulator: Option<String>,
}

impl AppPage {
    pub(super) fn new(dist: PathBuf, gopay: &Gopay, deeplink: Option<&str>) -> Self {
        let origin = |url: &Url| url.origin().ascii_serialization();
        Self {
            dist,
            sdk_url: attribute(gopay.sdk_url.as_str()),
            deeplink: deeplink.map(attribute).unwrap_or_default(),
            qr: deeplink.and_then(qr::svg),
            simulator: gopay
                .environment
                .is_simulator()
                .then(|| origin(&gopay.sdk_url)),
        }
    }

    /// The page and its Content-Security-Policy.
    fn fill_in(&self, built: &str) -> (String, String) {
        let page = built.replace(SDK, &self.sdk_url).replace(
            DEEPLINK,
            &DEEPLINK.replace(r#""">"#, &format!(r#""{}">"#, self.deeplink)),
        );
        let policy = self.policy(&page);
        (page, policy)
    }

    /// Unverified: whether GoPay's own SDK needs more than this outside the simulator, such as
    /// hosts to talk to.
    ///
    /// Only what the page itself brings may run: its own files, the scripts that `trunk`
    /// wrote into it (by their hashes), and the SDK.
    fn policy(&self, page: &str) -> String {
        let inline: String = inline_scripts(page)
            .map(|script| {
                let hash = STANDARD.encode(digest(&SHA256, script.as_bytes()));
                format!(" 'sha256-{hash}'")
            })
            .collect();
        let sdk = &self.sdk_url;
        let (talk, frame, framed_by) = match &self.simulator {
            Some(simulator) => (
                format!(" {simulator}"),
                simulator.as_str(),
                simulator.as_str(),
            ),
            None => (String::new(), "'none'", "'none'"),
        };
        format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{inline} {sdk}; \
             style-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; \
             connect-src 'self'{talk}; frame-src {frame}; worker-src 'none'; object-src 'none'; \
             base-uri 'none'; form-action 'none'; frame-ancestors {framed_by}"
        )
    }
}

/// The text of every script that stands in the page.
fn inline_scripts(page: &str) -> impl Iterator<Item = &str> {
    page.split("<script").skip(1).filter_map(|after| {
        let (attributes, rest) = after.split_once('>')?;
        let (script, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(script)
    })
}

fn attribute(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

pub(super) fn router(context: &Context) -> Router<Context> {
    let files = ServeDir::new(&context.page.dist)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .fallback(page.with_state(context.clone()));
    Router::new()
        .route("/index.html", get(page))
        .route(QR, get(qr_code))
        .fallback_service(files)
        .layer(middleware::from_fn(name_cache_lifetime))
}

/// A route of the app's own: everything that is not a file, and not named like one.
async fn page(State(context): State<Context>, uri: Uri) -> Response {
    let name = uri.path().rsplit('/').next().unwrap_or_default();
    if name.contains('.') && name != "index.html" {
        return Refusal::not_found().into_response();
    }
    let path = context.page.dist.join("index.html");
    let built = match tokio::fs::read_to_string(&path).await {
        Ok(built) => built,
        Err(error) => {
            tracing::error!(%error, path = %path.display(), "the app is not built");
            return Refusal::internal().into_response();
        }
    };
    let (page, policy) = context.page.fill_in(&built);
    let mut response = Html(page).into_response();
    let headers = response.headers_mut();
    let Ok(policy) = HeaderValue::from_str(&policy) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    );
    headers.insert(
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), \
             microphone=(), payment=(), usb=()",
        ),
    );
    response
}

/// Made when the merchant starts; not kept by browsers, for a merchant may get another link.
async fn qr_code(State(context): State<Context>) -> Response {
    match &context.page.qr {
        Some(picture) => (
            [
                (header::CONTENT_TYPE, "image/svg+xml"),
                (header::CACHE_CONTROL, "no-cache"),
            ],
            picture.clone(),
        )
            .into_response(),
        None => Refusal::not_found().into_response(),
    }
}

/// Files that `trunk` named after their content never change; the others may.
async fn name_cache_lifetime(request: Request, next: Next) -> Response {
    let hashed = is_hashed(request.uri().path());
    let mut response = next.run(request).await;
    if response.status().is_success() {
        let lifetime = if hashed {
            "public, max-age=31536000, immutable"
        } else {
            "public, max-age=3600"
        };
        response
            .headers_mut()
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static(lifetime));
    }
    response
}

/// Whether the file's name holds a hash: `mini-app-0123456789abcdef_bg.wasm`.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split(['-', '_', '.'])
        .any(|part| part.len() == 16 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(simulator: Option<&str>) -> AppPage {
        AppPage {
            dist: PathBuf::new(),
            sdk_url: "http://localhost:9090/sdk.js".to_owned(),
            deeplink: "gopay://mini-app?a=1&amp;b=2".to_owned(),
            qr: None,
            simulator: simulator.map(str::to_owned),
        }
    }

    const BUILT: &str = r#"<meta name="gopay-deeplink" content="">
        <script src="https://gwk.gopayapi.com/sdk/stable/gp-container.min.js" async></script>
        <script type="module">boot()</script>"#;

    #[test]
    fn the_page_gets_its_sdk_and_its_deeplink() {
        let (filled, _) = page(None).fill_in(BUILT);
        assert!(filled.contains(r#"src="http://localhost:9090/sdk.js""#));
        assert!(filled.contains(r#"content="gopay://mini-app?a=1&amp;b=2">"#));
        assert!(!filled.contains("gwk.gopayapi.com"));
    }

    /// trunk keeps both as they stand in the source.
    #[test]
    fn the_apps_own_page_has_the_places_to_fill_in() {
        let source = include_str!("../../../../index.html");
        assert_eq!(source.matches(SDK).count(), 1);
        assert_eq!(source.matches(DEEPLINK).count(), 1);
    }

    #[test]
    fn only_the_scripts_in_the_page_may_run() {
        let (_, policy) = page(None).fill_in(BUILT);
        let hash = STANDARD.encode(digest(&SHA256, b"boot()"));
        assert_eq!(policy.matches("'sha256-").count(), 1);
        assert!(policy.contains(&hash));
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    }

    #[test]
    fn only_the_simulator_may_frame_the_app_and_only_where_there_is_one() {
        let (_, policy) = page(Some("http://localhost:9090")).fill_in(BUILT);
        assert!(policy.ends_with("frame-ancestors http://localhost:9090"));
        let (_, policy) = page(None).fill_in(BUILT);
        assert!(policy.ends_with("frame-ancestors 'none'"));
        assert!(policy.contains("connect-src 'self';"));
    }

    #[test]
    fn a_file_named_after_its_content_is_known_by_its_name() {
        assert!(is_hashed("/mini-app-1f2e3d4c5b6a7980_bg.wasm"));
        assert!(is_hashed("/main-1f2e3d4c5b6a7980.css"));
        assert!(!is_hashed("/assets/products/kopi-susu.svg"));
    }
}
