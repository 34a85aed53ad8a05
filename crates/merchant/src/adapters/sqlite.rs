//! The database: what must survive the process.
//!
//! Invariant: a caller learns that something happened after it was written. Each write is one
//! transaction that takes SQLite's write lock at its beginning: a read that turns into a write
//! would fail at once where it meets another writer.
//!
//! A file for each table; `record` is the one transaction that writes to several of them.

mod attempts;
pub(crate) mod audit_snapshot;
mod columns;
mod customers;
mod error;
mod events;
mod fulfilments;
mod instance_lock;
mod integrity;
mod orders;
mod record_event;
mod refunds;
mod store;
mod unmatched_notifications;

pub use error::Error;
pub use instance_lock::InstanceLock;
pub use store::Store;
