//! The messages between a merchant's back end and GoPay: BI-SNAP and the mini-app API, their
//! signatures and their codes; and [Snap](message::snap) with its [Core API](message::core_api), the
//! second way to pay.
//!
//! [`signature`] has the three strings to sign and the verification of a notification, [`message`]
//! the bodies. A signed inquiry:
//!
//! ```
//! use gopay_protocol::{ClientSecret, Secret, message::status, signature};
//!
//! let request = status::Request::new(Some(&"A1".into()), &"external-id".into());
//! let body = serde_json::to_string(&request)?;
//! let hash = signature::body_hash(body.as_bytes());
//! let timestamp = "2024-03-15T10:35:00+07:00";
//! let string = signature::transaction_string_to_sign(status::PATH, "token", &hash, timestamp);
//! let signature = ClientSecret::new(&Secret::new("client secret")).sign(&string);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! Invariant: no I/O, no clock, no randomness but [`SigningKey::generate`]. Both sides use it: the
//! merchant signs what a simulator of GoPay verifies, and the other way round.
//!
//! Sources are pages of <https://docs.midtrans.com/reference/>, named at each item as
//! `[page]`. `Unverified:` nothing here has been run against the real GoPay.

#![warn(missing_docs)]

mod amount;
mod code;
mod deeplink;
pub mod header;
mod hosts;
mod id;
pub mod json;
mod key;
pub mod message;
mod mini_app_error_code;
mod minify;
mod pem;
mod rewrite;
mod secret;
mod server_key;
pub mod signature;
pub mod timestamp;
mod transaction_status;

pub use amount::{Amount, AmountError};
pub use code::{Meaning, ResponseCode, ResponseCodeError, ServiceCode};
pub use deeplink::{Deeplink, DeeplinkError};
pub use hosts::Hosts;
pub use id::{
    ExternalId, PartnerReferenceNo, PartnerRefundNo, PaymentId, ReferenceNo, RefundNo, ReminderId,
    RequestId, SnapToken, is_same_id, normalize_id,
};
pub use key::{ClientSecret, KeyError, OtherAlgorithm, SigningKey, VerifyingKey};
pub use mini_app_error_code::MiniAppErrorCode;
pub use minify::minify;
pub use secret::Secret;
pub use server_key::{ServerKey, ServerKeyError};
pub use transaction_status::LatestTransactionStatus;

/// The examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
