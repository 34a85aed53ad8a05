//! The server key: the merchant's credential for Snap and the Core API, and what their
//! notifications are signed with.

use crate::{Secret, message::http_notification::Notification};
use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA512, digest},
};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The beginning of a key of the sandbox.
const SANDBOX_PREFIX: &str = "SB-";

/// What a client key has where a server key has `-server-`.
const CLIENT_MARK: &str = "Mid-client-";

/// Midtrans' server key `[api-authorization-headers]`: whoever has it can refund, and can forge a
/// [`Notification`].
///
/// ```
/// use gopay_protocol::{Secret, ServerKey};
///
/// let key = ServerKey::new(&Secret::new("SB-Mid-server-abc"))?;
/// assert_eq!(key.authorization().expose(), "Basic U0ItTWlkLXNlcnZlci1hYmM6");
/// assert!(key.is_marked_sandbox());
/// # Ok::<(), gopay_protocol::ServerKeyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerKey(Secret);

/// Why a text is no server key. Says nothing of the text itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ServerKeyError {
    /// No character at all.
    #[error("the server key is empty; Midtrans' dashboard shows it under Settings > Access Keys")]
    Empty,
    /// White space, a colon, or not printable ASCII.
    #[error(
        "the server key has a space, a colon or an odd character; copy it again from Midtrans' dashboard, Settings > Access Keys"
    )]
    Character,
    /// The public key that belongs into the page.
    #[error("a client key, where the server key belongs: the one with -server- in it")]
    ClientKey,
}

impl ServerKey {
    /// Takes the key as the dashboard shows it, without the white space around it.
    ///
    /// # Errors
    ///
    /// [`ServerKeyError`] where the text cannot be a server key.
    pub fn new(key: &Secret) -> Result<Self, ServerKeyError> {
        let key = key.expose().trim();
        if key.is_empty() {
            return Err(ServerKeyError::Empty);
        }
        // It is the user of Basic authentication, which ends at the first colon.
        if !key.bytes().all(|it| it.is_ascii_graphic() && it != b':') {
            return Err(ServerKeyError::Character);
        }
        if key.contains(CLIENT_MARK) {
            return Err(ServerKeyError::ClientKey);
        }
        Ok(Self(Secret::new(key)))
    }

    /// Whether the key itself says that it is the sandbox's.
    ///
    /// Unverified: that a key without the mark is of production. Sandboxes have keys without it,
    /// too, so only a `true` proves something.
    pub fn is_marked_sandbox(&self) -> bool {
        self.0.expose().starts_with(SANDBOX_PREFIX)
    }

    /// The header `Authorization`: the key as the user, and no password
    /// `[miniapp-x-snap-checkout-payment]`.
    pub fn authorization(&self) -> Secret {
        let user = Secret::new(format!("{}:", self.0.expose()));
        Secret::new(format!("Basic {}", STANDARD.encode(user.expose())))
    }

    /// Whether an `Authorization` is this key's, in constant time.
    pub fn is_authorized(&self, authorization: &str) -> bool {
        is_equal(self.authorization().expose(), authorization.trim())
    }

    /// `signature_key` of a notification: lower-case hex SHA-512 of the three texts as they stand in
    /// the body, and the key `[handle-notifications]`.
    pub fn signature(&self, order_id: &str, status_code: &str, gross_amount: &str) -> String {
        let key = self.0.expose();
        let signed = Secret::new(format!("{order_id}{status_code}{gross_amount}{key}"));
        hex::encode(digest(&SHA512, signed.expose().as_bytes()))
    }

    /// Whether Midtrans signed this notification, in constant time. `false` where one of the signed
    /// fields is missing.
    ///
    /// A `true` proves nothing about the other fields: see [`Notification`].
    pub fn verify(&self, notification: &Notification) -> bool {
        let transaction = &notification.transaction;
        let (Some(order_id), Some(status_code), Some(amount), Some(signature)) = (
            &transaction.order_id,
            &transaction.status_code,
            &transaction.gross_amount,
            &notification.signature_key,
        ) else {
            return false;
        };
        let ours = self.signature(
            order_id.as_str(),
            &status_code.to_string(),
            amount.value.as_str(),
        );
        is_equal(&ours, &signature.expose().to_ascii_lowercase())
    }
}

fn is_equal(ours: &str, theirs: &str) -> bool {
    verify_slices_are_equal(ours.as_bytes(), theirs.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The inputs of the sample code of `[handle-notifications]`; the page prints no result. The
    /// result was derived with Python's hashlib.
    #[test]
    fn the_sample_of_the_page_has_its_signature() {
        let key = ServerKey::new(&Secret::new("askvnoibnosifnboseofinbofinfgbiufglnbfg")).unwrap();
        assert_eq!(
            key.signature("1111", "200", "100000.00"),
            "edc076b21793ebe3e17926350f5b8ae67d902fe657b3d0aa31b932d5c127e2375d308a2bc94f3265ac2d80a1f181a79b997ac178a236fcff35af263fc4d4c231"
        );
    }

    #[test]
    fn a_text_that_is_no_server_key_is_refused_by_its_kind() {
        for (text, error) in [
            ("", ServerKeyError::Empty),
            (" \n", ServerKeyError::Empty),
            ("SB-Mid-server-a b", ServerKeyError::Character),
            ("SB-Mid-server-a:", ServerKeyError::Character),
            ("SB-Mid-server-é", ServerKeyError::Character),
            ("SB-Mid-client-abc", ServerKeyError::ClientKey),
            ("Mid-client-abc", ServerKeyError::ClientKey),
        ] {
            let refused = ServerKey::new(&Secret::new(text));
            assert_eq!(refused, Err(error), "{text}");
        }
        let key = ServerKey::new(&Secret::new(" Mid-server-abc\n")).unwrap();
        assert!(!key.is_marked_sandbox());
        assert!(!format!("{key:?}").contains("abc"));
    }

    #[test]
    fn only_the_keys_own_authorization_is_accepted() {
        let key = ServerKey::new(&Secret::new("Mid-server-abc")).unwrap();
        assert!(key.is_authorized(key.authorization().expose()));
        let other = ServerKey::new(&Secret::new("Mid-server-abd")).unwrap();
        for wrong in ["", "Basic", "Basic OjA=", other.authorization().expose()] {
            assert!(!key.is_authorized(wrong), "{wrong}");
        }
    }
}
