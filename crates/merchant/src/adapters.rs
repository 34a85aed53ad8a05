//! The world outside, as the ports describe it, and HTTP as the app and GoPay see it.

pub mod gopay;
pub(crate) mod http;
pub mod sqlite;
pub mod webhook;
