//! Why a mini app does not load in the phone.

use crate::merchant::Merchant;
use axum::{
    Router,
    body::Body,
    http::{HeaderName, HeaderValue, Response},
    routing::get,
};
use rcgen::{CertificateParams, KeyPair};
use reqwest::Method;
use rustls::{ServerConfig, ServerConnection, Stream, pki_types::PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::Arc,
    thread,
};
use test_kit::serve;

const PAGE: &str =
    r#"<script src="http://localhost:9090/sdk/stable/gp-container.min.js"></script>"#;

/// Answers at each path with this.
async fn app(status: u16, headers: &[(&'static str, &str)], body: &'static str) -> String {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| {
            let value = HeaderValue::from_str(value).unwrap();
            (HeaderName::from_static(name), value)
        })
        .collect();
    let answer = async move || {
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status.try_into().unwrap();
        response.headers_mut().extend(headers);
        response
    };
    let (address, _) = serve(Router::new().fallback(get(answer))).await;
    format!("http://localhost:{}", address.port())
}

async fn check(merchant: &Merchant, app: &str) -> Value {
    let moved = json!({"app": app});
    let moved = merchant.control(Method::PUT, "/control/merchant", moved);
    assert_eq!(moved.await.0, 200);
    let path = "/control/mini-apps/kedai/check";
    let (status, checked) = merchant.ask(Method::GET, path).await;
    assert_eq!(status, 200, "{checked}");
    assert_eq!(checked["phone"], merchant.url);
    checked
}

#[tokio::test]
async fn a_page_with_the_sdk_that_allows_the_phone_is_fine() {
    let merchant = Merchant::new().await;
    let phone = format!("frame-ancestors {}", merchant.url);
    for headers in [
        &[][..],
        &[("content-security-policy", phone.as_str())],
        // The directive has priority.
        &[
            ("content-security-policy", phone.as_str()),
            ("x-frame-options", "DENY"),
        ],
        &[("content-security-policy", "default-src 'none'")],
    ] {
        let app = app(200, headers, PAGE).await;
        let checked = check(&merchant, &app).await;
        assert_eq!(checked["finding"], "fine", "{headers:?}: {checked}");
        assert_eq!(checked["address"], format!("{app}/"));
    }
}

#[tokio::test]
async fn a_name_below_localhost_is_found_as_a_browser_finds_it() {
    let merchant = Merchant::new().await;
    let app = app(200, &[], PAGE).await;
    let kopi = app.replace("localhost", "kopi.localhost");
    assert_eq!(check(&merchant, &kopi).await["finding"], "fine");
}

#[tokio::test]
async fn an_address_without_a_server_is_said() {
    let merchant = Merchant::new().await;
    let checked = check(&merchant, "http://127.0.0.1:9").await;
    assert_eq!(checked["finding"], "no_server");
}

#[tokio::test]
async fn a_server_that_speaks_no_http_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let _ = connection.read(&mut [0; 1024]);
        let _ = connection.write_all(b"SSH-2.0-OpenSSH_9.2\r\n");
    });
    let merchant = Merchant::new().await;
    let checked = check(&merchant, &format!("http://{address}")).await;
    assert_eq!(checked["finding"], "no_response");
    assert_ne!(checked["reason"], "");
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_said() {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        );
    let mut server = ServerConnection::new(Arc::new(config.unwrap())).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let _ = Stream::new(&mut server, &mut connection).read(&mut [0; 1]);
    });
    let merchant = Merchant::new().await;
    let checked = check(&merchant, &format!("https://localhost:{port}")).await;
    assert_eq!(checked["finding"], "untrusted_certificate", "{checked}");
    assert_ne!(checked["reason"], "");
}

#[tokio::test]
async fn a_status_of_an_error_is_said() {
    let merchant = Merchant::new().await;
    for status in [404, 500] {
        let app = app(status, &[], PAGE).await;
        let checked = check(&merchant, &app).await;
        assert_eq!(checked["finding"], "error_status");
        assert_eq!(checked["status"], status);
    }
}

#[tokio::test]
async fn only_redirects_within_the_origin_are_followed() {
    let merchant = Merchant::new().await;
    let elsewhere = app(302, &[("location", "https://kedai.example/")], "").await;
    let checked = check(&merchant, &elsewhere).await;
    assert_eq!(checked["finding"], "redirect_elsewhere");
    assert_eq!(checked["to"], "https://kedai.example/");

    let moved = async || {
        let headers = [("location", "/menu")];
        (reqwest::StatusCode::FOUND, headers)
    };
    let pages = Router::new()
        .route("/", get(moved))
        .route("/menu", get(async || PAGE));
    let (address, _) = serve(pages).await;
    let checked = check(&merchant, &format!("http://{address}")).await;
    assert_eq!(checked["finding"], "fine");

    let endless = app(302, &[("location", "/")], "").await;
    assert_eq!(check(&merchant, &endless).await["finding"], "no_response");
}

#[tokio::test]
async fn a_header_that_forbids_framing_is_named() {
    let merchant = Merchant::new().await;
    for (name, value, said) in [
        ("x-frame-options", "DENY", "X-Frame-Options: DENY"),
        (
            "x-frame-options",
            "sameorigin",
            "X-Frame-Options: sameorigin",
        ),
        (
            "content-security-policy",
            "default-src 'self'; frame-ancestors 'none'",
            "Content-Security-Policy: frame-ancestors 'none'",
        ),
        (
            "content-security-policy",
            "frame-ancestors *, frame-ancestors https://gopay.example",
            "Content-Security-Policy: frame-ancestors https://gopay.example",
        ),
    ] {
        let app = app(200, &[(name, value)], PAGE).await;
        let checked = check(&merchant, &app).await;
        assert_eq!(checked["finding"], "framing_forbidden", "{value}");
        assert_eq!(checked["header"], said);
    }
}

#[tokio::test]
async fn a_page_without_the_simulators_sdk_is_said() {
    let merchant = Merchant::new().await;
    for page in [
        "<h1>Kedai</h1>",
        r#"<script src="https://gwk.gopayapi.com/sdk/stable/gp-container.min.js"></script>"#,
    ] {
        let app = app(200, &[], page).await;
        assert_eq!(check(&merchant, &app).await["finding"], "no_sdk", "{page}");
    }
}

#[tokio::test]
async fn an_unknown_mini_app_is_not_checked() {
    let merchant = Merchant::new().await;
    let unknown = merchant.ask(Method::GET, "/control/mini-apps/teh/check");
    assert_eq!(unknown.await.0, 404);
}
