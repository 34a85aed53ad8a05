//! The real binary, a real database file, and a death at every await of everything it does.
//!
//! The parts that can die, and how many points each has, are not listed here: a run without a
//! death tells them, so what is added to the merchant is in the matrix from then on.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod after_crash;
#[path = "../fixtures/config_dir.rs"]
mod config_dir;
mod harness;
mod keys;
mod limits;
mod matrix;
mod network;
mod panics;
#[path = "../fixtures/process.rs"]
mod process;
mod receiver;
mod rolling;
#[path = "../fixtures/rows.rs"]
mod rows;
mod scenario;
mod second;
mod several;
mod signals;
#[path = "../fixtures/test_database.rs"]
mod test_database;
