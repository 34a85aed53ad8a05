//! What the buyer is called.

use crate::town::{Buyer, Town, problem};
use contract::{ProblemCode, Profile};
use reqwest::{Response, StatusCode};
use serde_json::json;

async fn ask(town: &Town, buyer: &Buyer) -> Response {
    buyer.post(town, "/api/profile").send().await.unwrap()
}

async fn name(town: &Town, buyer: &Buyer) -> Option<String> {
    let answer = ask(town, buyer).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json::<Profile>().await.unwrap().name
}

#[tokio::test]
async fn a_buyer_who_agreed_is_known_by_name_from_then_on() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    let refused = problem(ask(&town, &buyer).await).await;
    assert_eq!(refused.code, ProblemCode::ConsentRequired);
    assert_eq!(refused.status, 403);
    assert_eq!(town.session("budi").await.customer.name, None);

    let scope = refused.consent.unwrap();
    town.decide("budi", &scope, true).await;
    assert_eq!(name(&town, &buyer).await.as_deref(), Some("Budi"));
    let asked = town.count("profile_requested").await;
    let session = town.session("budi").await;
    assert_eq!(session.customer.name.as_deref(), Some("Budi"));
    assert_eq!(town.count("profile_requested").await, asked);
    assert_eq!(town.session("siti").await.customer.name, None);
}

#[tokio::test]
async fn a_buyer_who_refused_can_order_all_the_same() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    town.decide("budi", "profile", false).await;
    let refused = problem(ask(&town, &buyer).await).await;
    assert_eq!(refused.code, ProblemCode::ConsentRequired);
    buyer.order(&town).await;
}

#[tokio::test]
async fn the_profile_is_understood_in_every_way_that_gopay_may_write_it() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    for place in ["error", "data", "description"] {
        let switches = json!({"profile_consent": place});
        town.control_put("container", switches).await;
        let refused = problem(ask(&town, &buyer).await).await;
        assert_eq!(refused.consent.as_deref(), Some("profile"), "{place}");
    }
    for field in ["username", "name"] {
        let switches = json!({"profile_name": field, "prelaunch_consents": true});
        town.control_put("container", switches).await;
        assert_eq!(
            name(&town, &buyer).await.as_deref(),
            Some("Budi"),
            "{field}"
        );
    }
}

#[tokio::test]
async fn a_name_is_asked_for_in_a_session_only() {
    let town = Town::new().await;
    let stranger = Buyer {
        cookie: String::new(),
    };
    let refused = problem(ask(&town, &stranger).await).await;
    assert_eq!(refused.code, ProblemCode::SessionRequired);
    assert_eq!(town.count("profile_requested").await, 0);
}

#[tokio::test]
async fn a_gopay_that_is_away_keeps_back_a_name_and_nothing_else() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    town.control_put("container", json!({"prelaunch_consents": true}))
        .await;
    for scenario in ["gopay-down", "garbage"] {
        town.scenario(scenario).await;
        let refused = problem(ask(&town, &buyer).await).await;
        assert_eq!(refused.code, ProblemCode::GopayUnavailable, "{scenario}");
        assert_eq!(refused.status, 503);
    }
    town.scenario("default").await;
    assert_eq!(town.session("budi").await.customer.name, None);
    assert_eq!(name(&town, &buyer).await.as_deref(), Some("Budi"));
    buyer.order(&town).await;
}

#[tokio::test]
async fn a_name_is_forgotten_when_the_buyer_wants_it_so() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    town.decide("budi", "profile", true).await;
    assert_eq!(name(&town, &buyer).await.as_deref(), Some("Budi"));
    let forgotten = buyer.delete(&town, "/api/profile").send().await.unwrap();
    assert_eq!(forgotten.status(), StatusCode::OK);
    assert_eq!(town.session("budi").await.customer.name, None);
}

#[tokio::test]
async fn a_name_is_forgotten_when_the_consent_is_taken_back() {
    let town = Town::new().await;
    let buyer = town.sign_in("budi").await;
    town.decide("budi", "profile", true).await;
    assert_eq!(name(&town, &buyer).await.as_deref(), Some("Budi"));
    town.decide("budi", "profile", false).await;
    let refused = problem(ask(&town, &buyer).await).await;
    assert_eq!(refused.code, ProblemCode::ConsentRequired);
    assert_eq!(town.session("budi").await.customer.name, None);
}
