//! What did not work on phones: from any sender and any page, and nothing comes back.

use crate::test_env::TestEnv;
use merchant::config::Limits;
use reqwest::StatusCode;
use serde_json::json;

#[tokio::test]
async fn reports_of_phones_are_taken_from_any_page_and_answered_with_nothing() {
    let env = TestEnv::new().await;
    let failed = json!({"kind": "old", "engine": "chrome", "major": 88, "build": "", "at": ""});
    let stopped = json!({"csp-report": {
        "effective-directive": "frame-src",
        "blocked-uri": "bridge://call",
    }});
    for (kind, body) in [
        ("text/plain;charset=UTF-8", failed),
        ("application/csp-report", stopped.clone()),
        ("application/reports+json", json!([])),
        ("application/json", json!({"kind": "of tomorrow"})),
    ] {
        let sent = env
            .http
            .post(env.merchant("/api/seen"))
            .header("origin", "null")
            .header("sec-fetch-site", "cross-site")
            .header("content-type", kind)
            .body(body.to_string());
        let answer = sent.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{kind}");
        assert!(!answer.headers().contains_key("access-control-allow-origin"));
        assert_eq!(answer.text().await.unwrap(), "");
    }
}

#[tokio::test]
async fn the_reports_of_one_client_are_limited_and_of_others_are_not() {
    let env = TestEnv::limited(Limits {
        trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()],
        ..Limits::default()
    })
    .await;
    let send = async |address: &str| {
        let sent = env.http.post(env.merchant("/api/seen")).body("[]");
        let sent = sent.header("x-forwarded-for", address).send().await;
        sent.unwrap().status()
    };
    let mut answers = Vec::new();
    while answers.len() < 1_000 && !answers.contains(&StatusCode::TOO_MANY_REQUESTS) {
        answers.push(send("203.0.113.7").await);
    }
    assert!(answers.contains(&StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(send("203.0.113.8").await, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_body_that_is_no_report_is_refused_without_quoting_it() {
    let env = TestEnv::new().await;
    for (body, status) in [
        ("<script>".to_owned(), StatusCode::BAD_REQUEST),
        ("x".repeat(8 * 1024), StatusCode::BAD_REQUEST),
        ("x".repeat(8 * 1024 + 1), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let sent = env.http.post(env.merchant("/api/seen")).body(body);
        let answer = sent.send().await.unwrap();
        assert_eq!(answer.status(), status);
        assert!(!answer.text().await.unwrap().contains("script"));
    }
    let asked = env.http.get(env.merchant("/api/seen")).send().await;
    assert!(
        !asked.unwrap().status().is_success(),
        "nothing is to be read"
    );
}
