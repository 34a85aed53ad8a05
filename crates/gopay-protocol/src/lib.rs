//! What a merchant's back end and GoPay say to each other: the messages of
//! BI-SNAP and of the mini-app API, their signatures and their codes.
//!
//! Invariant: no I/O, no clock, no randomness but [`SigningKey::generate`]. Both sides use
//! it: the merchant signs what the simulator verifies, and the other way round.
//!
//! Sources are pages of <https://docs.midtrans.com/reference/>, named at each item as
//! `[page]`. Nothing here has been run against the real GoPay.
//!
//! Where to start: [`signature`] for the three strings to sign, [`message`] for the bodies.

mod amount;
mod code;
mod confidential;
mod deeplink;
pub mod header;
mod id;
mod key;
pub mod message;
mod minify;
mod pem;
mod rewrite;
pub mod signature;
pub mod timestamp;
mod transaction_status;

pub use amount::{Amount, AmountError};
pub use code::{ResponseCode, ResponseCodeError, ServiceCode};
pub use confidential::Confidential;
pub use deeplink::{Deeplink, DeeplinkError};
pub use id::{is_same_id, plain_id};
pub use key::{ClientSecret, KeyError, SigningKey, VerifyingKey};
pub use minify::minify;
pub use transaction_status::LatestTransactionStatus;
