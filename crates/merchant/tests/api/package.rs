//! The app in a package (Container V1): another origin, and a session that no cookie holds.

use crate::test_env::{PACKAGE, TestEnv, coffee, problem};
use contract::{ProblemCode, SESSION_TOKEN};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::json;

const ALLOWED: &str = "access-control-allow-origin";

async fn sign_in(env: &TestEnv, origin: &str, bearer: Option<&str>) -> Response {
    let mut request = env
        .http
        .post(env.merchant("/api/session"))
        .header("origin", origin)
        .header("sec-fetch-site", "cross-site")
        .json(&json!({"auth_code": env.auth_code("budi").await}));
    if let Some(token) = bearer {
        request = request.bearer_auth(token);
    }
    request.send().await.unwrap()
}

async fn token(env: &TestEnv, origin: &str) -> String {
    let answer = sign_in(env, origin, None).await;
    header(&answer, SESSION_TOKEN).unwrap_or_else(|| panic!("{answer:?}"))
}

fn header(answer: &Response, name: &str) -> Option<String> {
    let value = answer.headers().get(name)?;
    Some(value.to_str().unwrap().to_owned())
}

fn order(env: &TestEnv, origin: &str) -> RequestBuilder {
    env.http
        .post(env.merchant("/api/orders"))
        .header("origin", origin)
        .header("sec-fetch-site", "cross-site")
        .header("idempotency-key", "key")
        .json(&coffee())
}

#[tokio::test]
async fn a_package_gets_its_session_in_a_header_and_orders_with_it() {
    let env = TestEnv::with_packages().await;
    for origin in [PACKAGE, "null"] {
        let answer = sign_in(&env, origin, None).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(header(&answer, "set-cookie"), None);
        assert_eq!(header(&answer, ALLOWED).as_deref(), Some(origin));
        assert_eq!(header(&answer, "access-control-allow-credentials"), None);
        let exposed = header(&answer, "access-control-expose-headers");
        assert_eq!(exposed, Some([SESSION_TOKEN, ",retry-after"].concat()));
        let mut varies = answer.headers().get_all("vary").iter();
        assert!(varies.any(|by| by.to_str().unwrap().contains("origin")));
        let token = header(&answer, SESSION_TOKEN).unwrap();
        let placed = order(&env, origin).bearer_auth(&token).send().await;
        let placed = placed.unwrap();
        assert_eq!(placed.status(), StatusCode::CREATED);
        assert_eq!(header(&placed, ALLOWED).as_deref(), Some(origin));
        let list = env.http.get(env.merchant("/api/orders"));
        let list = list.bearer_auth(&token).header("origin", origin).send();
        assert_eq!(list.await.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn a_package_learns_what_went_wrong_too() {
    let env = TestEnv::with_packages().await;
    for answer in [
        order(&env, PACKAGE).send().await.unwrap(),
        order(&env, PACKAGE).bearer_auth("x").send().await.unwrap(),
    ] {
        assert_eq!(header(&answer, ALLOWED).as_deref(), Some(PACKAGE));
        assert_eq!(problem(answer).await.code, ProblemCode::SessionRequired);
    }
}

#[tokio::test]
async fn a_browser_may_ask_first_what_a_package_may_send() {
    let env = TestEnv::with_packages().await;
    let ask = |origin: &'static str| {
        env.http
            .request(Method::OPTIONS, env.merchant("/api/orders"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type,idempotency-key",
            )
            .send()
    };
    let answer = ask(PACKAGE).await.unwrap();
    assert!(answer.status().is_success());
    assert_eq!(header(&answer, ALLOWED).as_deref(), Some(PACKAGE));
    assert_eq!(
        header(&answer, "access-control-allow-methods").as_deref(),
        Some("GET,POST,DELETE")
    );
    let allowed = header(&answer, "access-control-allow-headers").unwrap();
    for name in ["authorization", "content-type", "idempotency-key"] {
        assert!(allowed.split(',').any(|it| it == name), "{allowed}");
    }
    let answer = ask("https://evil.example").await.unwrap();
    assert_eq!(header(&answer, ALLOWED), None);
}

#[tokio::test]
async fn a_cookie_is_worth_nothing_to_a_package() {
    let env = TestEnv::with_packages().await;
    let buyer = env.sign_in("budi").await;
    for origin in [PACKAGE, "null"] {
        let answer = order(&env, origin).header("cookie", &buyer.cookie).send();
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{origin}");
        let list = buyer.get(&env, "/api/orders").header("origin", origin);
        let list = list.send().await.unwrap();
        assert_eq!(list.status(), StatusCode::UNAUTHORIZED, "{origin}");
    }
    assert_eq!(buyer.orders(&env).await, []);
    // Nor does signing in from there end the session in the cookie.
    let request = buyer.post(&env, "/api/session").header("origin", PACKAGE);
    let code = env.auth_code("budi").await;
    let answer = request.json(&json!({"auth_code": code})).send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
    assert_eq!(buyer.orders(&env).await, []);
}

#[tokio::test]
async fn a_session_that_comes_twice_is_refused() {
    let env = TestEnv::with_packages().await;
    let buyer = env.sign_in("budi").await;
    let token = token(&env, PACKAGE).await;
    for path in ["/api/orders", "/api/catalogue"] {
        let answer = buyer.get(&env, path).bearer_auth(&token).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(problem(answer).await.code, ProblemCode::InvalidRequest);
    }
    // What a password in front of a test server adds is no session.
    let answer = buyer.get(&env, "/api/orders").basic_auth("a", Some("b"));
    assert_eq!(answer.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_session_of_a_package_ends_when_another_begins() {
    let env = TestEnv::with_packages().await;
    let before = token(&env, PACKAGE).await;
    let answer = sign_in(&env, PACKAGE, Some(&before)).await;
    let after = header(&answer, SESSION_TOKEN).unwrap();
    for (token, status) in [
        (&before, StatusCode::UNAUTHORIZED),
        (&after, StatusCode::OK),
    ] {
        let list = env.http.get(env.merchant("/api/orders"));
        let answer = list.bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), status);
    }
}

/// TM13
#[tokio::test]
async fn everybody_else_is_as_foreign_as_before() {
    let with = TestEnv::with_packages().await;
    let without = TestEnv::new().await;
    for (env, origin) in [
        (&with, "https://evil.example"),
        (&with, "https://package.example.evil.example"),
        (&with, "http://package.example"),
        (&without, PACKAGE),
        (&without, "null"),
    ] {
        let answer = sign_in(env, origin, None).await;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{origin}");
        assert_eq!(header(&answer, SESSION_TOKEN), None, "{origin}");
        assert_eq!(header(&answer, ALLOWED), None, "{origin}");
        assert_eq!(problem(answer).await.code, ProblemCode::ForeignOrigin);
        // A token that was stolen does not help a page either.
        let buyer = env.sign_in("budi").await;
        let token = buyer.cookie.trim_start_matches("sid=");
        let answer = order(env, origin).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{origin}");
        let list = buyer.get(env, "/api/orders").header("origin", origin);
        let list = list.send().await.unwrap();
        assert_eq!(header(&list, ALLOWED), None, "{origin}");
    }
}

#[tokio::test]
async fn the_shops_own_page_keeps_its_cookie() {
    let env = TestEnv::with_packages().await;
    let answer = sign_in_at_home(&env).await;
    assert!(header(&answer, "set-cookie").is_some());
    assert_eq!(header(&answer, SESSION_TOKEN), None);
    assert_eq!(header(&answer, ALLOWED), None);
}

async fn sign_in_at_home(env: &TestEnv) -> Response {
    let request = env.http.post(env.merchant("/api/session"));
    let code = env.auth_code("budi").await;
    let request = request.header("origin", env.origin());
    let request = request.header("sec-fetch-site", "same-origin");
    let answer = request.json(&json!({"auth_code": code})).send().await;
    answer.unwrap()
}
