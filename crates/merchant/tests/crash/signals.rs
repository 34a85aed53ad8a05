//! A merchant that is asked to end, once and twice.

use crate::{harness::CrashHarness, keys::Keys};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::StatusCode;
use std::sync::Arc;
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// As platforms ask.
fn ask_to_end(harness: &CrashHarness) {
    let id = i32::try_from(harness.process.id()).unwrap();
    kill(Pid::from_raw(id), Signal::SIGTERM).unwrap();
}

/// Half a request holds up its end, until it is asked a second time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_the_merchant_at_once() {
    let mut harness = CrashHarness::new(&Arc::new(Keys::new()), "").await;
    let url = harness.url("/readyz");
    let address = url
        .strip_prefix("http://")
        .and_then(|url| url.split('/').next());
    let mut half = TcpStream::connect(address.unwrap()).await.unwrap();
    half.write_all(b"POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
        .await
        .unwrap();
    ask_to_end(&harness);
    // Until the first one has been heard.
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, async || {
        match harness.http.get(&url).send().await {
            Ok(answer) if answer.status() != StatusCode::SERVICE_UNAVAILABLE => Err(answer),
            _ => Ok(()),
        }
    })
    .await;
    ask_to_end(&harness);
    let status = harness.process.end().await;
    assert_eq!(status.code(), Some(1), "{}", harness.said());
    assert!(
        harness.said().contains("ended at once"),
        "{}",
        harness.said()
    );
    drop(half);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchant_that_is_asked_to_end_has_not_failed() {
    let mut harness = CrashHarness::new(&Arc::new(Keys::new()), "").await;
    ask_to_end(&harness);
    let status = harness.process.end().await;
    assert_eq!(status.code(), Some(0), "{}", harness.said());
    assert!(!harness.said().contains("ERROR"), "{}", harness.said());
}
