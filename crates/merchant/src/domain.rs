//! What is decided about orders and their money.
//!
//! Invariant: no HTTP, no SQL, no clock, no randomness, and no type of theirs; `tests/layers.rs` reads
//! these files and fails where one is named.

pub mod attempt;
pub mod automatic_refund;
pub mod catalogue;
pub mod confirmation;
pub mod fulfilment;
pub mod gopay_later;
pub mod gopay_result;
pub mod inquiry_schedule;
pub mod message_ids;
pub mod mini_app_id;
pub mod mini_app_request;
pub mod mini_app_rules;
pub mod next_try;
pub mod operator_policy;
pub mod order;
pub mod order_response;
pub mod payment_balance;
pub mod payment_decision;
pub mod payment_event;
pub mod payment_request;
pub mod pickup_code;
pub mod promo;
pub mod refund;
pub mod retry;
pub mod staff_action;
pub mod time;
pub mod unmatched_notification;
