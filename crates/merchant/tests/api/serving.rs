//! How the app travels: forms, tags, lifetimes, and what is not served.

use crate::test_env::TestEnv;
use reqwest::{RequestBuilder, Response, StatusCode};
use std::{fs, io::Write};

/// As the last step of a build leaves it.
const PAGE: &str = r#"<!doctype html><html lang="id" data-boot="shop"><head>
<link rel="preload" href="/boot-00112233445566ff.js" as="script" integrity="sha384-boot">
<link rel="modulepreload" href="/app-0123456789abcdef.js" crossorigin integrity="sha384-glue">
<link rel="preload" href="/app-fedcba9876543210.wasm" as="fetch" type="application/wasm" crossorigin>
<style>[data-boot="shop"]{color:red}</style>
<script async src="https://gwk.gopayapi.com/sdk/stable/gp-container.min.js"></script>
<script src="/boot-00112233445566ff.js" integrity="sha384-boot"></script>
<script type="module" src="/app-0123456789abcdef.js" crossorigin integrity="sha384-glue"></script>
</head><body></body></html>"#;

const FILES: [(&str, &str); 13] = [
    ("index.html", PAGE),
    ("index.html.br", "not this"),
    ("app-0123456789abcdef.js", "glue"),
    ("app-0123456789abcdef.js.br", "brotli"),
    ("app-0123456789abcdef.js.gz", "gzip"),
    ("app-fedcba9876543210.wasm", "wasm"),
    ("main-0000111122223333.css", "css"),
    ("assets/logo.svg", "<svg/>"),
    ("assets/logo.svg.br", "small"),
    ("sizes.json", "{}"),
    ("_headers", "/*"),
    (".env", "hidden"),
    ("assets/.hidden", "hidden"),
];

async fn with_a_bundle() -> TestEnv {
    let env = TestEnv::new().await;
    fs::create_dir_all(env.dist.join("assets")).unwrap();
    for (name, content) in FILES {
        fs::write(env.dist.join(name), content).unwrap();
    }
    env
}

fn get(env: &TestEnv, path: &str) -> RequestBuilder {
    env.http.get(env.merchant(path))
}

async fn packed(env: &TestEnv, path: &str, encoding: &str) -> Response {
    let request = get(env, path).header("accept-encoding", encoding);
    request.send().await.unwrap()
}

fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers().get(name);
    value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

fn unpack(encoding: &str, bytes: &[u8]) -> String {
    let mut text = Vec::new();
    match encoding {
        "br" => brotli::BrotliDecompress(&mut &*bytes, &mut text).unwrap(),
        "gzip" => {
            let mut unpacked = flate2::write::GzDecoder::new(&mut text);
            unpacked.write_all(bytes).unwrap();
            unpacked.finish().unwrap();
        }
        _ => text.extend_from_slice(bytes),
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn the_page_is_the_same_in_every_form_and_known_by_the_tag_of_each() {
    let env = with_a_bundle().await;
    let whole = get(&env, "/").send().await.unwrap().text().await.unwrap();
    let mut tags = Vec::new();
    for (asked, encoding) in [
        ("identity", ""),
        ("gzip, deflate", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip", "gzip"),
    ] {
        let answer = packed(&env, "/", asked).await;
        assert_eq!(answer.status(), StatusCode::OK, "{asked}");
        assert_eq!(header(&answer, "content-encoding"), encoding, "{asked}");
        assert_eq!(header(&answer, "vary"), "accept-encoding, user-agent");
        let tag = header(&answer, "etag");
        assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
        let bytes = answer.bytes().await.unwrap();
        assert_eq!(unpack(encoding, &bytes), whole, "{asked}");
        tags.push((asked, tag));
    }
    assert_eq!(tags[1].1, tags[3].1, "the same form");
    for (asked, tag) in &tags[..3] {
        for known in [tag.clone(), format!("\"old\", W/{tag}"), "*".to_owned()] {
            let again = get(&env, "/")
                .header("accept-encoding", *asked)
                .header("if-none-match", known);
            let again = again.send().await.unwrap();
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{asked}");
            assert_eq!(header(&again, "etag"), *tag);
            assert_eq!(header(&again, "cache-control"), "no-cache, no-transform");
            assert_eq!(header(&again, "vary"), "accept-encoding, user-agent");
            assert!(header(&again, "content-security-policy").contains("sha256-"));
            assert!(again.bytes().await.unwrap().is_empty());
        }
        let other = tags.iter().find(|(_, other)| other != tag).unwrap();
        let answer = get(&env, "/")
            .header("accept-encoding", *asked)
            .header("if-none-match", &other.1);
        assert_eq!(answer.send().await.unwrap().status(), StatusCode::OK);
    }
}

/// Its length and its time are no sign of it: all hashes are of one length, and a bundle can be
/// unpacked with times of its own.
#[tokio::test]
async fn a_new_page_is_served_as_soon_as_it_is_there() {
    let env = with_a_bundle().await;
    let page = env.dist.join("index.html");
    let time = fs::metadata(&page).unwrap().modified().unwrap();
    let old = packed(&env, "/", "br").await;
    let old = header(&old, "etag");
    let next = PAGE.replace("0123456789abcdef", "9999999999999999");
    assert_eq!(next.len(), PAGE.len());
    fs::write(&page, &next).unwrap();
    let file = fs::File::options().write(true).open(&page).unwrap();
    file.set_modified(time).unwrap();
    let new = get(&env, "/")
        .header("accept-encoding", "br")
        .header("if-none-match", old);
    let new = new.send().await.unwrap();
    assert_eq!(new.status(), StatusCode::OK);
    let new = unpack("br", &new.bytes().await.unwrap());
    assert!(new.contains("/app-9999999999999999.js"), "{new}");
    // And the one that is gone is gone for every route.
    let order = get(&env, "/orders/1").send().await.unwrap();
    assert!(order.text().await.unwrap().contains("9999999999999999"));
}

#[tokio::test]
async fn the_skeleton_follows_from_the_address() {
    let env = with_a_bundle().await;
    for (path, boot) in [
        ("/", "shop"),
        ("/?add=klepon", "shop"),
        ("/orders", "orders"),
        ("/orders/", "orders"),
        ("/orders?lang=en", "orders"),
        ("/orders/0123", "order"),
        ("/", "shop"),
    ] {
        let page = get(&env, path).send().await.unwrap().text().await.unwrap();
        let html = format!(r#"<html lang="id" data-boot="{boot}">"#);
        assert!(page.contains(&html), "{path}: {page}");
        assert!(page.contains(r#"<style>[data-boot="shop"]"#), "{page}");
    }
}

#[tokio::test]
async fn every_file_has_its_type_its_lifetime_and_its_headers() {
    const FOREVER: &str = "public, max-age=31536000, immutable, no-transform";
    const A_WHILE: &str = "public, max-age=3600, stale-while-revalidate=604800, no-transform";
    // A picture can be a document, with scripts in it.
    const ALONE: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
    let env = with_a_bundle().await;
    for (path, kind, lifetime, policy) in [
        (
            "/app-0123456789abcdef.js",
            "text/javascript; charset=utf-8",
            FOREVER,
            ALONE,
        ),
        (
            "/app-fedcba9876543210.wasm",
            "application/wasm",
            FOREVER,
            ALONE,
        ),
        (
            "/main-0000111122223333.css",
            "text/css; charset=utf-8",
            FOREVER,
            ALONE,
        ),
        ("/assets/logo.svg", "image/svg+xml", A_WHILE, ALONE),
    ] {
        let answer = get(&env, path).send().await.unwrap();
        let tag = header(&answer, "etag");
        let again = get(&env, path).header("if-none-match", &tag);
        let again = again.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
        assert_eq!(header(&answer, "content-type"), kind, "{path}");
        for answer in [&answer, &again] {
            for (name, value) in [
                ("cache-control", lifetime),
                ("content-security-policy", policy),
                ("cross-origin-resource-policy", "same-origin"),
                ("etag", tag.as_str()),
                ("referrer-policy", "same-origin"),
                ("x-content-type-options", "nosniff"),
                ("x-robots-tag", "noindex"),
                ("last-modified", ""),
                ("accept-ranges", ""),
                ("server", ""),
            ] {
                assert_eq!(header(answer, name), value, "{name} of {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_file_travels_in_the_smallest_form_that_lies_beside_it() {
    let env = with_a_bundle().await;
    let script = "/app-0123456789abcdef.js";
    for (path, asked, encoding, text) in [
        (script, "gzip, deflate, br, zstd", "br", "brotli"),
        (script, "gzip, deflate", "gzip", "gzip"),
        (script, "identity", "", "glue"),
        ("/assets/logo.svg", "gzip, br", "br", "small"),
        ("/assets/logo.svg", "gzip", "", "<svg/>"),
        ("/app-fedcba9876543210.wasm", "gzip, br", "", "wasm"),
    ] {
        let answer = packed(&env, path, asked).await;
        assert_eq!(header(&answer, "content-encoding"), encoding, "{path}");
        assert_eq!(header(&answer, "vary"), "accept-encoding", "{path}");
        assert_eq!(answer.text().await.unwrap(), text, "{path} {asked}");
    }
}

#[tokio::test]
async fn answers_to_the_app_are_compressed() {
    let env = with_a_bundle().await;
    for (asked, encoding) in [("gzip", "gzip"), ("gzip, br", "gzip"), ("identity", "")] {
        let code = env.auth_code("budi").await;
        let request = env.http.post(env.merchant("/api/session"));
        let request = request
            .header("accept-encoding", asked)
            .json(&serde_json::json!({ "auth_code": code }));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{asked}");
        assert_eq!(header(&answer, "content-encoding"), encoding);
        assert_eq!(header(&answer, "vary"), "accept-encoding");
        let bytes = answer.bytes().await.unwrap();
        let session = serde_json::from_str(&unpack(encoding, &bytes));
        let session: contract::Session = session.unwrap();
        assert!(!session.catalogue.is_empty(), "{asked}");
    }
}

/// F107: a page that was loaded before the deploy asks for files that are gone.
#[tokio::test]
async fn a_file_of_the_version_before_is_reported_as_replaced() {
    let env = with_a_bundle().await;
    for (path, is_said) in [
        ("/app-ffffffffffffffff.js", true),
        ("/app-ffffffffffffffff_bg.wasm", true),
        ("/assets/no.svg", false),
    ] {
        let answer = packed(&env, path, "gzip, br").await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header(&answer, "cache-control"), "no-store", "{path}");
        assert_eq!(
            header(&answer, "content-type"),
            "application/problem+json",
            "{path}"
        );
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "not_found", "{path}");
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert_eq!(detail.contains("load the page again"), is_said, "{path}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_part_of_the_app_is_not_served() {
    let env = with_a_bundle().await;
    for (name, _) in FILES {
        let is_apart = name.ends_with(".br") || name.ends_with(".gz");
        let is_apart = is_apart || name.contains(".env") || name.contains(".hidden");
        let is_apart = is_apart || ["sizes.json", "_headers"].contains(&name);
        let answer = get(&env, &format!("/{name}")).send().await.unwrap();
        assert_eq!(answer.status() == StatusCode::NOT_FOUND, is_apart, "{name}");
    }
    for path in [
        "//sizes.json",
        "/sizes%2ejson",
        "/%2eenv",
        "/assets/%2Ehidden",
        "/.git/config",
    ] {
        let answer = get(&env, path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header(&answer, "cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn the_app_is_for_reading() {
    let env = with_a_bundle().await;
    for path in ["/", "/app-0123456789abcdef.js"] {
        let head = env.http.head(env.merchant(path)).send().await.unwrap();
        let got = get(&env, path).send().await.unwrap();
        assert_eq!(head.status(), StatusCode::OK, "{path}");
        for name in ["content-length", "etag", "cache-control", "content-type"] {
            assert_eq!(header(&head, name), header(&got, name), "{name} of {path}");
        }
        let posted = env.http.post(env.merchant(path)).send().await.unwrap();
        assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}
