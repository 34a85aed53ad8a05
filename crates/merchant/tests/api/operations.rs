//! What the operator of the merchant sees of it: metrics, readiness, request ids.

use crate::{
    log_scan,
    spy::Spy,
    test_env::{TestEnv, coffee},
};
use contract::OrderStatus;
use jiff::Timestamp;
use merchant::metrics::CONTENT_TYPE;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually};

async fn metrics(env: &TestEnv) -> String {
    let answer = env.admin("/metrics").await;
    assert_eq!(answer.headers()["content-type"], CONTENT_TYPE);
    answer.text().await.unwrap()
}

/// The value of the sample that is written so.
fn sample(metrics: &str, name: &str) -> Option<f64> {
    let mut lines = metrics.lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

#[tokio::test]
async fn an_order_and_its_payment_are_in_the_metrics() {
    let env = TestEnv::operated().await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    let forged = env.http.post(env.merchant("/v1.0/debit/notify"));
    let forged = forged
        .header("x-timestamp", "2026-11-22T12:00:00+07:00")
        .header("x-signature", "Zm9yZ2Vk");
    assert_eq!(
        forged.send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );

    let text = metrics(&env).await;
    for (name, at_least) in [
        (
            r#"merchant_http_requests_total{route="/api/orders",method="POST",status="2xx"}"#,
            1.0,
        ),
        (
            r#"merchant_http_requests_total{route="/api/orders/{id}",method="GET",status="2xx"}"#,
            1.0,
        ),
        (
            r#"merchant_http_request_duration_seconds_count{route="/api/orders",method="POST"}"#,
            1.0,
        ),
        (r#"merchant_notifications_total{verdict="accepted"}"#, 1.0),
        (r#"merchant_notifications_total{verdict="forged"}"#, 1.0),
        (
            r#"merchant_gopay_requests_total{api="payment",result="success"}"#,
            1.0,
        ),
        (
            r#"merchant_gopay_requests_total{api="access_token",result="success"}"#,
            1.0,
        ),
        (
            r#"merchant_gopay_requests_total{api="sign_in",result="success"}"#,
            1.0,
        ),
        (
            r#"merchant_gopay_request_duration_seconds_count{api="payment"}"#,
            1.0,
        ),
        (r#"merchant_gopay_pause_seconds{api="payment"}"#, 0.0),
        (
            r#"merchant_gopay_credentials_refused{credential="client_secret"}"#,
            0.0,
        ),
        (r#"merchant_queue_due{queue="inquiry"}"#, 0.0),
        (
            r#"merchant_queue_oldest_due_age_seconds{queue="refund"}"#,
            0.0,
        ),
        (
            r#"merchant_queue_items{queue="webhook",state="dead_letter"}"#,
            0.0,
        ),
        (
            r#"merchant_worker_last_round_age_seconds{worker="refund"}"#,
            0.0,
        ),
        ("merchant_orders_in_review", 0.0),
        ("merchant_http_connections", 1.0),
        (
            r#"merchant_build_info{version="0.1.0",environment="simulator"}"#,
            1.0,
        ),
        ("process_resident_memory_bytes", 1_000_000.0),
        ("process_open_fds", 3.0),
        ("process_start_time_seconds", 1_000_000_000.0),
    ] {
        let value = sample(&text, name);
        assert!(
            value.is_some_and(|value| value >= at_least),
            "{name} is {value:?}:\n{text}"
        );
    }
    // The clock is GoPay's: the simulator's and this machine's are one.
    let skew = sample(&text, "merchant_gopay_clock_skew_seconds").unwrap();
    assert!(skew.abs() < 5.0, "{skew}");
}

/// Whatever strangers send, there are no more series.
#[tokio::test]
async fn no_label_has_a_value_of_a_request() {
    let env = TestEnv::operated().await;
    let names = |text: &str| -> BTreeSet<String> {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        samples
            .filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned()))
            .collect()
    };
    for path in ["/made-up-1", "/api/made-up-1", "/api/orders/made-up-1"] {
        env.http.get(env.merchant(path)).send().await.unwrap();
        let strange = reqwest::Method::from_bytes(b"MADEUP").unwrap();
        let strange = env.http.request(strange, env.merchant(path));
        strange.send().await.unwrap();
    }
    let text = metrics(&env).await;
    assert!(
        !text.contains("made-up") && !text.contains("MADEUP"),
        "{text}"
    );
    assert!(text.contains(r#"route="other",method="other""#), "{text}");
    let before = names(&text);
    for path in ["/made-up-2", "/api/made-up-2?a=b", "/api/orders/made-up-2"] {
        env.http.get(env.merchant(path)).send().await.unwrap();
    }
    assert_eq!(names(&metrics(&env).await), before);
}

#[tokio::test]
async fn a_throttled_api_and_a_limited_buyer_are_in_the_metrics() {
    let mut env = TestEnv::operated().await;
    env.limits.rates.requests_per_minute_per_buyer = 3.try_into().unwrap();
    env.restart_merchant().await;
    let buyer = env.sign_in("budi").await;
    env.faults(json!([{"on": "payment", "do": "throttle_429", "retry_after": 30, "times": null}]))
        .await;
    let place = async |key: &str| buyer.place(&env, key).await.status();
    assert_eq!(place("a").await, StatusCode::SERVICE_UNAVAILABLE);
    let mut last = StatusCode::OK;
    for key in ["b", "c", "d", "e"] {
        last = place(key).await;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let text = metrics(&env).await;
    let count = |name: &str| sample(&text, name).unwrap_or_default();
    let throttled = r#"merchant_gopay_requests_total{api="payment",result="throttled"}"#;
    assert!(count(throttled) >= 1.0, "{text}");
    assert!(count(r#"merchant_gopay_pause_seconds{api="payment"}"#) > 5.0);
    assert!(count(r#"merchant_http_rate_limited_total{route="/api/orders"}"#) >= 1.0);
}

async fn obstacles(answer: Response) -> Vec<String> {
    let is_ready = answer.status() == StatusCode::OK;
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["ready"], is_ready);
    let obstacles = body["obstacles"].as_array().unwrap().iter();
    obstacles
        .map(|it| {
            assert!(!it["detail"].as_str().unwrap().is_empty());
            it["check"].as_str().unwrap().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn readiness_names_what_keeps_the_merchant_from_its_work() {
    let env = TestEnv::operated().await;
    assert_eq!(obstacles(env.admin("/readyz").await).await, ["app"]);
    assert_eq!(sample(&metrics(&env).await, "merchant_ready"), Some(0.0));
    assert_eq!(env.admin("/healthz").await.status(), StatusCode::OK);
    env.build_app();
    assert_eq!(obstacles(env.admin("/readyz").await).await, [""; 0]);
    // A credential that GoPay does not take.
    let buyer = env.sign_in("budi").await;
    env.faults(json!([{"on": "payment", "do": "signature_invalid", "times": null}]))
        .await;
    buyer.place_in_vain(&env, "a").await;
    assert_eq!(obstacles(env.admin("/readyz").await).await, ["credential"]);
    // It has a metric of its own.
    assert_eq!(sample(&metrics(&env).await, "merchant_ready"), Some(1.0));
    // Another process would do no better.
    let public = env.http.get(env.merchant("/readyz")).send().await.unwrap();
    assert_eq!(public.status(), StatusCode::OK);
    env.faults(json!([])).await;
    buyer.place_until_it_works(&env, "a").await;
    assert_eq!(obstacles(env.admin("/readyz").await).await, [""; 0]);
}

/// Nobody sends the webhook: the merchant has none.
#[tokio::test]
async fn work_that_waits_for_too_long_is_an_obstacle() {
    let env = TestEnv::operated().await;
    env.build_app();
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    env.act("pay").await;
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
    let overdue = "update fulfilments set state = 'pending', try_at = 1";
    env.database().await.run_script(overdue).await.unwrap();
    let answer = env.admin("/readyz").await;
    let text = answer.text().await.unwrap();
    assert!(
        text.contains("webhook: the oldest of 1 has been due for"),
        "{text}"
    );
    assert_eq!(obstacles(env.admin("/readyz").await).await, ["queue"]);
    let text = metrics(&env).await;
    let at_least = |name: &str, least: f64| assert!(sample(&text, name) >= Some(least), "{text}");
    at_least(r#"merchant_queue_due{queue="webhook"}"#, 1.0);
    at_least(
        r#"merchant_queue_oldest_due_age_seconds{queue="webhook"}"#,
        1e6,
    );
    at_least(
        r#"merchant_queue_items{queue="webhook",state="pending"}"#,
        1.0,
    );
    at_least(r#"merchant_notifications_total{verdict="shed"}"#, 0.0);
}

/// The admin listener is another one.
#[tokio::test]
async fn buyers_cannot_read_metrics() {
    let env = TestEnv::operated().await;
    let answer = env.http.get(env.merchant("/metrics")).send().await.unwrap();
    assert!(!answer.text().await.unwrap().contains("merchant_"));
    assert_eq!(
        env.admin("/api/catalogue").await.status(),
        StatusCode::NOT_FOUND
    );
}

/// The id of an answer is in its body and in the log.
#[tokio::test]
async fn a_refusal_can_be_found_in_the_log_by_its_request_id() {
    let env = TestEnv::operated().await;
    let log = log_scan::copy();
    let made_up = "of-the-client";
    let order = env.http.post(env.merchant("/api/orders?secret=query"));
    let order = order.header("x-request-id", made_up).json(&coffee());
    let answer = order.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let id = answer.headers()["x-request-id"]
        .to_str()
        .unwrap()
        .to_owned();
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["request_id"], *id);
    assert_ne!(id, made_up);
    let line = eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let text = String::from_utf8(log.bytes()).unwrap();
        let mut lines = text.lines();
        let named = |line: &&str| line.contains(&id) && line.contains("request.answered");
        lines.find(named).map(str::to_owned).ok_or("no line")
    })
    .await;
    for part in [
        r#"method="POST""#,
        r#"route="/api/orders""#,
        "status=401",
        r#"code="session_required""#,
    ] {
        assert!(line.contains(part), "{line}");
    }
    assert!(!line.contains("query"), "{line}");
}

/// GoPay's support finds a sign-in by the id that the merchant's log has.
#[tokio::test]
async fn the_mini_app_api_gets_the_request_id_as_debug_id() {
    let mut env = TestEnv::operated().await;
    env.limits.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let (spy, url) = Spy::before(env.gopay).await;
    env.mini_app_url = Some(url);
    env.restart_merchant().await;
    let code = env.auth_code("budi").await;
    let sign_in = env.http.post(env.merchant("/api/session"));
    let sign_in = sign_in
        .header("x-request-id", "of-the-proxy.1")
        .json(&json!({"auth_code": code}));
    let answer = sign_in.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["x-request-id"], "of-the-proxy.1");
    assert_eq!(spy.headers("debug-id"), ["of-the-proxy.1"]);
}

/// What a person has to look at is counted while nobody looks.
#[tokio::test]
async fn a_notification_about_an_unknown_payment_is_in_the_metrics() {
    let env = TestEnv::operated().await;
    let body = json!({
        "originalPartnerReferenceNo": "unknown", "originalReferenceNo": "A1",
        "latestTransactionStatus": "00", "amount": {"value": "10000.00", "currency": "IDR"},
    });
    let answer = env.notify(Timestamp::now(), &body.to_string()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let text = metrics(&env).await;
    let verdict = r#"merchant_notifications_total{verdict="unmatched"}"#;
    assert_eq!(sample(&text, verdict), Some(1.0), "{text}");
    assert_eq!(sample(&text, "merchant_unmatched_notifications"), Some(1.0));
}
