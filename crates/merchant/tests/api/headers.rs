//! Every header of every kind of answer, and no other.

use crate::{
    mini_apps::two_apps,
    test_env::{PACKAGE, TestEnv, coffee, unlimited},
};
use gopay_protocol::message::notify::LINKING_PATH as LINKING;
use merchant::{config::Limits, domain::operator_policy::OrderLimits};
use reqwest::{Method, RequestBuilder, Response, StatusCode, header::HOST};
use serde_json::json;
use std::fs;
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually};

type Headers = &'static [(&'static str, &'static str)];

/// Of every answer.
const EVERY: Headers = &[
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-robots-tag", "noindex"),
];

/// Of every answer but the page.
const CLOSED: Headers = &[(
    "content-security-policy",
    "default-src 'none'; frame-ancestors 'none'; sandbox",
)];

/// Of what is not to be kept, nor framed by a browser that does not know the policy.
const PRIVATE: Headers = &[("cache-control", "no-store"), ("x-frame-options", "DENY")];

/// A package's beacon is refused by its browser otherwise, although it has arrived.
const CROSS_ORIGIN: Headers = &[
    ("cross-origin-resource-policy", "cross-origin"),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-robots-tag", "noindex"),
];

/// Where the shop's address is https.
const SECURE: Headers = &[("strict-transport-security", "max-age=63072000")];

const JSON: Headers = &[("content-type", "application/json")];
const PROBLEM: Headers = &[("content-type", "application/problem+json")];
const TEXT: Headers = &[("content-type", "text/plain; charset=utf-8")];
const SCRIPT: Headers = &[("content-type", "text/javascript; charset=utf-8")];
const WASM: Headers = &[("content-type", "application/wasm")];
const PICTURE: Headers = &[("content-type", "image/svg+xml")];
const ALLOW: Headers = &[("allow", "GET,HEAD")];
const LOCATION: Headers = &[("location", "/orders/1")];
const NO_STORE: Headers = &[("cache-control", "no-store")];
const COMPRESSED: Headers = &[("vary", "accept-encoding")];
const TAGGED: Headers = &[("etag", "*")];
const SNAP: Headers = &[("x-timestamp", "*")];
const RETRY: Headers = &[("retry-after", "*")];
const FOREVER: Headers = &[(
    "cache-control",
    "public, max-age=31536000, immutable, no-transform",
)];
const A_WEEK: Headers = &[(
    "cache-control",
    "public, max-age=3600, stale-while-revalidate=604800, no-transform",
)];

/// Of the page; its policy is another one for each simulator.
const PAGE: Headers = &[
    ("cache-control", "no-cache, no-transform"),
    ("content-security-policy", "*"),
    (
        "content-security-policy-report-only",
        "require-trusted-types-for 'script'; trusted-types default; report-uri /api/seen",
    ),
    ("content-type", "text/html; charset=utf-8"),
    ("cross-origin-opener-policy", "same-origin"),
    ("etag", "*"),
    ("origin-agent-cluster", "?1"),
    (
        "permissions-policy",
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), \
         geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), \
         picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), usb=(), \
         xr-spatial-tracking=()",
    ),
    ("vary", "accept-encoding, user-agent"),
];

/// The cookie of a session; `*` is the token.
const COOKIE: Headers = &[(
    "set-cookie",
    "__Host-sid=*; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200; Secure",
)];

const ENDED: Headers = &[
    ("clear-site-data", "\"storage\""),
    (
        "set-cookie",
        "__Host-sid=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure",
    ),
];

/// By which the log names the request.
const IDENTIFIED: Headers = &[("x-request-id", "*")];

/// What follows from body and connection.
const TRANSPORT: [&str; 4] = ["connection", "content-length", "date", "transfer-encoding"];

/// Whether a value is the expected one, of which `*` stands for any part.
fn fits(value: &str, expected: &str) -> bool {
    match expected.split_once('*') {
        Some((before, after)) => {
            let rest = value.strip_prefix(before);
            rest.is_some_and(|rest| !rest.is_empty() && rest.ends_with(after))
        }
        None => value == expected,
    }
}

/// What is sent and not expected, and what is expected and not sent.
fn differences(answer: &Response, groups: &[Headers]) -> Vec<String> {
    let headers = answer.headers().iter();
    let mut sent: Vec<_> = headers
        .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
        .filter(|(name, _)| !TRANSPORT.contains(name))
        .collect();
    let mut differences = Vec::new();
    for (name, value) in groups.iter().copied().flatten().chain(IDENTIFIED) {
        match sent
            .iter()
            .position(|sent| sent.0 == *name && fits(sent.1, value))
        {
            Some(at) => drop(sent.remove(at)),
            None => differences.push(format!("missing {name}: {value}")),
        }
    }
    differences.extend((sent.iter()).map(|(name, value)| format!("sent {name}: {value}")));
    differences
}

/// A kind of answer: its name, a request that gets it, its status and its headers.
type Row = (&'static str, RequestBuilder, u16, Vec<Headers>);

async fn assert_rows(rows: Vec<Row>) {
    let mut wrong = String::new();
    for (kind, request, status, groups) in rows {
        let answer = request.send().await.unwrap();
        let mut differences = differences(&answer, &groups);
        if answer.status().as_u16() != status {
            differences.push(format!("sent {}", answer.status()));
        }
        if !differences.is_empty() {
            wrong += &format!("{kind} ({status}):\n  {}\n", differences.join("\n  "));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A shop at an https address, with a bundle, where a buyer may have one open order.
async fn secure() -> TestEnv {
    let mut env = TestEnv::new().await;
    env.build_app();
    for (name, content) in [
        ("app-0123456789abcdef.js", "glue"),
        ("app-fedcba9876543210.wasm", "wasm"),
        ("logo.svg", "<svg/>"),
    ] {
        fs::write(env.dist.join(name), content).unwrap();
    }
    env.public_url = Some("https://kedai.example".parse().unwrap());
    env.order_history = "/riwayat/{order}".to_owned();
    env.limits.orders = OrderLimits {
        open: 1,
        per_hour: 100,
    };
    env.restart_merchant().await;
    env
}

/// TM14, TM17, TM19, I-39
#[tokio::test]
async fn each_kind_of_answer_has_its_headers_and_no_other() {
    let env = secure().await;
    let buyer = env.sign_in("budi").await;
    let other = env.sign_in("siti").await;
    let get = |path: &str| env.http.get(env.merchant(path));
    let post = |path: &str| env.http.post(env.merchant(path));
    let seen = json!({"kind": "load", "engine": "chrome", "major": 99, "build": "", "at": ""});
    let place = |key: &str| {
        let request = buyer.post(&env, "/api/orders").json(&coffee());
        request.header("idempotency-key", key)
    };
    let sign_in = |code: String| post("/api/session").json(&json!({"auth_code": code}));
    let code = env.auth_code("budi").await;
    let foreign = sign_in(String::new()).header("origin", "https://evil.example");
    let ok: &[Headers] = &[EVERY, CLOSED, SECURE];
    let api: &[Headers] = &[EVERY, CLOSED, SECURE, PRIVATE];
    let page: &[Headers] = &[EVERY, SECURE, PAGE];
    let file: &[Headers] = &[EVERY, CLOSED, SECURE, TAGGED, COMPRESSED];
    let problem: &[Headers] = &[PROBLEM, COMPRESSED];
    let of = |common: &[Headers], own: &[Headers]| [common, own].concat();
    #[rustfmt::skip]
    let rows = vec![
        ("page", get("/"), 200, of(page, &[])),
        ("order's page", get("/orders/1"), 200, of(page, &[])),
        ("script", get("/app-0123456789abcdef.js"), 200, of(file, &[FOREVER, SCRIPT])),
        ("WebAssembly", get("/app-fedcba9876543210.wasm"), 200, of(file, &[FOREVER, WASM])),
        ("picture", get("/logo.svg"), 200, of(file, &[A_WEEK, PICTURE])),
        ("no file", get("/app-ffffffffffffffff.js"), 404, of(ok, &[PROBLEM, NO_STORE])),
        ("file for another method", post("/logo.svg"), 405, of(ok, &[NO_STORE, ALLOW])),
        ("GoPay's link to an order", get("/riwayat/1"), 307, of(ok, &[NO_STORE, LOCATION])),
        ("catalogue", buyer.get(&env, "/api/catalogue"), 200, of(api, &[JSON, COMPRESSED])),
        ("order", place("1"), 201, of(api, &[JSON, COMPRESSED])),
        ("malformed request", place("2").body("{"), 400, of(api, problem)),
        ("no session", get("/api/orders"), 401, of(api, problem)),
        ("another site's request", foreign, 403, of(api, problem)),
        ("no such route", get("/api/nothing"), 404, of(api, problem)),
        ("route for another method", post("/api/catalogue"), 405, of(api, &[PROBLEM, COMPRESSED, ALLOW])),
        ("too many orders", place("3"), 429, of(api, &[PROBLEM, COMPRESSED, RETRY])),
        ("phone's report", post("/api/seen").json(&seen), 204, of(&api[1..], &[CROSS_ORIGIN])),
        ("no report", post("/api/seen").body("<"), 400, of(api, &[PROBLEM])),
        ("notification", post("/v1.0/debit/notify").body("{}"), 400, of(api, &[JSON, SNAP])),
        ("notification's address", get("/v1.0/debit/notify"), 200, of(api, &[TEXT])),
        ("linked account", post(LINKING).body("{}"), 403, of(api, &[JSON, SNAP])),
        ("life", get("/healthz"), 200, of(api, &[TEXT])),
        ("readiness", get("/readyz"), 200, of(api, &[TEXT])),
        ("sign-in", sign_in(code), 200, of(api, &[JSON, COMPRESSED, COOKIE])),
        ("sign-out", other.delete(&env, "/api/session"), 204, of(api, &[ENDED])),
    ];
    assert_rows(rows).await;
    env.scenario("garbage").await;
    fs::remove_file(env.dist.join("index.html")).unwrap();
    #[rustfmt::skip]
    let rows = vec![
        ("GoPay's nonsense", sign_in("code".to_owned()), 503, of(api, &[PROBLEM, COMPRESSED, RETRY])),
        ("no page", get("/"), 503, of(ok, &[PROBLEM, NO_STORE, RETRY])),
        ("not ready", get("/readyz"), 503, of(api, &[TEXT])),
    ];
    assert_rows(rows).await;
}

#[tokio::test]
async fn a_package_gets_what_lets_it_read_the_answer() {
    const VARIES: Headers = &[("vary", "origin")];
    const ALLOWED: Headers = &[("access-control-allow-origin", PACKAGE)];
    const EXPOSED: Headers = &[("access-control-expose-headers", "session-token,retry-after")];
    const PREFLIGHT: Headers = &[
        ("allow", "GET,HEAD,POST"),
        (
            "access-control-allow-headers",
            "authorization,content-type,idempotency-key",
        ),
        ("access-control-allow-methods", "GET,POST,DELETE"),
        ("access-control-max-age", "7200"),
    ];
    let env = TestEnv::with_packages().await;
    let from = |origin: &str, method: Method| {
        let request = env.http.request(method, env.merchant("/api/orders"));
        request.header("origin", origin)
    };
    let preflight = from(PACKAGE, Method::OPTIONS)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization");
    let api: &[Headers] = &[EVERY, CLOSED, PRIVATE, VARIES];
    let refusal: &[Headers] = &[api, &[PROBLEM, COMPRESSED, EXPOSED]].concat();
    #[rustfmt::skip]
    let rows = vec![
        ("preflight", preflight, 200, [api, &[ALLOWED, PREFLIGHT]].concat()),
        ("refusal", from(PACKAGE, Method::GET), 401, [refusal, &[ALLOWED]].concat()),
        ("another origin", from("https://evil.example", Method::GET), 401, refusal.to_vec()),
    ];
    assert_rows(rows).await;
}

/// Without TLS there is nothing to insist on.
#[tokio::test]
async fn a_host_without_a_mini_app_gets_the_headers_too() {
    let env = two_apps().await;
    let elsewhere = env.http.get(env.merchant("/")).header(HOST, "10.0.0.7");
    let misdirected = vec![EVERY, CLOSED, PRIVATE, TEXT];
    assert_rows(vec![("misdirected", elsewhere, 421, misdirected)]).await;
}

#[tokio::test]
async fn a_request_beyond_the_limit_gets_the_headers_too() {
    let env = TestEnv::limited(Limits {
        requests: 1,
        ..unlimited()
    })
    .await;
    env.faults(json!([{"on": "authorization", "do": "hold"}]))
        .await;
    let held = env.http.post(env.merchant("/api/session"));
    let held = held.json(&json!({"auth_code": env.auth_code("budi").await}));
    let held = tokio::spawn(held.send());
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let answer = env
            .http
            .get(env.merchant("/api/orders"))
            .send()
            .await
            .unwrap();
        let status = answer.status();
        (status == StatusCode::SERVICE_UNAVAILABLE)
            .then_some(())
            .ok_or(status)
    })
    .await;
    let shed = |path: &'static str| {
        let groups = vec![EVERY, CLOSED, PRIVATE, PROBLEM, RETRY];
        (path, env.http.get(env.merchant(path)), 503, groups)
    };
    assert_rows(vec![shed("/"), shed("/api/orders")]).await;
    held.abort();
}
