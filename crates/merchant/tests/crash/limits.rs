//! A merchant whose machine gives it little, and one that is asked to end while it works.

use crate::{harness::CrashHarness, keys::Keys};
use contract::Order;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::{Response, StatusCode};
use serde_json::json;
use std::{
    fs,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};
use test_kit::{POLL_INTERVAL, WAIT_TIMEOUT, eventually, within};
use tokio::{net::TcpStream, task::JoinSet};

/// A second for load balancers, nine for requests, three for the database.
const DRAIN: Duration = Duration::from_secs(13);

/// Buyers who work side by side.
const BUYERS: usize = 8;

async fn sign_in(harness: &CrashHarness) -> Response {
    let body = json!({"auth_code": harness.auth_code().await});
    let request = harness.http.post(harness.url("/api/session")).json(&body);
    request.send().await.unwrap()
}

pub(crate) async fn cookie(harness: &CrashHarness) -> String {
    let signed_in = sign_in(harness).await;
    assert_eq!(signed_in.status(), StatusCode::OK);
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

pub(crate) async fn order(
    harness: &CrashHarness,
    cookie: &str,
    key: &str,
) -> reqwest::Result<Response> {
    let body = json!({
        "lines": [{"product": "kopi-susu", "quantity": 1}], "expected_total": 25_000,
    });
    let request = harness.http.post(harness.url("/api/orders"));
    let request = request.header("cookie", cookie);
    let request = request.header("idempotency-key", key).json(&body);
    request.send().await
}

async fn orders_of(harness: &CrashHarness, cookie: &str) -> StatusCode {
    let request = harness.http.get(harness.url("/api/orders"));
    let answer = request.header("cookie", cookie).send().await.unwrap();
    answer.status()
}

fn id_of(harness: &CrashHarness) -> String {
    harness.process.id().to_string()
}

/// F62: while the disk is full, what is there can be read, what would be written is refused, and all goes on
/// when there is room again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_stops_writes_until_there_is_room() {
    let keys = Arc::new(Keys::new());
    // No file grows beyond that, as where a disk is full. SIGXFSZ would end the process.
    let limits = "trap '' XFSZ; exec prlimit --fsize=1000000:unlimited";
    let harness = CrashHarness::limited(&keys, limits).await;
    let buyer = cookie(&harness).await;
    let first = order(&harness, &buyer, "before").await.unwrap();
    assert_eq!(first.status(), StatusCode::CREATED);
    let refused = within(WAIT_TIMEOUT, "a sign-in that is refused", async {
        loop {
            let answer = sign_in(&harness).await;
            if answer.status() != StatusCode::OK {
                return answer;
            }
        }
    })
    .await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    let refused = order(&harness, &buyer, "during").await.unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(orders_of(&harness, &buyer).await, StatusCode::OK);
    let room = Command::new("prlimit")
        .args(["--pid", &id_of(&harness), "--fsize=unlimited"])
        .status();
    assert!(room.unwrap().success());
    let again = order(&harness, &buyer, "during").await.unwrap();
    assert_eq!(again.status(), StatusCode::CREATED);
    harness.is_sound().await;
}

/// F72: a merchant that is asked to end while buyers order finishes within thirteen seconds, and keeps each
/// order that it acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchant_that_ends_under_load_keeps_what_it_acknowledged() {
    let keys = Arc::new(Keys::new());
    let mut harness = CrashHarness::new(&keys, "").await;
    let mut cookies = Vec::new();
    for _ in 0..BUYERS {
        cookies.push(cookie(&harness).await);
    }
    let id = i32::try_from(harness.process.id()).unwrap();
    let shared = Arc::new(harness);
    let mut buyers = JoinSet::new();
    for (buyer, cookie) in cookies.into_iter().enumerate() {
        let harness = Arc::clone(&shared);
        buyers.spawn(async move {
            let mut acknowledged = Vec::new();
            for number in 0.. {
                let key = format!("{buyer}-{number}");
                // The merchant has ended, or does not begin another request.
                let Ok(answer) = order(&harness, &cookie, &key).await else {
                    break;
                };
                if answer.status() != StatusCode::CREATED {
                    break;
                }
                let Ok(order) = answer.json::<Order>().await else {
                    break;
                };
                acknowledged.push(order.id);
            }
            acknowledged
        });
    }
    let some = async || match shared.rows("select count(*) from orders").await {
        0..20 => Err("fewer than 20 orders"),
        _ => Ok(()),
    };
    eventually(WAIT_TIMEOUT, POLL_INTERVAL, some).await;
    let asked = Instant::now();
    kill(Pid::from_raw(id), Signal::SIGTERM).unwrap();
    let acknowledged: Vec<_> = buyers.join_all().await.concat();
    harness = Arc::into_inner(shared).unwrap();
    let status = harness.process.end().await;
    assert_eq!(status.code(), Some(0), "{}", harness.said());
    assert!(asked.elapsed() < DRAIN, "{:?}", asked.elapsed());
    assert!(acknowledged.len() >= 20, "{}", acknowledged.len());
    harness.has_orders(&acknowledged).await;
    harness.is_sound().await;
}

/// F73: a merchant without a file descriptor for another connection serves those that it has, and all others
/// as soon as there is one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchant_without_file_descriptors_serves_who_is_there() {
    let keys = Arc::new(Keys::new());
    let harness = CrashHarness::limited(&keys, "exec prlimit --nofile=64").await;
    let buyer = cookie(&harness).await;
    let address = harness.url("").replace("http://", "");
    let mut crowd = Vec::new();
    for _ in 0..100 {
        crowd.push(TcpStream::connect(&address).await.unwrap());
    }
    // On the connection that the buyer's phone has kept.
    assert_eq!(orders_of(&harness, &buyer).await, StatusCode::OK);
    drop(crowd);
    let another = test_kit::http_client();
    let ready = within(WAIT_TIMEOUT, "another connection", async {
        another.get(harness.url("/readyz")).send().await.unwrap()
    });
    assert_eq!(ready.await.status(), StatusCode::OK);
    harness.is_sound().await;
}

/// F74: 96 MiB are enough for what buyers do side by side.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merchant_with_little_memory_serves_a_crowd() {
    let keys = Arc::new(Keys::new());
    let limit = "exec prlimit --data=100663296";
    let harness = Arc::new(CrashHarness::limited(&keys, limit).await);
    let mut buyers = JoinSet::new();
    for buyer in 0..BUYERS {
        let harness = Arc::clone(&harness);
        buyers.spawn(async move {
            let cookie = cookie(&harness).await;
            for number in 0..20 {
                let placed = order(&harness, &cookie, &format!("{buyer}-{number}")).await;
                assert_eq!(placed.unwrap().status(), StatusCode::CREATED);
                assert_eq!(orders_of(&harness, &cookie).await, StatusCode::OK);
            }
        });
    }
    while let Some(done) = buyers.join_next().await {
        done.unwrap();
    }
    let status = fs::read_to_string(format!("/proc/{}/status", id_of(&harness))).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.unwrap().trim().trim_end_matches(" kB");
    assert!(peak.parse::<u32>().unwrap() < 96 * 1024, "{peak} KiB");
    harness.is_sound().await;
}
