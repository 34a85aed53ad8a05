//! The mini app, as it is served.

use crate::test_env::{Buyer, TestEnv, coffee};
use reqwest::{Response, StatusCode};
use serde_json::json;

const PAGE: &str = r#"<!doctype html><html lang="id"><head>
<script async src="https://gwk.gopayapi.com/sdk/stable/gp-container.min.js"></script>
<script type="module">boot()</script></head><body></body></html>"#;

async fn open(env: &TestEnv, path: &str) -> Response {
    env.http.get(env.merchant(path)).send().await.unwrap()
}

fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers().get(name);
    value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

async fn with_an_app() -> TestEnv {
    let env = TestEnv::new().await;
    std::fs::create_dir_all(&env.dist).unwrap();
    std::fs::write(env.dist.join("index.html"), PAGE).unwrap();
    std::fs::write(env.dist.join("app-0123456789abcdef.js"), "boot").unwrap();
    std::fs::write(env.dist.join("app-0123456789abcdef.js.br"), "small").unwrap();
    std::fs::write(env.dist.join("picture.svg"), "<svg/>").unwrap();
    env
}

#[tokio::test]
async fn every_route_of_the_app_is_its_page_with_the_configured_sdk() {
    let env = with_an_app().await;
    for path in ["/", "/index.html", "/orders/0123", "/orders"] {
        let answer = open(&env, path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8");
        assert_eq!(header(&answer, "cache-control"), "no-cache, no-transform");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "referrer-policy"), "same-origin");
        let policy = header(&answer, "content-security-policy");
        assert!(policy.contains("'wasm-unsafe-eval' 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe-inline"), "{policy}");
        let page = answer.text().await.unwrap();
        assert!(!page.contains("gwk.gopayapi.com"), "{page}");
        assert!(page.contains("/sdk/stable/gp-container.min.js"), "{page}");
    }
}

/// WebAssembly needs it there: `'wasm-unsafe-eval'` is younger than they are.
#[tokio::test]
async fn only_browsers_known_to_need_it_get_unsafe_eval() {
    let env = with_an_app().await;
    let mut tags = Vec::new();
    for (agent, keyword) in [
        ("Chrome/88.0.4324.93 Mobile Safari/537.36", "'unsafe-eval'"),
        (
            "(iPhone; CPU iPhone OS 15_8 like Mac OS X)",
            "'unsafe-eval'",
        ),
        ("Chrome/97.0.4692.70 Mobile", "'wasm-unsafe-eval'"),
        (
            "(iPhone; CPU iPhone OS 16_0 like Mac OS X)",
            "'wasm-unsafe-eval'",
        ),
        ("GoPay", "'wasm-unsafe-eval'"),
    ] {
        let request = env.http.get(env.merchant("/"));
        let answer = request.header("user-agent", agent).send().await.unwrap();
        let policy = header(&answer, "content-security-policy");
        let expected = format!("script-src 'self' {keyword} 'sha256-");
        assert!(policy.contains(&expected), "{agent}: {policy}");
        tags.push(header(&answer, "etag"));
    }
    tags.dedup();
    assert_eq!(tags.len(), 2, "a kept page is known by its policy too");
}

#[tokio::test]
async fn files_named_after_their_content_are_kept_forever_and_others_are_not() {
    let env = with_an_app().await;
    let script = open(&env, "/app-0123456789abcdef.js").await;
    assert!(header(&script, "content-type").contains("javascript"));
    assert!(header(&script, "cache-control").contains("immutable"));
    let picture = open(&env, "/picture.svg").await;
    assert_eq!(header(&picture, "content-type"), "image/svg+xml");
    assert!(!header(&picture, "cache-control").contains("immutable"));
}

#[tokio::test]
async fn a_browser_that_takes_brotli_gets_it() {
    let env = with_an_app().await;
    let script = env.merchant("/app-0123456789abcdef.js");
    let plain = env.http.get(&script).send().await.unwrap();
    assert_eq!(header(&plain, "content-encoding"), "");
    let small = env.http.get(&script).header("accept-encoding", "gzip, br");
    let small = small.send().await.unwrap();
    assert_eq!(header(&small, "content-encoding"), "br");
    assert!(header(&small, "content-type").contains("javascript"));
    assert!(header(&small, "cache-control").contains("immutable"));
    assert_eq!(small.text().await.unwrap(), "small");
}

#[tokio::test]
async fn a_file_that_is_gone_is_not_answered_with_the_page() {
    let env = with_an_app().await;
    for path in [
        "/app-ffffffffffffffff.js",
        // There is no link into GoPay to show.
        "/gopay-qr.svg",
        "/assets/no.svg",
        "/..%2f..%2fmerchant.toml",
        "/%2e%2e/merchant.toml",
    ] {
        let answer = open(&env, path).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(!header(&answer, "cache-control").contains("immutable"));
    }
}

#[tokio::test]
async fn an_app_that_was_not_built_is_reported_as_missing() {
    let env = TestEnv::new().await;
    let answer = open(&env, "/").await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
}

/// I-39, for pages: whatever the address, whether the app is there or not.
#[tokio::test]
async fn every_page_has_all_of_the_headers() {
    let env = with_an_app().await;
    for path in [
        "/",
        "/?add=klepon",
        "/index.html",
        "/orders",
        "/orders/0123",
        "/a/b/c",
    ] {
        let answer = open(&env, path).await;
        assert!(
            header(&answer, "content-type").starts_with("text/html"),
            "{path}"
        );
        for (name, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-cache, no-transform"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("origin-agent-cluster", "?1"),
            ("x-robots-tag", "noindex"),
            // The simulator may frame it, which this header could not say.
            ("x-frame-options", ""),
        ] {
            assert_eq!(header(&answer, name), value, "{name} of {path}");
        }
        let policy = header(&answer, "content-security-policy");
        for rule in [
            "default-src 'none'",
            "style-src 'self'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "worker-src 'none'",
        ] {
            assert!(policy.split("; ").any(|it| it == rule), "{rule}: {policy}");
        }
        for rule in ["script-src ", "connect-src ", "frame-ancestors "] {
            assert!(policy.contains(rule), "{rule}: {policy}");
        }
        for feature in ["camera", "geolocation", "microphone", "payment", "usb"] {
            let closed = format!("{feature}=()");
            assert!(header(&answer, "permissions-policy").contains(&closed));
        }
        for name in [
            "server",
            "x-powered-by",
            "set-cookie",
            "access-control-allow-origin",
        ] {
            assert_eq!(header(&answer, name), "", "{name} of {path}");
        }
    }
}

/// I-39, for the API: good answers and bad, GoPay's door and the watchman's too.
#[tokio::test]
async fn no_answer_of_the_api_may_be_kept_by_anybody() {
    let env = with_an_app().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    let stranger = Buyer {
        cookie: String::new(),
    };
    let orders = |key: &str| {
        let request = buyer.post(&env, "/api/orders");
        request.header("idempotency-key", key)
    };
    let shown = format!("/api/orders/{}", order.id);
    let code = json!({"auth_code": env.auth_code("budi").await});
    let mut dear = coffee();
    dear["expected_total"] = json!(1);
    let other = json!({
        "lines": [{"product": "klepon", "quantity": 1}],
        "expected_total": 12_000
    });
    let foreign = orders("a")
        .header("origin", "https://evil.example")
        .json(&coffee());
    for (status, request) in [
        (200, buyer.get(&env, "/api/orders")),
        (200, buyer.get(&env, &shown)),
        (200, buyer.get(&env, "/api/catalogue")),
        (200, buyer.pay_again(&env, &order.id, "key")),
        (201, orders("key-2").json(&coffee())),
        (
            400,
            orders("key-3")
                .header("content-type", "application/json")
                .body("{"),
        ),
        (401, stranger.get(&env, &shown)),
        (
            401,
            env.notification("2026-01-01T00:00:00+07:00", "c2ln", "{}"),
        ),
        (403, foreign),
        (403, buyer.post(&env, "/api/profile")),
        (404, buyer.get(&env, "/api/nothing")),
        (404, buyer.get(&env, "/api/orders/0123")),
        (405, buyer.delete(&env, "/api/orders")),
        (409, orders("key-4").json(&dear)),
        (
            413,
            orders("key-5")
                .header("content-type", "application/json")
                .body(" ".repeat(99_999)),
        ),
        (415, orders("key-6").body("{}")),
        (422, orders("key-2").json(&other)),
        (200, env.http.get(env.merchant("/healthz"))),
        (200, env.http.get(env.merchant("/readyz"))),
        (200, buyer.post(&env, "/api/session").json(&code)),
    ] {
        let answer = request.send().await.unwrap();
        let url = answer.url().path().to_owned();
        assert_eq!(answer.status().as_u16(), status, "{url}");
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'; sandbox",
            ),
            ("x-frame-options", "DENY"),
            ("x-robots-tag", "noindex"),
        ] {
            assert_eq!(header(&answer, name), value, "{name} of {status} {url}");
        }
        for name in ["server", "x-powered-by", "access-control-allow-origin"] {
            assert_eq!(header(&answer, name), "", "{name} of {status} {url}");
        }
    }
}
