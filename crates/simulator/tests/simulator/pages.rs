use crate::merchant::Merchant;
use reqwest::{StatusCode, header::CONTENT_SECURITY_POLICY};

async fn policy(merchant: &Merchant, path: &str) -> String {
    let request = merchant.http.get(format!("{}{path}", merchant.url));
    let port = merchant.url.rsplit_once(':').unwrap().1;
    let host = format!("localhost:{port}");
    let page = request.header("Host", host).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK, "{path}");
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    let policy = page.headers().get(CONTENT_SECURITY_POLICY);
    policy.map_or_else(String::new, |policy| policy.to_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_pages_allow_no_inline_code_and_only_the_apps_frames() {
    let merchant = Merchant::new().await;
    let phone = policy(&merchant, "/").await;
    assert!(phone.contains("frame-src 'self' http://localhost:8080;"));
    assert!(phone.contains("frame-ancestors 'none'"));
    for path in ["/sheet?tref=A1", "/consent"] {
        let overlay = policy(&merchant, path).await;
        assert!(overlay.contains("frame-ancestors 'self' http://localhost:8080"));
        assert!(!overlay.contains("unsafe"));
    }
    assert_eq!(policy(&merchant, "/gallery").await, phone);
    assert!(phone.contains("default-src 'none'") && !phone.contains("unsafe"));
    for path in [
        "/phone.css",
        "/panel.css",
        "/overlay.js",
        "/dom.js",
        "/phone.js",
        "/phone-settings.js",
        "/phone-words.js",
        "/phone-keyboard.js",
        "/app-check.js",
        "/templates.js",
        "/panel.js",
        "/control.js",
        "/words.js",
        "/timeline.js",
        "/sheet.css",
        "/sheet.js",
        "/consent.js",
        "/gallery.css",
        "/gallery.js",
    ] {
        policy(&merchant, path).await;
    }
}

#[tokio::test]
async fn the_simulator_serves_its_health_and_the_sdk() {
    let merchant = Merchant::new().await;
    let (status, _) = merchant.ask(reqwest::Method::GET, "/healthz").await;
    assert_eq!(status, 200);
    let (status, sdk) = merchant
        .ask(reqwest::Method::GET, "/sdk/stable/gp-container.min.js")
        .await;
    assert_eq!(status, 200);
    assert!(sdk.as_str().unwrap().contains("gpContainer"));
}
