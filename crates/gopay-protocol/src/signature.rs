//! The three strings to sign `[signature-generation]` `[payment-notification-api]`.
//!
//! Three shapes, three functions, no flags. Each takes the time as the text that goes into
//! `X-TIMESTAMP`, and the body as its [`body_hash`]: serialise a body once, hash those
//! bytes, send those bytes.

use crate::{VerifyingKey, minify};
use aws_lc_rs::digest::{SHA256, digest};

/// What the merchant's private key signs to get an access token.
pub fn token_string_to_sign(client_key: &str, timestamp: &str) -> String {
    format!("{client_key}|{timestamp}")
}

/// What the client secret signs for a transaction: payment, status, cancel, refund.
///
/// `path` begins with `/v1.0` and has neither host nor query; `access_token` goes without
/// the word Bearer.
pub fn transaction_string_to_sign(
    path: &str,
    access_token: &str,
    body_hash: &str,
    timestamp: &str,
) -> String {
    format!("POST:{path}:{access_token}:{body_hash}:{timestamp}")
}

/// What GoPay's private key signs for a notification.
pub fn notification_string_to_sign(path: &str, body_hash: &str, timestamp: &str) -> String {
    format!("POST:{path}:{body_hash}:{timestamp}")
}

/// Lower-case hex SHA-256 of the minified body.
pub fn body_hash(body: &[u8]) -> String {
    hex::encode(digest(&SHA256, &minify(body)))
}

/// Whether one of `keys` signed this notification.
///
/// Docs disagree: the formula says to minify, GoPay's guide for agents says to hash the raw
/// body. Both are tried, over the bytes as received; either is proof that the holder of the
/// key signed this very content.
pub fn verifies_notification(
    keys: &[VerifyingKey],
    path: &str,
    timestamp: &str,
    signature: &str,
    body: &[u8],
) -> bool {
    let raw = hex::encode(digest(&SHA256, body));
    let minified = body_hash(body);
    [Some(&raw), (minified != raw).then_some(&minified)]
        .into_iter()
        .flatten()
        .map(|hash| notification_string_to_sign(path, hash, timestamp))
        .any(|string| keys.iter().any(|key| key.verifies(&string, signature)))
}
