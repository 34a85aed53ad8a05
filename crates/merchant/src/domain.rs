//! What is decided about orders and their money.
//!
//! Invariant: no HTTP, no SQL, no clock, no randomness, and no type of theirs; `tests/layers.rs` reads
//! these files and fails where one is named. All times are unix milliseconds.

pub mod attempt;
pub mod automatic_refund;
pub mod catalogue;
pub mod decision;
pub mod fulfilment;
pub mod gopay;
pub mod inquiry_schedule;
pub mod order;
pub mod order_view;
pub mod payment_balance;
pub mod payment_event;
pub mod payment_ids;
pub mod pickup_code;
pub mod policy;
pub mod refund;
pub mod retry;
pub mod unmatched_notification;
