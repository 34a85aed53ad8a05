//! Signing in.

use crate::town::{Buyer, Town, problem};
use contract::{ProblemCode, Session};
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn an_auth_code_opens_a_session_with_all_the_shop_needs() {
    let town = Town::new().await;
    let answer = town.exchange(&town.auth_code("budi").await).await;
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let session: Session = answer.json().await.unwrap();
    assert_eq!(session.catalogue.len(), 8);
    assert_eq!(session.open_order, None);
    let again = town.session("budi").await;
    assert_eq!(again.customer, session.customer);
    let other = town.session("siti").await;
    assert_ne!(other.customer, session.customer);
}

/// F34
#[tokio::test]
async fn a_used_old_or_invented_auth_code_opens_nothing() {
    let town = Town::new().await;
    let used = town.auth_code("budi").await;
    assert_eq!(town.exchange(&used).await.status(), StatusCode::OK);
    let old = town.auth_code("budi").await;
    town.control_post("clock/advance", json!({"seconds": 361}))
        .await;
    for code in [used.as_str(), old.as_str(), "invented"] {
        let answer = town.exchange(code).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert!(!answer.headers().contains_key("set-cookie"));
        assert_eq!(problem(answer).await.code, ProblemCode::AuthCodeRefused);
    }
}

#[tokio::test]
async fn an_auth_code_that_cannot_be_one_is_not_even_sent() {
    let town = Town::new().await;
    for code in ["", "a b", "a\nb", "é", &"x".repeat(1025)] {
        let answer = town.exchange(code).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(problem(answer).await.code, ProblemCode::InvalidRequest);
    }
    assert_eq!(town.count("auth_code_exchanged").await, 0);
}

#[tokio::test]
async fn a_session_held_before_a_login_is_worth_nothing_after() {
    let town = Town::new().await;
    let before = town.sign_in("budi").await;
    let code = town.auth_code("budi").await;
    let answer = before
        .post(&town, "/api/session")
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
        let answer = buyer.get(&town, "/api/orders").send().await.unwrap();
        assert_eq!(answer.status(), status);
    }
}

#[tokio::test]
async fn without_a_session_there_is_nothing_to_see() {
    let town = Town::new().await;
    let token = "0".repeat(64);
    let cookies = [
        String::new(),
        "sid=".to_owned(),
        format!("sid={token}"),
        format!("sid={token}; sid={token}"),
    ];
    for cookie in cookies {
        let stranger = Buyer { cookie };
        for path in ["/api/orders", "/api/catalogue", "/api/orders/x"] {
            let answer = stranger.get(&town, path).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
            assert_eq!(problem(answer).await.code, ProblemCode::SessionRequired);
        }
    }
}
