//! Two merchants, one database.

use crate::{harness::CrashHarness, keys::Keys, scenario};
use std::sync::Arc;

/// F65: the second says why it does not start, and the first goes on as if nothing had been.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_merchant_on_a_database_ends_with_one_line() {
    let mut harness = CrashHarness::in_a_file(&Arc::new(Keys::new())).await;
    let (code, said) = harness.second().await;
    assert_eq!(code, Some(1), "{said}");
    let line = "merchant: database_url: another merchant is running on ";
    assert!(said.starts_with(line), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    let [paid, ..] = scenario::ALL;
    paid.play(&mut harness).await;
    assert_eq!(harness.restarts.len(), 0);
}
