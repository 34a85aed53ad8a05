//! PostgreSQL: one database for any number of merchant processes.
//!
//! What SQLite's one writer keeps apart is kept apart by locks of rows: a write that decides by what it read
//! of a buyer or an order locks that row first, with [`lock_order`](super::locks::lock_order) and
//! [`lock_customer`](super::locks::lock_customer), the buyer before the order.

pub(super) mod connection;
pub(super) mod connector;
pub(super) mod copy_text;
mod deadline;
pub(super) mod pool;
mod pooled;
pub(super) mod presence;
