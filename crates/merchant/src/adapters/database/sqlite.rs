//! SQLite: a file beside one merchant process.
//!
//! A statement takes some microseconds and is carried out where it is, without another thread; what waits
//! for the disk or for another process is carried out on a thread that may wait.

pub(super) mod busy;
pub(super) mod connection;
pub(super) mod file;
pub(super) mod file_check;
pub(super) mod opening;
pub(super) mod readers;
pub(super) mod writer;
