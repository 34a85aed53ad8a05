//! GoPay's container SDK, `window.gpContainer`, as typed async Rust for wasm32.
//!
//! The page loads the SDK itself, from the address that GoPay publishes:
//!
//! ```html
//! <script async src="https://gwk.gopayapi.com/sdk/stable/gp-container.min.js"></script>
//! ```
//!
//! and Rust calls it:
//!
//! ```no_run
//! # async fn open() -> Result<(), gopay_container::Error> {
//! let auth_code = gopay_container::auth::get_auth_code().await?;
//! let hint = gopay_container::payment::launch_payment("gopay://merchanttransfer?tref=1").await?;
//! # Ok(()) }
//! ```
//!
//! One module per purpose; its functions have the names of the SDK's methods in snake case.
//!
//! A call waits at most 10 s until the SDK's script is ready (3 s once the page has loaded), then
//! for the answer as long as its function says. Only [`payment::launch_payment`] waits without an
//! end. [`timeout`] bounds any call. Dropping a future stops its timers, and its late answer is
//! ignored.
//!
//! The first call also shows where the page is open: the genuine script defines
//! `window.gpContainer` in any browser and answers [`Error::NotInGoPay`] outside GoPay, so the
//! object's presence proves nothing. [`detect`] asks for that alone, [`support`] returns what
//! earlier answers said of a method, and [`call`] calls methods that this crate does not have.
//!
//! Invariant: each call ends exactly once, whatever the container does; nothing that it
//! does makes this crate throw or panic; no `JsValue` leaves the crate. Only [`js`] takes some.
//!
//! Not here: retries, messages for buyers, and any belief that something has been paid.
//!
//! On other targets than wasm32 the crate compiles, so that an app can be tested natively; there a
//! call panics inside `js-sys`.
//!
//! `Unverified:` none of this has run against the real GoPay, which offers no sandbox for mini
//! apps. It follows <https://docs.midtrans.com/reference/frontend-v2>; the feature `debug` compares
//! it with the GoPay at hand, the feature `testing` has a container for tests.

#![warn(missing_docs)]

pub mod analytics;
pub mod auth;
pub mod bank_account;
mod call;
pub mod camera;
#[cfg(feature = "debug")]
pub mod conformance;
pub mod consent;
#[cfg(any(test, feature = "debug"))]
pub mod contract;
pub mod device;
mod environment;
mod error;
mod events;
pub mod file;
pub mod js;
pub mod locale;
pub mod location;
#[cfg(feature = "debug")]
pub mod log;
#[cfg(not(feature = "debug"))]
mod log;
mod method;
pub mod motion;
pub mod navigation_bar;
pub mod navigator;
pub mod payment;
mod reply;
mod sdk;
pub mod sharing;
mod snapshot;
mod support;
#[cfg(feature = "testing")]
pub mod testing;
pub mod toast;

pub use call::{call, timeout};
pub use environment::{Container, Environment, detect};
pub use error::{BridgeCode, BridgeCodeKind, Error};
pub use support::{Support, support};

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
