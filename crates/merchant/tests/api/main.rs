//! The merchant against the simulator, over real HTTP, each test in a world of its own.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod api_document;
mod app;
mod campaigns;
mod check;
mod connections;
mod csrf;
mod database;
mod drain;
mod egress;
mod erasure;
mod faults;
mod faults_answer;
mod faults_inquiry;
mod faults_login;
mod faults_notification;
mod faults_payment;
mod faults_token;
mod forms;
mod fulfilment;
mod headers;
mod limits;
mod log_scan;
mod login;
mod mini_apps;
mod notifications;
mod operations;
mod order_history;
mod package;
mod payments;
mod processes;
mod profile;
mod proxy;
mod reconcile;
mod refunds;
mod refusals;
mod requests;
mod rewards;
mod rotation;
#[path = "../fixtures/rows.rs"]
mod rows;
mod sandbox;
mod secrets;
mod seen;
mod serving;
mod snap;
mod spy;
mod storage;
#[path = "../fixtures/test_database.rs"]
mod test_database;
mod test_env;
mod threats;
