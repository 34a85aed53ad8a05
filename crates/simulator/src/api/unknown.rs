//! What the simulator does not play: refused by name, recorded, and told what is played instead.

use crate::{
    app_state::AppState, checkout::StatusMethod, host::Host, ledger::Event, path_form::is_of_form,
};
use axum::{
    Extension, Json,
    extract::State,
    http::{Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use gopay_protocol::message::{
    access_token, authorization, cancel, gems, payment, profile, push, refund, reminder, rewards,
    snap, status,
};
use serde_json::json;
use std::sync::Arc;

/// Of both hosts.
const PAYMENTS: [(&str, &str); 11] = [
    ("POST", access_token::PATH),
    ("POST", payment::PATH),
    ("POST", status::PATH),
    ("POST", cancel::PATH),
    ("POST", refund::PATH),
    ("POST", snap::PATH),
    ("POST", "/snap/v1/transactions/{token}/cancel"),
    ("GET", "/v2/{id}/status"),
    ("POST", "/v2/{id}/cancel"),
    ("POST", "/v2/{id}/expire"),
    ("POST", "/v2/{id}/refund/online/direct"),
];

/// Of production.
const MINI_APP: [(&str, &str); 8] = [
    ("POST", authorization::PATH),
    ("GET", profile::PATH),
    ("POST", rewards::PATH),
    ("GET", gems::BALANCE_PATH),
    ("POST", gems::COLLECT_PATH),
    ("PUT", reminder::PATH),
    ("DELETE", "/v1/mini-apps/reminder/{reminder_id}"),
    ("POST", push::PATH),
];

/// APIs of GoPay and Midtrans that a mini app does not need, by the beginning of their paths.
const OTHER_APIS: [(&str, &str); 16] = [
    ("/v1.0/qr/", "QRIS"),
    ("/v1.0/transfer-va/", "virtual accounts"),
    ("/v1.0/registration-account", "account linking"),
    ("/v1.0/get-auth-code", "account linking"),
    ("/v1.0/access-token/b2b2c", "account linking"),
    (
        "/v1.0/debit/",
        "another direct debit call than those of a one-time payment",
    ),
    ("/v1.0/", "another service of BI-SNAP"),
    (
        "/v2/charge",
        "a charge by the Core API: a mini app's payment is made by BI-SNAP or Snap",
    ),
    ("/v2/pay/account", "account linking (GoPay Tokenization)"),
    ("/v2/token", "cards"),
    ("/v2/card", "cards"),
    ("/v2/capture", "cards"),
    ("/v2/", "another call of the Core API"),
    ("/v1/payment-links", "Payment Link"),
    ("/v1/subscriptions", "subscriptions"),
    ("/v1/invoices", "invoices"),
];

pub(crate) async fn refuse(
    State(state): State<Arc<AppState>>,
    Extension(host): Extension<Host>,
    uri: Uri,
    method: Method,
) -> Response {
    let path = uri.path();
    if is_page(&method, path) {
        let error = json!({"error": no_page(host, path)});
        return (StatusCode::NOT_FOUND, Json(error)).into_response();
    }
    let by_status = state.read(|gopay| gopay.checkout.status_method);
    let (status, error) = error(host, by_status, &method, path);
    state.write(|gopay| {
        gopay.record(Event::UnknownRequested {
            host,
            method: method.to_string(),
            path: path.to_owned(),
            message: error.clone(),
        });
    });
    let played: Vec<_> = played(host, by_status)
        .map(|(method, path)| format!("{method} {path}"))
        .collect();
    (status, Json(json!({"error": error, "plays": played}))).into_response()
}

/// Whether it is a page, a file of one, or an icon, rather than a call of an API.
pub(crate) fn is_page(method: &Method, path: &str) -> bool {
    let is_api = ["/v1", "/v2", "/snap/v1"]
        .iter()
        .any(|it| path.starts_with(it));
    matches!(*method, Method::GET | Method::HEAD) && !is_api
}

fn no_page(host: Host, path: &str) -> String {
    match host {
        Host::Production => format!("the simulator has no page {path}"),
        Host::Sandbox => format!(
            "Midtrans' sandbox has no page {path}: phone, SDK and control API are on the address of --listen"
        ),
    }
}

fn error(host: Host, by_status: StatusMethod, method: &Method, path: &str) -> (StatusCode, String) {
    let methods: Vec<_> = played(host, by_status)
        .filter(|(_, played)| is_of_form(path, played))
        .map(|(method, _)| method)
        .collect();
    if !methods.is_empty() {
        let error = format!(
            "{method} {path}: the method here is {}",
            methods.join(" or ")
        );
        return (StatusCode::METHOD_NOT_ALLOWED, error);
    }
    let error = if host == Host::Sandbox
        && MINI_APP.iter().any(|(_, played)| is_of_form(path, played))
    {
        format!(
            "{method} {path}: Midtrans' sandbox has no mini-app API; it is on the address of --listen"
        )
    } else if let Some(near) = near(host, path) {
        format!("{method} {path}: there is no such path; did you mean {near}?")
    } else if let Some((_, api)) = OTHER_APIS.iter().find(|(begin, _)| path.starts_with(begin)) {
        format!("{method} {path}: the simulator does not play {api}")
    } else {
        format!("{method} {path}: the simulator does not play this path")
    };
    (StatusCode::NOT_IMPLEMENTED, error)
}

fn played(
    host: Host,
    by_status: StatusMethod,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mini_app = match host {
        Host::Production => MINI_APP.as_slice(),
        Host::Sandbox => &[],
    };
    let all = PAYMENTS.into_iter().chain(mini_app.iter().copied());
    all.map(move |(method, path)| match path {
        status::PATH => (by_status.name(), path),
        _ => (method, path),
    })
}

/// A path that is played and differs in a slash, its case, or how it begins.
fn near(host: Host, path: &str) -> Option<&'static str> {
    let bare = |path: &str| {
        let lower = path.to_ascii_lowercase().replace("//", "/");
        let bare = lower.trim_matches('/');
        let versions = ["v1.0/", "v1/", "v2/", "1.0/"];
        let bare = versions
            .iter()
            .find_map(|it| bare.strip_prefix(it))
            .unwrap_or(bare);
        bare.to_owned()
    };
    let asked = bare(path);
    played(host, StatusMethod::default())
        .map(|(_, played)| played)
        .find(|played| !played.contains('{') && bare(played) == asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(host: Host, method: &str, path: &str) -> (u16, String) {
        let (status, error) = error(
            host,
            StatusMethod::default(),
            &method.parse().unwrap(),
            path,
        );
        (status.as_u16(), error)
    }

    #[test]
    fn what_is_not_played_is_named() {
        for (path, words) in [
            ("/v1.0/qr/qr-mpm-generate", "does not play QRIS"),
            ("/v2/charge", "by BI-SNAP or Snap"),
            ("/v1.0/debit/status/", "did you mean /v1.0/debit/status?"),
            ("/debit/status", "did you mean /v1.0/debit/status?"),
            ("/v1.0//debit/status", "did you mean /v1.0/debit/status?"),
            (
                "/v1/debit/payment-host-to-host",
                "did you mean /v1.0/debit/payment-host-to-host?",
            ),
            ("/nothing", "does not play this path"),
        ] {
            let (status, error) = said(Host::Production, "POST", path);
            assert_eq!(status, 501, "{path}");
            assert!(error.contains(words), "{error}");
        }
        let (status, error) = said(Host::Sandbox, "POST", authorization::PATH);
        assert_eq!(status, 501);
        assert!(error.contains("no mini-app API"), "{error}");
    }

    #[test]
    fn another_method_is_told_the_right_one() {
        for (method, path, right) in [
            ("GET", status::PATH, "POST"),
            ("POST", "/v2/ORDER-1/status", "GET"),
        ] {
            let (code, error) = said(Host::Production, method, path);
            assert_eq!(code, 405);
            assert!(error.ends_with(right), "{error}");
        }
    }
}
