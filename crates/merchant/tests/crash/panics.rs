//! A panic at every point of a request.

use crate::{harness::CrashHarness, keys::Keys, scenario};
use reqwest::StatusCode;
use std::sync::Arc;
use tokio::task::JoinSet;

/// F55: whoever's request panics is told to come again, nobody else notices, and all ends as
/// if nothing had happened.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_ends_one_request_only() {
    let keys = Arc::new(Keys::new());
    let mut parts = JoinSet::new();
    for part in [
        "POST /api/session",
        "POST /v1.0/debit/notify",
        "GET /api/orders/{id}",
    ] {
        let keys = Arc::clone(&keys);
        parts.spawn(async move {
            let mut number = 1;
            while panics(&keys, part, number).await {
                number += 1;
            }
            assert!(number > 1, "{part} has no points");
        });
    }
    while let Some(done) = parts.join_next().await {
        done.unwrap();
    }
}

/// Whether the part has so many points.
async fn panics(keys: &Arc<Keys>, part: &str, number: u32) -> bool {
    let [paid, ..] = scenario::ALL;
    let mut harness = CrashHarness::new(keys, &format!("panic {number} {part}")).await;
    paid.play(&mut harness).await;
    assert_eq!(harness.restarts.len(), 0, "{part} {number}");
    let ready = harness.http.get(harness.url("/readyz")).send().await;
    assert_eq!(ready.unwrap().status(), StatusCode::OK);
    let panics = harness.said().matches("a request ended in a panic").count();
    assert!(panics < 2, "{panics} panics at {part} {number}");
    panics == 1
}

/// A worker that panics begins again: the merchant lives, and all ends as if nothing had
/// happened.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_of_a_worker_restarts_it() {
    let keys = Arc::new(Keys::new());
    let mut runs = JoinSet::new();
    for part in ["inquiry worker", "webhook worker", "refund worker"] {
        for number in [1, 2, 3] {
            let keys = Arc::clone(&keys);
            runs.spawn(async move {
                let mut harness = CrashHarness::new(&keys, &format!("panic {number} {part}")).await;
                let [paid, ..] = scenario::ALL;
                paid.play(&mut harness).await;
                assert_eq!(harness.restarts.len(), 0, "{part} {number}");
                // The panic, whose backtrace takes a while, may come last of all.
                harness
                    .until_said("a worker panicked and begins again")
                    .await;
            });
        }
    }
    while let Some(done) = runs.join_next().await {
        done.unwrap();
    }
}
