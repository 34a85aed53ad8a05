//! What the buyer is called.

use crate::test_env::{Buyer, TestEnv, problem};
use contract::{ProblemCode, Profile};
use reqwest::{Response, StatusCode};
use serde_json::json;

async fn ask(env: &TestEnv, buyer: &Buyer) -> Response {
    buyer.post(env, "/api/profile").send().await.unwrap()
}

async fn name(env: &TestEnv, buyer: &Buyer) -> Option<String> {
    let answer = ask(env, buyer).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json::<Profile>().await.unwrap().name
}

#[tokio::test]
async fn a_buyer_who_agreed_is_known_by_name_from_then_on() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    let refused = problem(ask(&env, &buyer).await).await;
    assert_eq!(refused.code, ProblemCode::ConsentRequired);
    assert_eq!(refused.status, 403);
    assert_eq!(env.session("budi").await.customer.name, None);

    let scope = refused.consent.unwrap();
    env.decide("budi", &scope, true).await;
    assert_eq!(name(&env, &buyer).await.as_deref(), Some("Budi"));
    let asked = env.count("profile_requested").await;
    let session = env.session("budi").await;
    assert_eq!(session.customer.name.as_deref(), Some("Budi"));
    assert_eq!(env.count("profile_requested").await, asked);
    assert_eq!(env.session("siti").await.customer.name, None);
}

#[tokio::test]
async fn a_buyer_who_refused_can_order_all_the_same() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.decide("budi", "profile", false).await;
    let refused = problem(ask(&env, &buyer).await).await;
    assert_eq!(refused.code, ProblemCode::ConsentRequired);
    buyer.order(&env).await;
}

#[tokio::test]
async fn the_profile_is_understood_in_every_way_that_gopay_may_write_it() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    for place in ["error", "data", "description"] {
        let switches = json!({"profile_consent": place});
        env.control_put("container", switches).await;
        let refused = problem(ask(&env, &buyer).await).await;
        assert_eq!(refused.consent.as_deref(), Some("profile"), "{place}");
    }
    for field in ["username", "name"] {
        let switches = json!({"profile_name": field, "prelaunch_consents": true});
        env.control_put("container", switches).await;
        assert_eq!(name(&env, &buyer).await.as_deref(), Some("Budi"), "{field}");
    }
}

#[tokio::test]
async fn a_name_is_asked_for_in_a_session_only() {
    let env = TestEnv::new().await;
    let stranger = Buyer {
        cookie: String::new(),
    };
    let refused = problem(ask(&env, &stranger).await).await;
    assert_eq!(refused.code, ProblemCode::SessionRequired);
    assert_eq!(env.count("profile_requested").await, 0);
}

#[tokio::test]
async fn a_gopay_that_is_away_keeps_back_a_name_and_nothing_else() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.control_put("container", json!({"prelaunch_consents": true}))
        .await;
    for scenario in ["gopay-down", "garbage"] {
        env.scenario(scenario).await;
        let refused = problem(ask(&env, &buyer).await).await;
        assert_eq!(refused.code, ProblemCode::GopayUnavailable, "{scenario}");
        assert_eq!(refused.status, 503);
    }
    env.scenario("default").await;
    assert_eq!(env.session("budi").await.customer.name, None);
    assert_eq!(name(&env, &buyer).await.as_deref(), Some("Budi"));
    buyer.order(&env).await;
}

#[tokio::test]
async fn a_name_is_forgotten_when_the_buyer_wants_it_so() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.decide("budi", "profile", true).await;
    assert_eq!(name(&env, &buyer).await.as_deref(), Some("Budi"));
    let forgotten = buyer.delete(&env, "/api/profile").send().await.unwrap();
    assert_eq!(forgotten.status(), StatusCode::OK);
    assert_eq!(env.session("budi").await.customer.name, None);
}

#[tokio::test]
async fn a_name_is_forgotten_when_the_consent_is_taken_back() {
    let env = TestEnv::new().await;
    let buyer = env.sign_in("budi").await;
    env.decide("budi", "profile", true).await;
    assert_eq!(name(&env, &buyer).await.as_deref(), Some("Budi"));
    env.decide("budi", "profile", false).await;
    let refused = problem(ask(&env, &buyer).await).await;
    assert_eq!(refused.code, ProblemCode::ConsentRequired);
    assert_eq!(env.session("budi").await.customer.name, None);
}
