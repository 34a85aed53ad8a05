//! The API's OpenAPI document. In debug builds, and so in all of these tests, an answer of the API that is not
//! in it makes its request fail.

use crate::test_env::{TestEnv, problem};
use contract::{ProblemCode, SESSION_TOKEN};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::collections::BTreeSet;

async fn document(env: &TestEnv) -> Value {
    let answer = env.http.get(env.merchant("/api/openapi.json")).send().await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

/// Paths of the server with their methods.
fn operations(document: &Value) -> Vec<(String, Method, &Value)> {
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "/api");
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| {
            let method = method.to_ascii_uppercase().parse().unwrap();
            (path.clone(), method, operation)
        })
    });
    operations.collect()
}

fn address(env: &TestEnv, path: &str) -> String {
    let path = path.replace("{id}", "unknown").replace("{code}", "UNKNOWN");
    env.merchant(&format!("/api{path}"))
}

#[tokio::test]
async fn the_document_has_each_route_of_the_app() {
    let env = TestEnv::new().await;
    let document = document(&env).await;
    let listed: BTreeSet<_> = (operations(&document).into_iter())
        .map(|(path, method, _)| format!("{method} {path}"))
        .collect();
    let routes = [
        "DELETE /profile",
        "DELETE /session",
        "GET /catalogue",
        "GET /openapi.json",
        "GET /orders",
        "GET /orders/{id}",
        "GET /promo/{code}",
        "POST /orders",
        "POST /orders/{id}/cancel",
        "POST /orders/{id}/payment",
        "POST /profile",
        "POST /seen",
        "POST /session",
    ];
    assert_eq!(listed, routes.map(str::to_owned).into());
}

#[tokio::test]
async fn the_document_says_which_routes_need_a_session() {
    let env = TestEnv::new().await;
    let document = document(&env).await;
    for (path, method, operation) in operations(&document) {
        let is_open = match operation["security"].as_array() {
            None => true,
            Some(ways) => ways.iter().any(|way| *way == serde_json::json!({})),
        };
        let request = env.http.request(method.clone(), address(&env, &path));
        let answer = request.body("no JSON").send().await.unwrap();
        let is_refused = answer.status() == StatusCode::UNAUTHORIZED;
        assert_eq!(is_refused, !is_open, "{method} {path}");
    }
}

#[tokio::test]
async fn a_method_that_the_document_does_not_have_is_refused() {
    let env = TestEnv::new().await;
    let document = document(&env).await;
    for path in document["paths"].as_object().unwrap().keys() {
        let listed = document["paths"][path].as_object().unwrap();
        let mut allowed: BTreeSet<_> = listed.keys().map(|it| it.to_ascii_uppercase()).collect();
        if allowed.contains("GET") {
            allowed.insert("HEAD".to_owned());
        }
        let answer = env.http.patch(address(&env, path)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        let allow = answer.headers()["allow"].to_str().unwrap();
        let allow: BTreeSet<_> = allow.split(',').map(|it| it.trim().to_owned()).collect();
        assert_eq!(allow, allowed, "{path}");
        assert_eq!(problem(answer).await.code, ProblemCode::InvalidRequest);
    }
}

#[tokio::test]
async fn the_document_has_what_the_answers_of_an_order_have() {
    let env = TestEnv::new().await;
    let document = document(&env).await;
    let schemas = &document["components"]["schemas"];
    let order = &schemas["Order"]["properties"];
    let buyer = env.sign_in("budi").await;
    let answer = buyer.place(&env, "key").await;
    let answer: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    for field in answer.as_object().unwrap().keys() {
        assert!(order[field].is_object(), "{field}");
    }
    let key = &document["paths"]["/orders"]["post"]["parameters"][0];
    assert_eq!(key["name"], "Idempotency-Key");
    assert_eq!(key["required"], true);
    assert_eq!(key["in"], "header");
    assert!(key["description"].as_str().unwrap().contains("one effect"));
    assert_eq!(key["schema"]["type"], "string");
    assert_eq!(key["schema"]["pattern"], "^[!-~]+$");
    assert_eq!(key["schema"]["minLength"], 1);
    assert_eq!(key["schema"]["maxLength"], 128);
    let paid = &document["paths"]["/orders/{id}/payment"]["post"]["parameters"];
    assert!(paid.as_array().unwrap().contains(key));
    assert_eq!(schemas["PlaceOrder"]["additionalProperties"], false);
    assert_eq!(
        schemas["Line"]["properties"]["quantity"]["maximum"],
        contract::MAX_QUANTITY
    );
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["cookie"]["name"], "sid");
    let header = &document["paths"]["/session"]["post"]["parameters"][0]["name"];
    assert!(header.as_str().unwrap().eq_ignore_ascii_case(SESSION_TOKEN));
}
