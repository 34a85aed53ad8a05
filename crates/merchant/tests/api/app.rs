//! The mini app, as it is served.

use crate::town::Town;
use reqwest::{Response, StatusCode};

const PAGE: &str = r#"<!doctype html><html lang="id"><head>
<script async src="https://gwk.gopayapi.com/sdk/stable/gp-container.min.js"></script>
<script type="module">boot()</script></head><body></body></html>"#;

async fn open(town: &Town, path: &str) -> Response {
    town.http.get(town.merchant(path)).send().await.unwrap()
}

fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers().get(name);
    value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

async fn with_an_app() -> Town {
    let town = Town::new().await;
    std::fs::create_dir_all(&town.dist).unwrap();
    std::fs::write(town.dist.join("index.html"), PAGE).unwrap();
    std::fs::write(town.dist.join("app-0123456789abcdef.js"), "boot").unwrap();
    std::fs::write(town.dist.join("app-0123456789abcdef.js.br"), "small").unwrap();
    std::fs::write(town.dist.join("picture.svg"), "<svg/>").unwrap();
    town
}

#[tokio::test]
async fn every_route_of_the_app_is_its_page_with_the_configured_sdk() {
    let town = with_an_app().await;
    for path in ["/", "/index.html", "/orders/0123", "/orders"] {
        let answer = open(&town, path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8");
        assert_eq!(header(&answer, "cache-control"), "no-cache");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
        let policy = header(&answer, "content-security-policy");
        assert!(policy.contains("'wasm-unsafe-eval' 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        let page = answer.text().await.unwrap();
        assert!(!page.contains("gwk.gopayapi.com"), "{page}");
        assert!(page.contains("/sdk/stable/gp-container.min.js"), "{page}");
    }
}

#[tokio::test]
async fn files_named_after_their_content_are_kept_forever_and_others_are_not() {
    let town = with_an_app().await;
    let script = open(&town, "/app-0123456789abcdef.js").await;
    assert!(header(&script, "content-type").contains("javascript"));
    assert!(header(&script, "cache-control").contains("immutable"));
    let picture = open(&town, "/picture.svg").await;
    assert_eq!(header(&picture, "content-type"), "image/svg+xml");
    assert!(!header(&picture, "cache-control").contains("immutable"));
}

#[tokio::test]
async fn a_browser_that_takes_brotli_gets_it() {
    let town = with_an_app().await;
    let script = town.merchant("/app-0123456789abcdef.js");
    let plain = town.http.get(&script).send().await.unwrap();
    assert_eq!(header(&plain, "content-encoding"), "");
    let small = town.http.get(&script).header("accept-encoding", "gzip, br");
    let small = small.send().await.unwrap();
    assert_eq!(header(&small, "content-encoding"), "br");
    assert!(header(&small, "content-type").contains("javascript"));
    assert!(header(&small, "cache-control").contains("immutable"));
    assert_eq!(small.text().await.unwrap(), "small");
}

#[tokio::test]
async fn a_file_that_is_gone_is_not_answered_with_the_page() {
    let town = with_an_app().await;
    for path in [
        "/app-ffffffffffffffff.js",
        "/assets/no.svg",
        "/..%2f..%2fmerchant.toml",
        "/%2e%2e/merchant.toml",
    ] {
        let answer = open(&town, path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(!header(&answer, "cache-control").contains("immutable"));
    }
}

#[tokio::test]
async fn an_app_that_was_not_built_is_said_to_be_missing() {
    let town = Town::new().await;
    let answer = open(&town, "/").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
}
