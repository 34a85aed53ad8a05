//! Fuzz targets: one plain function for each kind of bytes that come from outside. Each asserts what
//! has to hold for any bytes, beyond the absence of a panic.
//!
//! `tests/corpus.rs` replays the kept corpus; `cargo xtask fuzz <target>` looks for more.
//!
//! An input is text where that is possible. Its first line chooses what reads the rest.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a target fails by panicking"
)]

mod api_request;
mod bi_snap;
mod container;
mod gopay;
mod json;
mod mini_app;
mod notification;
mod payment_link;
mod snap;
mod value;

/// A fuzz target, and what it reads.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    pub name: &'static str,
    pub run: fn(&[u8]),
}

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// All targets.
pub const TARGETS: [Target; 8] = [
    target("api_request", api_request::run),
    target("bi_snap", bi_snap::run),
    target("container", container::run),
    target("mini_app", mini_app::run),
    target("notification", notification::run),
    target("payment_link", payment_link::run),
    target("snap", snap::run),
    target("value", value::run),
];

/// The target of this name.
pub fn find(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}

/// The first line, and the bytes behind it.
fn split_line(input: &[u8]) -> Option<(&str, &[u8])> {
    let end = input.iter().position(|byte| *byte == b'\n')?;
    Some((std::str::from_utf8(&input[..end]).ok()?, &input[end + 1..]))
}
