//! What the native tests of several crates share.
//!
//! Invariant: every wait has an end, and says at its end what it waited for.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod canaries;
mod http;
mod keys;
mod log;
mod process;
mod temp_dir;
mod wait;

pub use canaries::{SECRET_MARK, canaries_in, scan, scan_database, spellings};
pub use http::{answer_of, http_client, serve};
pub use keys::{WEBHOOK_SECRET, gopay_key, merchant_key};
pub use log::Log;
pub use process::{output_of, rest_of};
pub use temp_dir::TempDir;
pub use wait::{POLL_INTERVAL, WAIT_TIMEOUT, eventually, within};

/// The shop of the tests: the `shop.toml` that is built can change without them.
pub const SHOP: &str = include_str!("../../../tests/fixtures/shop.toml");
