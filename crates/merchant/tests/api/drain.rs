//! How the merchant ends when it is asked to.

use crate::test_env::TestEnv;
use merchant::Merchant;
use reqwest::StatusCode;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually, within};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
};

/// Ten seconds in all, and the machine's.
const IN_TIME: Duration = Duration::from_secs(15);

const HEAD: &str = "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                    Content-Length: 17\r\n\r\n";

/// Starts a merchant on the environment's database: its address, what tells it to end, and its end.
async fn serve(env: &TestEnv) -> (SocketAddr, oneshot::Sender<()>, impl Future<Output = ()>) {
    let merchant = Merchant::bind(env.config()).await.unwrap();
    let address = merchant.address();
    let (stop, stopped) = oneshot::channel();
    let serving = tokio::spawn(merchant.serve(async move {
        let _ = stopped.await;
    }));
    let ended = async move {
        let served = within(WAIT_TIMEOUT, "the merchant's end", serving).await;
        served.unwrap();
    };
    (address, stop, ended)
}

/// A request that is sent whole is answered; what the app asks after that is not; `/readyz` says
/// so first; and the next merchant may begin when this one has ended.
#[tokio::test]
async fn a_drain_finishes_requests_and_frees_the_database() {
    let mut env = TestEnv::new().await;
    env.build_app();
    env.stop_merchant().await;
    let (address, stop, ended) = serve(&env).await;
    let mut begun = TcpStream::connect(address).await.unwrap();
    begun.write_all(HEAD.as_bytes()).await.unwrap();
    let ready = async || {
        let answer = env
            .http
            .get(format!("http://{address}/readyz"))
            .send()
            .await;
        answer.map(|answer| answer.status()).ok()
    };
    assert_eq!(ready().await, Some(StatusCode::OK));
    stop.send(()).unwrap();
    let told = eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || match ready().await {
        Some(StatusCode::OK) => Err("ready"),
        told => Ok(told),
    });
    assert_eq!(told.await, Some(StatusCode::SERVICE_UNAVAILABLE));
    begun.write_all(br#"{"auth_code":"x"}"#).await.unwrap();
    let mut answer = String::new();
    let read = begun.read_to_string(&mut answer);
    within(WAIT_TIMEOUT, "an answer", read).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    ended.await;
    env.restart_merchant().await;
}

/// One connection that sends half a request, or nothing, does not hold it up.
#[tokio::test]
async fn half_a_request_does_not_keep_the_merchant_from_ending() {
    let mut env = TestEnv::new().await;
    env.stop_merchant().await;
    let (address, stop, ended) = serve(&env).await;
    let mut held = Vec::new();
    for half in [HEAD, "GET /readyz HTTP/1.1\r\nX-A: ", ""] {
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(half.as_bytes()).await.unwrap();
        held.push(connection);
    }
    let began = Instant::now();
    stop.send(()).unwrap();
    ended.await;
    assert!(began.elapsed() < IN_TIME, "{:?}", began.elapsed());
    env.restart_merchant().await;
    drop(held);
}
