//! GoPay's container SDK, `window.gpContainer`, as typed async Rust for wasm32.
//!
//! The page loads the SDK itself, from the address GoPay publishes:
//!
//! ```html
//! <script async src="https://gwk.gopayapi.com/sdk/stable/gp-container.min.js"></script>
//! ```
//!
//! and Rust asks:
//!
//! ```no_run
//! # async fn open() -> Result<(), gopay_container::Error> {
//! let auth_code = gopay_container::get_auth_code().await?;
//! let status = gopay_container::launch_payment("gopay://merchanttransfer?tref=1").await?;
//! # Ok(()) }
//! ```
//!
//! How long a call takes at most: 10 s until the SDK's script is there (3 s once the page
//! has finished loading), then for the answer what each function says. Only
//! [`launch_payment`] waits without an end. To stop waiting, drop the future: its timers go
//! with it and a late answer is ignored.
//!
//! The first call also tells where the page is: the genuine script defines
//! `window.gpContainer` in any browser and answers [`Error::NotInGoPay`] at once where
//! no GoPay is behind it, so the object's presence proves nothing. [`detect`] asks for
//! nothing but that, [`support`] what is known of a method, and [`call`] calls the methods
//! that this crate does not know yet.
//!
//! Invariant: each call ends exactly once, whatever the container does; nothing that it
//! does makes this crate throw or panic; no `JsValue` leaves the crate.
//!
//! Not here: retries, words for buyers, and any belief that something has been paid.
//!
//! `Unverified:` none of this has run against the real GoPay, which offers no sandbox
//! for mini apps. It follows <https://docs.midtrans.com/reference/frontend-v2>, and the
//! feature `debug` has what it takes to compare.

mod analytics;
mod bank_account;
mod call;
mod camera;
#[cfg(feature = "debug")]
pub mod conformance;
mod consent;
mod container;
#[cfg(any(test, feature = "debug"))]
pub mod contract;
mod device;
mod environment;
mod error;
mod events;
mod file;
mod locale;
mod location;
#[cfg(feature = "debug")]
pub mod log;
#[cfg(not(feature = "debug"))]
mod log;
mod login;
mod memory;
mod motion;
mod navigation_bar;
mod navigator;
mod payment;
mod reply;
mod sharing;
mod snapshot;
mod toast;

pub use analytics::{EventFields, track_event};
pub use bank_account::{BankAccountToken, get_bank_account_token};
pub use call::call;
pub use camera::{Photo, PhotoBytes, PhotoSource, take_photo};
pub use consent::{Consent, get_consent};
pub use device::{SystemInfo, WifiInfo, get_rooted_device_info, get_system_info, get_wifi_info};
pub use environment::{Container, Environment, detect};
pub use error::Error;
pub use file::{Destination, File, Save, Saves, save_file};
pub use locale::{Locale, get_locale, judge_locale};
pub use location::{Accuracy, Position, get_location};
pub use login::{AuthCode, get_auth_code, judge_auth_code};
pub use memory::{Support, support};
pub use motion::{
    Heading, Interval, Readings, Shake, Vector, start_accelerometer, start_compass,
    start_gyroscope, start_shake, vibrate,
};
pub use navigation_bar::{
    NavigationBar, NavigationBarHeight, get_navigation_bar_height, update_navigation_bar,
};
pub use navigator::{launch_deeplink, launch_uri};
pub use payment::{PaymentStatus, launch_payment};
pub use sharing::{copy_to_clipboard, share};
pub use toast::toast;

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
