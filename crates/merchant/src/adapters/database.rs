//! The database: what must survive the process.
//!
//! Invariant: a caller learns that something happened after it was written. Each write is one
//! transaction that takes SQLite's write lock at its beginning: a read that turns into a write
//! would fail at once where it meets another writer.
//!
//! A file for each table; `attempt_repository` records what GoPay says, with all that follows from it
//! in other tables.

mod account_state;
mod attempt_repository;
mod attempt_rows;
mod backlog;
mod columns;
mod connection;
pub(crate) mod copy;
mod customers;
mod driver_error;
mod erased;
mod error;
mod events;
mod fulfilments;
mod instance_lock;
mod leases;
mod locks;
mod master_keys;
mod migrate;
mod mini_app_request_rows;
mod mini_app_requests;
mod orders;
mod postgres;
mod refunds;
mod retries;
mod schema;
mod snapshot;
mod sqlite;
mod staff_actions;
mod store;
mod tables;
mod unmatched_notifications;
mod url;
mod value;
pub(crate) mod verify_snapshot;

pub use connection::{Connection, Statement, sql};
pub use customers::Erasure;
pub use error::Error;
pub use instance_lock::InstanceLock;
pub use master_keys::MasterKeyUse;
pub(crate) use migrate::check_others;
pub use migrate::{migrate, schema_versions};
pub use schema::{Migrated, Versions};
pub(crate) use snapshot::open_snapshot;
pub use staff_actions::StaffActionId;
pub use store::Store;
pub use url::DatabaseUrl;
pub(crate) use url::sqlite_path;
pub use value::{Cell, Row};
