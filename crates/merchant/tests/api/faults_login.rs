//! An auth code is exchanged, and something goes wrong.

use crate::test_env::{TestEnv, problem};
use contract::{OrderStatus, ProblemCode};
use reqwest::StatusCode;
use serde_json::json;

/// F33: GoPay tells a repeated request from a second use of the code by its `Request-Id`.
#[tokio::test]
async fn an_exchange_that_failed_is_repeated_as_it_was() {
    for done in [false, true] {
        let env = TestEnv::new().await;
        let fault = json!({"on": "authorization", "do": "error_500", "done": done});
        env.faults(json!([fault])).await;
        let session = env.session("budi").await;
        let exchanged = env.entries("auth_code_exchanged").await;
        assert!(exchanged.iter().all(|entry| entry["outcome"] == "granted"));
        assert_eq!(exchanged.len(), 1 + usize::from(done));
        assert_eq!(exchanged.last().unwrap()["repeated"], done);
        assert_eq!(env.session("budi").await.customer, session.customer);
    }
}

/// F33: a lost answer is none that says 5xx; the app gets a new code and asks again.
#[tokio::test]
async fn an_exchange_whose_answer_was_lost_opens_nothing_and_spoils_nothing() {
    let env = TestEnv::new().await;
    env.faults(json!([{"on": "authorization", "do": "answer_lost"}]))
        .await;
    let answer = env.exchange(&env.auth_code("budi").await).await;
    assert!(!answer.headers().contains_key("set-cookie"));
    assert_eq!(problem(answer).await.code, ProblemCode::GopayUnavailable);
    env.session("budi").await;
}

/// F34: the app is told to get a new code; the merchant does not try the old one again.
#[tokio::test]
async fn a_code_that_gopay_does_not_know_is_refused_at_once() {
    let env = TestEnv::new().await;
    env.faults(json!([{"on": "authorization", "do": "not_found_404"}]))
        .await;
    let answer = env.exchange(&env.auth_code("budi").await).await;
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(problem(answer).await.code, ProblemCode::AuthCodeRefused);
    assert_eq!(env.count("auth_code_exchanged").await, 0);
    env.session("budi").await;
}

/// F35
#[tokio::test]
async fn a_grant_with_nothing_in_it_opens_nothing() {
    for harm in ["no_token", "truncate", "html"] {
        let env = TestEnv::new().await;
        env.faults(json!([{"on": "authorization", "do": harm}]))
            .await;
        let answer = env.exchange(&env.auth_code("budi").await).await;
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{harm}");
        assert!(!answer.headers().contains_key("set-cookie"), "{harm}");
        assert_eq!(problem(answer).await.code, ProblemCode::GopayUnavailable);
    }
}

/// F35: another account is another customer, and what was open before is closed: a buyer who
/// changed accounts in GoPay must not be kept out, and nobody sees what is not theirs.
#[tokio::test]
async fn an_account_that_changed_sees_nothing_of_the_one_before() {
    let env = TestEnv::new().await;
    let before = env.sign_in("budi").await;
    let order = before.order(&env).await;
    env.faults(json!([{"on": "authorization", "do": "other_account"}]))
        .await;
    let code = env.auth_code("budi").await;
    let request = before.post(&env, "/api/session");
    let answer = request.json(&json!({"auth_code": code})).send().await;
    let after = crate::test_env::Buyer::new(&answer.unwrap());
    assert!(after.orders(&env).await.is_empty());
    let path = format!("/api/orders/{}", order.id);
    let theirs = after.get(&env, &path).send().await.unwrap();
    assert_eq!(theirs.status(), StatusCode::NOT_FOUND);
    let old = before.get(&env, "/api/orders").send().await.unwrap();
    assert_eq!(old.status(), StatusCode::UNAUTHORIZED);
    let again = env.sign_in("budi").await;
    let status = again.status(&env, &order.id).await;
    assert_eq!(status, OrderStatus::AwaitingPayment);
}
