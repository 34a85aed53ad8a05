//! What a client may take of the merchant: connections, time, and requests at once.

use crate::test_env::{TestEnv, problem};
use contract::ProblemCode;
use merchant::config::Limits;
use reqwest::StatusCode;
use std::time::{Duration, Instant};
use test_kit::{WAIT_TIMEOUT, within};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Longer than a head may take.
const SOON: Duration = Duration::from_secs(20);

/// A merchant with these limits.
async fn limited(limits: Limits) -> TestEnv {
    let mut env = TestEnv::new().await;
    env.limits = limits;
    env.restart_merchant().await;
    env
}

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

/// F56, TM26
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
async fn a_head_has_a_size() {
    let env = TestEnv::new().await;
    let long = format!(
        "GET / HTTP/1.1\r\nHost: x\r\nX-A: {}\r\n\r\n",
        "a".repeat(17_000)
    );
    let many = format!(
        "GET / HTTP/1.1\r\nHost: x\r\n{}\r\n",
        "X-A: b\r\n".repeat(70)
    );
    for head in [long, many] {
        let answer = until_closed(connect(&env, &head).await).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
}

#[tokio::test]
async fn requests_beyond_the_lane_are_refused_and_health_and_notifications_are_not() {
    let env = limited(Limits {
        requests: 1,
        ..Limits::default()
    })
    .await;
    env.build_app();
    // Its body does not come.
    let _held = connect(
        &env,
        "POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: 10\r\n\r\n{",
    )
    .await;
    let orders = || env.http.get(env.merchant("/api/orders")).send();
    let refused = test_kit::eventually(WAIT_TIMEOUT, test_kit::POLL_INTERVAL, async || {
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
    for path in ["/healthz", "/readyz", "/v1.0/debit/notify"] {
        let answer = env.http.get(env.merchant(path)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_one_that_ends() {
    let env = limited(Limits {
        connections: 2,
        ..Limits::default()
    })
    .await;
    let request = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let held = [connect(&env, "").await, connect(&env, "").await];
    let waiting = connect(&env, request).await;
    drop(held);
    assert!(until_closed(waiting).await.contains("200 OK"));
}
