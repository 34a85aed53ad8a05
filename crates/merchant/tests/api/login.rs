//! Signing in.

use crate::{
    spy::Spy,
    test_env::{Buyer, TestEnv, problem},
};
use contract::{ProblemCode, SESSION_TOKEN, Session};
use merchant::adapters::database::sql;
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn an_auth_code_opens_a_session_with_all_the_shop_needs() {
    let env = TestEnv::new().await;
    let answer = env.exchange(&env.auth_code("budi").await).await;
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let session: Session = answer.json().await.unwrap();
    assert_eq!(session.catalogue.len(), 8);
    assert_eq!(session.open_order, None);
    let again = env.session("budi").await;
    assert_eq!(again.customer, session.customer);
    let other = env.session("siti").await;
    assert_ne!(other.customer, session.customer);
}

/// F34
#[tokio::test]
async fn a_used_old_or_invented_auth_code_opens_nothing() {
    let env = TestEnv::new().await;
    let used = env.auth_code("budi").await;
    assert_eq!(env.exchange(&used).await.status(), StatusCode::OK);
    let old = env.auth_code("budi").await;
    env.control_post("clock/advance", json!({"seconds": 361}))
        .await;
    for code in [used.as_str(), old.as_str(), "invented"] {
        let answer = env.exchange(code).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert!(!answer.headers().contains_key("set-cookie"));
        assert_eq!(problem(answer).await.code, ProblemCode::AuthCodeRefused);
    }
}

#[tokio::test]
async fn an_auth_code_that_cannot_be_one_is_not_even_sent() {
    let env = TestEnv::new().await;
    for code in ["", "a b", "a\nb", "é", &"x".repeat(1025)] {
        let answer = env.exchange(code).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(problem(answer).await.code, ProblemCode::InvalidRequest);
    }
    assert_eq!(env.count("auth_code_exchanged").await, 0);
}

#[tokio::test]
async fn a_session_held_before_a_login_is_worth_nothing_after() {
    let env = TestEnv::new().await;
    let before = env.sign_in("budi").await;
    let code = env.auth_code("budi").await;
    let answer = before
        .post(&env, "/api/session")
        .json(&json!({"auth_code": code}))
        .send()
        .await
        .unwrap();
    let after = Buyer::new(&answer);
    assert_ne!(before.cookie, after.cookie);
    for (buyer, status) in [
        (&before, StatusCode::UNAUTHORIZED),
        (&after, StatusCode::OK),
    ] {
        let answer = buyer.get(&env, "/api/orders").send().await.unwrap();
        assert_eq!(answer.status(), status);
    }
}

/// I-36: a code opens one session, whether or not GoPay takes it twice.
#[tokio::test]
async fn a_used_auth_code_is_not_even_asked_about_again() {
    let mut env = TestEnv::new().await;
    let (spy, line) = Spy::before(env.gopay).await;
    env.mini_app_url = Some(line);
    env.restart_merchant().await;
    let code = env.auth_code("budi").await;
    assert_eq!(env.exchange(&code).await.status(), StatusCode::OK);
    assert_eq!(spy.heard().len(), 1);
    for restarted in [false, true] {
        if restarted {
            env.restart_merchant().await;
        }
        let answer = env.exchange(&code).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert!(!answer.headers().contains_key("set-cookie"));
        assert_eq!(problem(answer).await.code, ProblemCode::AuthCodeRefused);
    }
    assert_eq!(spy.heard().len(), 1);
    // A code that GoPay refuses is not kept: refused codes fill no table.
    for _ in 0..2 {
        let answer = env.exchange("invented").await;
        assert_eq!(problem(answer).await.code, ProblemCode::AuthCodeRefused);
    }
    assert_eq!(spy.heard().len(), 3);
    env.session("budi").await;
    assert_eq!(env.kept().await["auth_codes"].len(), 2);
}

/// Two at once with one code: one of them is signed in.
#[tokio::test]
async fn one_auth_code_opens_one_session_for_however_many() {
    let env = TestEnv::new().await;
    let code = env.auth_code("budi").await;
    let (one, other) = tokio::join!(env.exchange(&code), env.exchange(&code));
    let mut statuses = [one.status().as_u16(), other.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

/// What GoPay never took is not spent: the app may send it once more.
#[tokio::test]
async fn an_auth_code_that_never_reached_gopay_is_as_good_as_new() {
    let mut env = TestEnv::new().await;
    env.mini_app_url = Some("http://127.0.0.1:1".parse().unwrap());
    env.restart_merchant().await;
    let code = env.auth_code("budi").await;
    let answer = env.exchange(&code).await;
    assert_eq!(problem(answer).await.code, ProblemCode::GopayUnavailable);
    env.mini_app_url = None;
    env.restart_merchant().await;
    assert_eq!(env.exchange(&code).await.status(), StatusCode::OK);
}

/// TM14
#[tokio::test]
async fn only_a_page_that_lost_its_cookie_gets_its_session_in_a_header() {
    let env = TestEnv::with_packages().await;
    let sign_in = async |site: &str| {
        let request = env
            .http
            .post(env.merchant("/api/session"))
            .header("sec-fetch-site", site)
            .header(SESSION_TOKEN, "header")
            .json(&json!({"auth_code": env.auth_code("budi").await}));
        request.send().await.unwrap()
    };
    let answer = sign_in("same-origin").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(!answer.headers().contains_key("set-cookie"));
    let token = answer.headers()[SESSION_TOKEN].to_str().unwrap();
    let list = env.http.get(env.merchant("/api/orders"));
    let list = list.bearer_auth(token).send().await.unwrap();
    assert_eq!(list.status(), StatusCode::OK);

    let foreign = sign_in("cross-site").await;
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    assert!(!foreign.headers().contains_key(SESSION_TOKEN));
    let preflight = env
        .http
        .request(reqwest::Method::OPTIONS, env.merchant("/api/session"))
        .header("origin", "https://evil.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", SESSION_TOKEN);
    let allowed = preflight.send().await.unwrap();
    let headers = allowed.headers();
    assert!(
        !headers.contains_key("access-control-allow-origin"),
        "{headers:?}"
    );
}

async fn is_signed_in(env: &TestEnv, buyer: &Buyer) -> bool {
    let answer = buyer.get(env, "/api/orders").send().await.unwrap();
    answer.status() == StatusCode::OK
}

async fn last_used(env: &TestEnv, minutes_ago: i64) {
    let changed = sql("update sessions set last_used_at = last_used_at - $1")
        .bind(minutes_ago * 60_000_i64)
        .execute(&mut env.database().await)
        .await;
    assert!(changed.unwrap() > 0);
}

/// TM14
#[tokio::test]
async fn a_session_that_is_not_used_ends_and_one_in_use_does_not() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    for _ in 0..3 {
        // Each use is noted, so that this is no hour and a half.
        last_used(&env, 29).await;
        assert!(is_signed_in(&env, &buyer).await);
    }
    last_used(&env, 31).await;
    assert!(!is_signed_in(&env, &buyer).await);
}

/// TM14
#[tokio::test]
async fn a_session_ends_after_twelve_hours_however_much_it_is_used() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    for (minutes_ago, is_in) in [(11 * 60 + 59, true), (1, false)] {
        let ends = sql("update sessions set expires_at = expires_at - $1")
            .bind(minutes_ago * 60_000_i64)
            .execute(&mut env.database().await)
            .await;
        assert_eq!(ends.unwrap(), 1);
        assert_eq!(is_signed_in(&env, &buyer).await, is_in, "{minutes_ago}");
    }
}

/// TM14
#[tokio::test]
async fn a_buyer_who_signs_out_has_no_session_and_no_cookie() {
    let env = TestEnv::new().await;
    let (buyer, other) = (env.sign_in("budi").await, env.sign_in("budi").await);
    let answer = buyer.delete(&env, "/api/session").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("sid=;") && cookie.contains("Max-Age=0"),
        "{cookie}"
    );
    assert!(!is_signed_in(&env, &buyer).await);
    assert!(is_signed_in(&env, &other).await, "another phone's");
    let again = buyer.delete(&env, "/api/session").send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NO_CONTENT);
    let foreign = other
        .delete(&env, "/api/session")
        .header("origin", "https://other.example");
    assert_eq!(
        foreign.send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
    assert!(is_signed_in(&env, &other).await);
}

/// TM14: a page that asks for its order again and again keeps its session by that; it is found by one statement
/// together with the order, and asks as much of the session.
#[tokio::test]
async fn a_page_that_waits_for_its_order_needs_a_session() {
    let env = TestEnv::new().await;
    let (buyer, other) = (env.sign_in("budi").await, env.sign_in("siti").await);
    let order = buyer.order(&env).await;
    let page = format!("/api/orders/{}", order.id);
    let status = async |buyer: &Buyer| {
        let answer = buyer.get(&env, &page).send().await.unwrap();
        answer.status()
    };
    assert_eq!(status(&buyer).await, StatusCode::OK);
    assert_eq!(status(&other).await, StatusCode::NOT_FOUND);
    for _ in 0..3 {
        last_used(&env, 29).await;
        assert_eq!(status(&buyer).await, StatusCode::OK);
    }
    last_used(&env, 31).await;
    assert_eq!(status(&buyer).await, StatusCode::UNAUTHORIZED);
    let buyer = env.sign_in("budi").await;
    assert_eq!(status(&buyer).await, StatusCode::OK);
    let ends = sql("update sessions set expires_at = expires_at - $1")
        .bind(12 * 60 * 60_000_i64)
        .execute(&mut env.database().await)
        .await;
    assert!(ends.unwrap() > 0);
    assert_eq!(status(&buyer).await, StatusCode::UNAUTHORIZED);
    let buyer = env.sign_in("budi").await;
    let out = buyer.delete(&env, "/api/session").send().await.unwrap();
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    assert_eq!(status(&buyer).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn staff_end_the_sessions_of_an_orders_buyer_or_of_all() {
    let env = TestEnv::new().await;
    let (budi, siti) = (env.sign_in("budi").await, env.sign_in("siti").await);
    let order = budi.order(&env).await;
    let staff = env.staff().await;
    let said = staff.sign_out(Some(order.id.as_str())).await.unwrap();
    assert_eq!(said, "sessions ended: 1");
    assert!(!is_signed_in(&env, &budi).await);
    assert!(is_signed_in(&env, &siti).await);
    assert_eq!(staff.sign_out(None).await.unwrap(), "sessions ended: 1");
    assert!(!is_signed_in(&env, &siti).await);
    let unknown = staff.sign_out(Some("none")).await.unwrap_err();
    assert_eq!(unknown.to_string(), "there is no order none");
}
