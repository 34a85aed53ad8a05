//! The outbox on a real database: what is owed for paid orders, how the merchant's own
//! systems hear of it over real HTTP, and what `merchant verify` finds.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod clock;
mod copies;
mod file;
mod inquiries;
mod once;
mod receiver;
mod reconcile;
mod refunds;
#[path = "../fixtures/rows.rs"]
mod rows;
mod several;
mod store_fixture;
#[path = "../fixtures/test_database.rs"]
mod test_database;
mod upgrade;
mod verify;
mod webhook;
