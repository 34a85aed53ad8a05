//! What a client may take of the merchant: connections, time, and requests at once.

use crate::test_env::{TestEnv, problem, unlimited};
use contract::{OrderStatus, ProblemCode};
use merchant::adapters::database::sql;
use merchant::config::Limits;
use reqwest::StatusCode;
use serde_json::json;
use std::time::{Duration, Instant};
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually, within};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longer than a head may take.
const SOON: Duration = Duration::from_secs(20);

async fn connect(env: &TestEnv, bytes: &str) -> TcpStream {
    let address = env.merchant("");
    let address = address.strip_prefix("http://").unwrap();
    let mut connection = TcpStream::connect(address).await.unwrap();
    connection.write_all(bytes.as_bytes()).await.unwrap();
    connection
}

/// What the merchant sends until it closes the connection.
async fn until_closed(mut connection: TcpStream) -> String {
    let mut answer = Vec::new();
    let read = connection.read_to_end(&mut answer);
    let _ = within(SOON, "the end of the connection", read).await;
    String::from_utf8(answer).unwrap()
}

/// TM26
#[tokio::test]
async fn a_head_that_does_not_come_ends_its_connection() {
    let env = TestEnv::new().await;
    let began = Instant::now();
    let silent = tokio::spawn(until_closed(connect(&env, "").await));
    let half = connect(&env, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ").await;
    assert_eq!(until_closed(half).await, "");
    assert_eq!(silent.await.unwrap(), "");
    assert!(began.elapsed() < SOON, "{:?}", began.elapsed());
}

#[tokio::test]
async fn requests_beyond_the_limit_are_refused_and_health_and_notifications_are_not() {
    let env = TestEnv::limited(Limits {
        requests: 1,
        ..Limits::default()
    })
    .await;
    env.build_app();
    // GoPay does not answer it.
    env.faults(json!([{"on": "authorization", "do": "hold"}]))
        .await;
    let held = env.http.post(env.merchant("/api/session"));
    let held = held.json(&json!({"auth_code": env.auth_code("budi").await}));
    let held = tokio::spawn(held.send());
    let orders = || env.http.get(env.merchant("/api/orders")).send();
    let refused = eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let answer = orders().await.unwrap();
        match answer.status() {
            StatusCode::SERVICE_UNAVAILABLE => Ok(answer),
            other => Err(other),
        }
    })
    .await;
    assert_eq!(refused.headers()["retry-after"], "2");
    assert_eq!(refused.headers()["cache-control"], "no-store");
    assert_eq!(problem(refused).await.code, ProblemCode::Internal);
    let page = env.http.get(env.merchant("/")).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.headers()["cache-control"], "no-store");
    assert_eq!(page.headers()["x-frame-options"], "DENY");
    for path in ["/healthz", "/readyz", "/v1.0/debit/notify"] {
        let answer = env.http.get(env.merchant(path)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
    held.abort();
}

/// TM01: what its sender has no key for is refused before it is read.
#[tokio::test]
async fn a_signature_of_another_length_is_refused_without_its_body() {
    let env = TestEnv::new().await;
    let head = |signature: &str| {
        format!(
            "POST /v1.0/debit/notify HTTP/1.1\r\nHost: x\r\nX-TIMESTAMP: x\r\nX-SIGNATURE: {signature}\r\n\
             Content-Length: 200000\r\n\r\n{{"
        )
    };
    for signature in ["Zm9yZ2Vk", "not base64", &"A".repeat(348)] {
        let answer = until_closed(connect(&env, &head(signature)).await).await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{signature}: {answer}");
    }
}

/// A request whose network is slow can be repeated.
#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let env = TestEnv::new().await;
    let signature = "A".repeat(342) + "==";
    let headers = format!(
        "Host: x\r\nX-TIMESTAMP: x\r\nX-SIGNATURE: {signature}\r\n\
         Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{{"
    );
    let began = Instant::now();
    let mut answers = Vec::new();
    for path in ["/api/session", "/api/seen", "/v1.0/debit/notify"] {
        let connection = connect(&env, &format!("POST {path} HTTP/1.1\r\n{headers}")).await;
        answers.push((path, tokio::spawn(until_closed(connection))));
    }
    for (path, answer) in answers {
        let answer = answer.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 503"), "{path}: {answer}");
    }
    assert!(began.elapsed() < SOON / 2, "{:?}", began.elapsed());
}

/// F56: slow connections, slow bodies and a crowd of buyers are in the way of no notification.
#[tokio::test]
async fn a_notification_gets_through_whatever_is_slow() {
    let env = TestEnv::limited(Limits {
        requests: 10,
        notifications: 10,
        ..unlimited()
    })
    .await;
    let buyer = env.sign_in("budi").await;
    let order = buyer.order(&env).await;
    let body = "Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    let heads = [
        "POST /v1.0/debit/notify HTTP/1.1\r\nX-A: ".to_owned(),
        // As long as a signature of GoPay's.
        format!(
            "POST /v1.0/debit/notify HTTP/1.1\r\nHost: x\r\nX-TIMESTAMP: x\r\n\
             X-SIGNATURE: {}\r\n{body}",
            "A".repeat(342) + "=="
        ),
        format!("POST /api/session HTTP/1.1\r\nHost: x\r\n{body}"),
        format!("POST /api/seen HTTP/1.1\r\nHost: x\r\n{body}"),
    ];
    let mut held = Vec::new();
    for _ in 0..50 {
        for head in &heads {
            held.push(connect(&env, head).await);
        }
    }
    let orders = buyer.get(&env, "/api/orders").send().await.unwrap();
    assert_eq!(orders.status(), StatusCode::OK);
    let began = Instant::now();
    env.act("pay").await;
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        let paid: Vec<String> = sql("select source from evidence where finding = 'paid'")
            .fetch_values(&mut env.database().await)
            .await
            .unwrap();
        (paid == ["notification"]).then_some(()).ok_or(paid)
    })
    .await;
    assert!(began.elapsed() < SOON / 2, "{:?}", began.elapsed());
    drop(held);
    buyer.wait_until(&env, &order.id, OrderStatus::Paid).await;
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_one_that_ends() {
    let env = TestEnv::limited(Limits {
        connections: 2,
        ..Limits::default()
    })
    .await;
    let request = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let held = [connect(&env, "").await, connect(&env, "").await];
    let mut waiting = connect(&env, request).await;
    let early = timeout(Duration::from_millis(300), waiting.read_u8());
    assert!(early.await.is_err(), "there is no room for it");
    drop(held);
    assert!(until_closed(waiting).await.contains("200 OK"));
}
