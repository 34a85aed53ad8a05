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
//! How long a call takes at most: 10 s until the SDK's script is there (3 s once the
//! page has finished loading), then 10 s for the answer, or 2 min where GoPay asks the
//! buyer something. Only [`launch_payment`] waits for its answer without an end. To
//! stop waiting, drop the future: its timers go with it and a late answer is ignored.
//!
//! The first call also tells where the page is: the genuine script defines
//! `window.gpContainer` in any browser and answers [`Error::NotInGoPay`] at once where
//! no GoPay is behind it, so the object's presence proves nothing.
//!
//! Invariant: each call ends exactly once, whatever the container does; nothing that it
//! does makes this crate throw or panic; no `JsValue` leaves the crate.
//!
//! Not here: retries, words for buyers, and any belief that something has been paid.
//!
//! `Unverified:` none of this has run against the real GoPay, which offers no sandbox
//! for mini apps. It follows <https://docs.midtrans.com/reference/frontend-v2>.

mod call;
mod consent;
mod container;
mod error;
#[cfg(test)]
mod fixtures;
mod locale;
mod login;
mod payment;
mod reply;

pub use consent::{Consent, get_consent};
pub use error::Error;
pub use locale::{Locale, get_locale};
pub use login::{AuthCode, get_auth_code};
pub use payment::{PaymentStatus, launch_payment};
