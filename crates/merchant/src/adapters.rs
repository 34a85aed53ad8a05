//! The world outside, as the ports to_response it, and HTTP as the app and GoPay see it.

pub mod gopay;
pub(crate) mod http;
pub mod sqlite;
pub mod webhook;
