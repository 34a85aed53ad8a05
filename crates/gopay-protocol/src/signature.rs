//! The three strings to sign `[signature-generation]` `[payment-notification-api]`.
//!
//! Each function takes the time as the text of `X-TIMESTAMP`, and the body as its [`body_hash`]:
//! serialise a body once, hash those bytes, send those bytes.

use crate::{
    VerifyingKey, minify,
    rewrite::{Style, rewrite},
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The string that the merchant's private key signs for an access token.
pub fn token_string_to_sign(client_key: &str, timestamp: &str) -> String {
    format!("{client_key}|{timestamp}")
}

/// The string that the client secret signs for a transaction: payment, status, cancel, refund.
///
/// `path` begins with `/v1.0` and has neither host nor query; `access_token` is without the word
/// Bearer.
pub fn transaction_string_to_sign(
    path: &str,
    access_token: &str,
    body_hash: &str,
    timestamp: &str,
) -> String {
    format!("POST:{path}:{access_token}:{body_hash}:{timestamp}")
}

/// The string that GoPay's private key signs for a notification.
pub fn notification_string_to_sign(path: &str, body_hash: &str, timestamp: &str) -> String {
    format!("POST:{path}:{body_hash}:{timestamp}")
}

/// Lower-case hex SHA-256 of the minified body.
pub fn body_hash(body: &[u8]) -> String {
    hex::encode(digest(&SHA256, &minify(body)))
}

/// The form of a body over which a hash is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyForm {
    /// As they came.
    AsReceived,
    /// Without whitespace outside strings: the documented form.
    Minified,
    /// Parsed and written compactly, with the escapes that JSON requires.
    Compact,
    /// Parsed and written compactly, with the escapes of some JSON library.
    Escaped,
}

/// The lower-case hex SHA-256 of every form of a body that its sender may have signed: the
/// likeliest first, each once.
///
/// Docs disagree: the formula says to minify, GoPay's guide for agents to hash the raw body, and
/// its signature demo, Node and PHP clients hash what they have parsed and written again.
pub fn body_hashes(body: &[u8]) -> impl Iterator<Item = (BodyForm, String)> {
    let minified = minify(body);
    let received = (BodyForm::AsReceived, Some(body.to_vec()));
    let mut known: Vec<String> = Vec::new();
    let rewritten = {
        let minified = minified.clone();
        Style::ALL.into_iter().map(move |style| {
            let form = match style.is_plain() {
                true => BodyForm::Compact,
                false => BodyForm::Escaped,
            };
            (form, rewrite(&minified, style).map(String::into_bytes))
        })
    };
    [received, (BodyForm::Minified, Some(minified))]
        .into_iter()
        .chain(rewritten)
        .filter_map(move |(form, bytes)| {
            let hash = hex::encode(digest(&SHA256, &bytes?));
            let is_new = !known.contains(&hash);
            if is_new {
                known.push(hash.clone());
            }
            is_new.then_some((form, hash))
        })
}

/// Whether one of `keys` signed this notification, sent to one of `paths`.
///
/// `timestamp` and `signature` are the headers as they came, `body` the bytes as they came. Every
/// [`BodyForm`] is accepted: each proves that the holder of the key signed this very content.
///
/// ```
/// use gopay_protocol::{SigningKey, message::notify, signature::*};
///
/// let gopay = SigningKey::generate()?;
/// let (body, timestamp) = (br#"{"a": 1}"#, "2024-03-15T10:35:00+07:00");
/// let string = notification_string_to_sign(notify::PATH, &body_hash(body), timestamp);
/// let signature = gopay.sign(&string)?;
/// let keys = [gopay.public_key()?];
/// assert!(verify_notification(&keys, &[notify::PATH], timestamp, &signature, body));
/// # Ok::<(), gopay_protocol::KeyError>(())
/// ```
pub fn verify_notification(
    keys: &[VerifyingKey],
    paths: &[&str],
    timestamp: &str,
    signature: &str,
    body: &[u8],
) -> bool {
    let Ok(signature) = STANDARD.decode(signature) else {
        return false;
    };
    body_hashes(body).any(|(_, hash)| {
        paths.iter().any(|path| {
            let string = notification_string_to_sign(path, &hash, timestamp);
            keys.iter().any(|key| key.verify_bytes(&string, &signature))
        })
    })
}
