use crate::merchant::{Merchant, text};
use reqwest::Method;
use serde_json::{Value, json};

const PROFILE: &str = "/v1/mini-apps/users/profile";

async fn profile(merchant: &Merchant, headers: &[(&str, String)]) -> (u16, Value) {
    let mut request = merchant.http.get(format!("{}{PROFILE}", merchant.url));
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn headers(auth_token: &str) -> [(&'static str, String); 2] {
    [
        ("Authorization", format!("Bearer {auth_token}")),
        ("Request-Id", "1".to_owned()),
    ]
}

async fn choose(merchant: &Merchant, switches: Value) {
    let path = "/control/container";
    assert_eq!(merchant.control(Method::PUT, path, switches).await.0, 200);
}

#[tokio::test]
async fn a_profile_is_returned_with_its_buyers_consent() {
    let merchant = Merchant::new().await;
    let budi = merchant.auth_token("budi").await;
    let siti = merchant.auth_token("siti").await;
    assert_eq!(profile(&merchant, &headers(&budi)).await.0, 403);
    let agreed = json!({"scope": "profile", "buyer": "budi", "allowed": true});
    merchant
        .control(Method::POST, "/bridge/consent", agreed)
        .await;
    let (status, told) = profile(&merchant, &headers(&budi)).await;
    assert_eq!(status, 200);
    assert_eq!(told["success"], true);
    assert_eq!(told["error"], json!({}));
    assert_eq!(told["data"]["username"], "Budi");
    assert_eq!(told["data"]["email"], "budi@surat.example");
    assert!(text(&told["data"]["phone_number"]).starts_with("+62"));
    assert_eq!(told["data"].as_object().unwrap().len(), 3);
    assert_eq!(profile(&merchant, &headers(&siti)).await.0, 403);

    choose(
        &merchant,
        json!({"prelaunch_consents": true, "profile_name": "name"}),
    )
    .await;
    let (_, told) = profile(&merchant, &headers(&siti)).await;
    assert_eq!(told["data"]["name"], "Siti");
    assert_eq!(told["data"]["username"], Value::Null);

    let outcomes: Vec<_> = merchant.entries("profile_requested").await;
    let outcomes: Vec<_> = outcomes.iter().map(|entry| &entry["outcome"]).collect();
    let refused = "USER_CONSENT_DOES_NOT_EXIST";
    assert_eq!(outcomes, [refused, "told", refused, "told"]);
    let ledger = merchant
        .ask(Method::GET, "/control/ledger")
        .await
        .1
        .to_string();
    for personal in [&budi, &siti, "example.com", "+62", "Budi"] {
        assert!(!ledger.contains(personal), "{personal}");
    }
}

#[tokio::test]
async fn a_missing_consent_is_named_in_the_chosen_place() {
    let merchant = Merchant::new().await;
    let token = merchant.auth_token("budi").await;
    let refused = async |place: &str| {
        choose(&merchant, json!({"profile_consent": place})).await;
        let (status, answer) = profile(&merchant, &headers(&token)).await;
        assert_eq!((status, &answer["success"]), (403, &json!(false)));
        assert_eq!(answer["error"]["code"], "400004");
        answer
    };
    let answer = refused("error").await;
    assert_eq!(answer["error"]["consent_name"], "profile");
    assert_eq!(
        answer["error"]["description"],
        "USER_CONSENT_DOES_NOT_EXIST"
    );
    assert_eq!(
        refused("data").await["data"],
        json!({"consent_name": "profile"})
    );
    let description = "USER_CONSENT_DOES_NOT_EXIST: profile";
    assert_eq!(
        refused("description").await["error"]["description"],
        description
    );
}

#[tokio::test]
async fn an_undocumented_request_is_refused_with_its_code() {
    let merchant = Merchant::new().await;
    choose(&merchant, json!({"prelaunch_consents": true})).await;
    let token = merchant.auth_token("budi").await;
    let id = || ("Request-Id", "1".to_owned());
    let bearer = |token: &str| ("Authorization", format!("Bearer {token}"));
    for (headers, status, code) in [
        (vec![id()], 401, "303"),
        (vec![id(), ("Authorization", token.clone())], 401, "310"),
        (vec![id(), bearer("somebody else's")], 401, "110"),
        (vec![bearer(&token)], 400, "303"),
    ] {
        let (found, answer) = profile(&merchant, &headers).await;
        assert_eq!((found, &answer["error"]["code"]), (status, &json!(code)));
    }
    let down = json!({"name": "gopay-down"});
    merchant
        .control(Method::PUT, "/control/scenario", down)
        .await;
    let (status, answer) = profile(&merchant, &headers(&token)).await;
    assert_eq!((status, &answer["error"]["code"]), (503, &json!("900")));
}
