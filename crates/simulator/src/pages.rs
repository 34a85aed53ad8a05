//! The simulator's own pages: the phone with its panel, the sheets, and the SDK stand-in.

use crate::{
    Icon,
    app_state::AppState,
    input::{Parameters, PathParameters, refuse},
    ledger::Event,
    origin_guard::is_localhost,
    sdk_faults,
};
use axum::{
    Router,
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use gopay_protocol::message;
use serde::Deserialize;
use std::sync::Arc;
use url::Url;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// The SDK stand-in; the part that plays a state of the gallery comes first.
const SDK: &str = concat!(
    include_str!("../assets/gallery-state.js"),
    include_str!("../assets/show-page.js"),
    include_str!("../assets/emulation.js"),
    include_str!("../assets/sdk-faults.js"),
    include_str!("../assets/sdk.js")
);
/// The stand-in for Midtrans' `snap.js`.
const SNAP: &str = concat!(
    include_str!("../assets/show-page.js"),
    include_str!("../assets/snap.js")
);
const PHONE_HTML: &str = include_str!("../assets/phone.html");
const SHEET_HTML: &str = include_str!("../assets/sheet.html");
const CONSENT_HTML: &str = include_str!("../assets/consent.html");
const PAY_HTML: &str = include_str!("../assets/pay.html");

/// What `snap.pay` shows.
const SNAP_POPUP_PATH: &str = "/snap/popup";

/// Path, content type and text of each file of production only.
const FILES: [(&str, &str, &str); 19] = [
    ("/phone.css", CSS, include_str!("../assets/phone.css")),
    ("/panel.css", CSS, include_str!("../assets/panel.css")),
    ("/language.js", JS, include_str!("../assets/language.js")),
    ("/dom.js", JS, include_str!("../assets/dom.js")),
    ("/phone.js", JS, include_str!("../assets/phone.js")),
    (
        "/phone-settings.js",
        JS,
        include_str!("../assets/phone-settings.js"),
    ),
    (
        "/phone-words.js",
        JS,
        include_str!("../assets/phone-words.js"),
    ),
    (
        "/phone-keyboard.js",
        JS,
        include_str!("../assets/phone-keyboard.js"),
    ),
    ("/app-check.js", JS, include_str!("../assets/app-check.js")),
    ("/templates.js", JS, include_str!("../assets/templates.js")),
    ("/panel.js", JS, include_str!("../assets/panel.js")),
    ("/control.js", JS, include_str!("../assets/control.js")),
    ("/words.js", JS, include_str!("../assets/words.js")),
    ("/sentences.js", JS, include_str!("../assets/sentences.js")),
    ("/timeline.js", JS, include_str!("../assets/timeline.js")),
    ("/sheet.js", JS, include_str!("../assets/sheet.js")),
    ("/consent.js", JS, include_str!("../assets/consent.js")),
    ("/gallery.css", CSS, include_str!("../assets/gallery.css")),
    ("/gallery.js", JS, include_str!("../assets/gallery.js")),
];

/// Path, content type and text of each file of both hosts.
const PAYMENT_FILES: [(&str, &str, &str); 4] = [
    ("/sheet.css", CSS, include_str!("../assets/sheet.css")),
    ("/overlay.js", JS, include_str!("../assets/overlay.js")),
    ("/pay.css", CSS, include_str!("../assets/pay.css")),
    ("/pay.js", JS, include_str!("../assets/pay.js")),
];

pub(crate) fn router() -> Router<Arc<AppState>> {
    let pages = payment_router().route(SNAP_POPUP_PATH, get(sheet));
    let pages = pages
        .route("/", get(phone))
        .route("/sheet", get(sheet))
        .route("/consent", get(consent))
        .route("/mini-apps/{id}/icon", get(icon))
        .route("/sdk/stable/gp-container.min.js", get(sdk));
    serve(pages, &FILES)
}

/// The pages of the sandbox, which has no container.
pub(crate) fn sandbox_router() -> Router<Arc<AppState>> {
    payment_router()
        .route(SNAP_POPUP_PATH, get(pay))
        .route("/gopay/ui/checkout", get(pay))
}

/// Snap's pages, which both hosts have.
fn payment_router() -> Router<Arc<AppState>> {
    let pages = Router::new()
        .route(message::snap::JS_PATH, get(snap))
        .route("/snap/v4/redirection/{token}", get(pay));
    serve(pages, &PAYMENT_FILES)
}

fn serve(
    pages: Router<Arc<AppState>>,
    files: &'static [(&str, &str, &str)],
) -> Router<Arc<AppState>> {
    files.iter().fold(pages, |pages, (path, kind, text)| {
        pages.route(path, get(async || asset(kind, *text)))
    })
}

#[derive(Debug, Deserialize)]
struct PhoneQuery {
    /// The id of the mini app to open; the first without it.
    app: Option<String>,
}

async fn phone(
    State(state): State<Arc<AppState>>,
    Parameters(query): Parameters<PhoneQuery>,
    request: Request,
) -> Response {
    framing_page(&state, query.app.as_deref(), &request, PHONE_HTML)
}

/// A page that frames a mini app, served under the app's own host name; the first app without an id.
pub(crate) fn framing_page(
    state: &AppState,
    app: Option<&str>,
    request: &Request,
    html: &'static str,
) -> Response {
    let address = state.read(|gopay| {
        let app = gopay.mini_apps.named(app);
        app.map(|app| app.address.clone())
    });
    let address = match address {
        Ok(address) => address,
        Err(unknown) => return refuse(StatusCode::NOT_FOUND, &unknown.to_string()),
    };
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    let path = request.uri().path_and_query();
    let path = path.map_or("/", |path| path.as_str());
    if let Some(address) = same_site(&address, host, path) {
        return Redirect::temporary(&address).into_response();
    }
    let apps = app_origins(state);
    page(
        html,
        &format!("frame-src 'self' {apps}; frame-ancestors 'none'"),
    )
}

/// The simulator's pages show it; by itself it runs nothing.
async fn icon(
    State(state): State<Arc<AppState>>,
    PathParameters(id): PathParameters<String>,
) -> Response {
    let icon = state.read(|gopay| gopay.mini_apps.named(Some(&id)).ok()?.icon.clone());
    let Some(Icon {
        content_type,
        bytes,
    }) = icon
    else {
        return refuse(StatusCode::NOT_FOUND, "the mini app has no icon");
    };
    let policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
    let headers = [
        (CONTENT_TYPE, content_type.as_str()),
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, policy),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, bytes).into_response()
}

/// The page's address under the app's host name, where that is not `host`. For a browser, `localhost`,
/// `127.0.0.1` and each name below `localhost` are sites of their own; frames across them get no session
/// cookie.
fn same_site(app: &Url, host: Option<&str>, path: &str) -> Option<String> {
    let name = app.host_str().filter(|name| is_loopback(name))?;
    let (asked, port) = host?.rsplit_once(':')?;
    (asked != name && is_loopback(asked)).then(|| format!("http://{name}:{port}{path}"))
}

fn is_loopback(name: &str) -> bool {
    is_localhost(name) || name == "127.0.0.1"
}

async fn sheet(State(state): State<Arc<AppState>>) -> Response {
    overlay(SHEET_HTML, &state)
}

async fn consent(State(state): State<Arc<AppState>>) -> Response {
    overlay(CONSENT_HTML, &state)
}

async fn pay(State(state): State<Arc<AppState>>) -> Response {
    overlay(PAY_HTML, &state)
}

async fn sdk(State(state): State<Arc<AppState>>) -> Response {
    let fault = state.write(|gopay| {
        let fault = gopay.sdk_faults.take_of_page()?;
        gopay.record(Event::SdkFaultMet {
            on: sdk_faults::ALL.to_owned(),
            fault,
            mini_app: None,
        });
        Some(fault)
    });
    match fault {
        Some(fault) => {
            let name = format!("document.currentScript.dataset.sdkFault = '{fault}';\n");
            script(name + SDK)
        }
        None => script(SDK),
    }
}

async fn snap() -> Response {
    script(SNAP)
}

/// A script for pages of other origins.
fn script(text: impl IntoResponse) -> Response {
    let mut response = asset(JS, text);
    response.headers_mut().insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    response
}

/// A page that is shown in the phone, or over a mini app.
fn overlay(html: &'static str, state: &AppState) -> Response {
    let apps = app_origins(state);
    page(html, &format!("frame-ancestors 'self' {apps}"))
}

fn app_origins(state: &AppState) -> String {
    state.read(|gopay| gopay.mini_apps.origins())
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

fn asset(kind: &'static str, text: impl IntoResponse) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "no-cache"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod sentences;
#[cfg(test)]
mod words;

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
        assert_eq!(
            redirect("http://kopi.localhost:8080", "localhost:9090").as_deref(),
            Some("http://kopi.localhost:9090/gallery")
        );
        assert_eq!(
            redirect("http://localhost:8080", "kopi.localhost:9090").as_deref(),
            Some("http://localhost:9090/gallery")
        );
        assert_eq!(redirect("https://kedai.example", "localhost:9090"), None);
    }
}
