//! The world outside, as the ports describe it, and HTTP as the app and GoPay see it.

pub mod database;
pub mod gopay;
#[doc(hidden)]
pub mod http;
pub mod webhook;
