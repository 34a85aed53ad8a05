//! The merchant's back end: signs buyers in, takes orders, has GoPay take the money, and
//! serves the mini app.
//!
//! Where to start: [`domain`] decides, [`service`] and [`workers`] carry out, over the [`ports`] that
//! [`adapters`] implement. [`domain::payment_event`] says what an order's status is,
//! [`domain::payment_decision`] what follows from GoPay's answers; [`server`] puts it all together.

// The server's release is another one than the app's, which is as small as it can be.
#[cfg(all(panic = "abort", not(target_family = "wasm")))]
compile_error!(
    "in this profile one panic would end the merchant: build it with `cargo build --profile server -p merchant`"
);

pub mod adapters;
pub mod cli;
pub mod config;
mod core_dumps;
mod deeplink_qr;
pub mod domain;
mod failpoint;
mod http_request_id;
mod ids;
pub mod key_ring;
pub mod metrics;
pub mod outbound_proxy;
pub mod ports;
mod private_file;
mod sealed_customer;
pub mod server;
pub mod service;
pub mod vault;
pub mod workers;

pub use config::Config;
pub use server::Merchant;
