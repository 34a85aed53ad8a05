//! The simulator's own pages: the phone with its panel, the sheets, and the SDK stand-in.

use crate::{app_state::AppState, origin_guard::app_origin};
use axum::{
    Router,
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use std::sync::Arc;
use url::Url;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// The SDK stand-in; the part that plays a state of the gallery comes first.
const SDK: &str = concat!(
    include_str!("../assets/gallery-state.js"),
    include_str!("../assets/sdk.js")
);
const PHONE_HTML: &str = include_str!("../assets/phone.html");
const SHEET_HTML: &str = include_str!("../assets/sheet.html");
const CONSENT_HTML: &str = include_str!("../assets/consent.html");

/// Path, content type and text of each file.
const FILES: [(&str, &str, &str); 10] = [
    ("/phone.css", CSS, include_str!("../assets/phone.css")),
    ("/panel.css", CSS, include_str!("../assets/panel.css")),
    ("/phone.js", JS, include_str!("../assets/phone.js")),
    ("/panel.js", JS, include_str!("../assets/panel.js")),
    ("/sheet.css", CSS, include_str!("../assets/sheet.css")),
    ("/overlay.js", JS, include_str!("../assets/overlay.js")),
    ("/sheet.js", JS, include_str!("../assets/sheet.js")),
    ("/consent.js", JS, include_str!("../assets/consent.js")),
    ("/gallery.css", CSS, include_str!("../assets/gallery.css")),
    ("/gallery.js", JS, include_str!("../assets/gallery.js")),
];

pub(crate) fn router() -> Router<Arc<AppState>> {
    let pages = Router::new()
        .route("/", get(phone))
        .route("/sheet", get(sheet))
        .route("/consent", get(consent))
        .route("/sdk/stable/gp-container.min.js", get(sdk));
    FILES.iter().fold(pages, |pages, (path, kind, text)| {
        pages.route(path, get(async || asset(kind, text)))
    })
}

async fn phone(State(state): State<Arc<AppState>>, request: Request) -> Response {
    framing_page(&state, &request, PHONE_HTML)
}

/// A page that frames the app, served under the app's own host name.
pub(crate) fn framing_page(state: &AppState, request: &Request, html: &'static str) -> Response {
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    let redirect = state.read(|gopay| same_site(&gopay.merchant.app, host, request.uri().path()));
    if let Some(address) = redirect {
        return Redirect::temporary(&address).into_response();
    }
    let app = app_origin(state);
    page(
        html,
        &format!("frame-src 'self' {app}; frame-ancestors 'none'"),
    )
}

/// The page's address under the app's host name, where that is not `host`. For a browser,
/// `localhost` and `127.0.0.1` are two sites; frames across them get no session cookie.
fn same_site(app: &Url, host: Option<&str>, path: &str) -> Option<String> {
    let name = app.host_str().filter(|name| is_loopback(name))?;
    let (asked, port) = host?.rsplit_once(':')?;
    (asked != name && is_loopback(asked)).then(|| format!("http://{name}:{port}{path}"))
}

fn is_loopback(name: &str) -> bool {
    matches!(name, "localhost" | "127.0.0.1")
}

async fn sheet(State(state): State<Arc<AppState>>) -> Response {
    overlay(SHEET_HTML, &app_origin(&state))
}

async fn consent(State(state): State<Arc<AppState>>) -> Response {
    overlay(CONSENT_HTML, &app_origin(&state))
}

async fn sdk() -> Response {
    let mut response = asset(JS, SDK);
    response.headers_mut().insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    response
}

/// A page that is shown in the phone, or over the app.
fn overlay(html: &'static str, app: &str) -> Response {
    page(html, &format!("frame-ancestors 'self' {app}"))
}

fn page(html: &'static str, frames: &str) -> Response {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; {frames}"
    );
    let mut response = asset(HTML, html);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "no-cache"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phone_is_opened_under_the_apps_host_name() {
        let redirect =
            |app: &str, host| same_site(&Url::parse(app).unwrap(), Some(host), "/gallery");
        assert_eq!(
            redirect("http://localhost:8080", "127.0.0.1:9090").as_deref(),
            Some("http://localhost:9090/gallery")
        );
        assert_eq!(redirect("http://localhost:8080", "localhost:9090"), None);
        assert_eq!(redirect("https://kedai.example", "localhost:9090"), None);
    }
}
