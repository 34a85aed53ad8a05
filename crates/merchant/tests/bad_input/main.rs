//! Bad input of every kind, as files in `inputs/`, against the real program: W comes to the address of GoPay's
//! notifications, A to the app's API, G is what GoPay answers.
//!
//! `MERCHANT_BINARY` names another program than that of this build; `BAD_INPUT=W53` chooses ids.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod answers;
mod catalogue;
#[allow(dead_code, reason = "other tests read the configuration here")]
#[path = "../fixtures/config_dir.rs"]
mod config_dir;
mod crowds;
mod env;
mod gopay_double;
mod http;
#[allow(dead_code, reason = "other tests send signals")]
#[path = "../fixtures/process.rs"]
mod process;
mod requests;
#[path = "../fixtures/rows.rs"]
mod rows;
mod text;

fn nothing_failed((inputs, failures): (usize, Vec<String>)) {
    assert!(
        failures.is_empty(),
        "{} of {inputs} inputs failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// TM01, TM04, TM25, TM36
#[tokio::test]
async fn a_bad_notification_changes_nothing() {
    nothing_failed(requests::run('W').await);
}

#[tokio::test]
async fn a_bad_request_of_the_app_changes_nothing() {
    nothing_failed(requests::run('A').await);
}

#[tokio::test]
async fn a_bad_answer_of_gopay_pays_and_loses_nothing() {
    nothing_failed(answers::run().await);
}
