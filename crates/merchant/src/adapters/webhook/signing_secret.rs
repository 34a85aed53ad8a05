//! The secret that signs webhooks, in the form of
//! [Standard Webhooks](https://www.standardwebhooks.com).

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use gopay_protocol::Secret;
use std::fmt;
use zeroize::Zeroizing;

/// What a secret begins with.
const PREFIX: &str = "whsec_";

pub struct SigningSecret(hmac::Key);

/// Not a secret of the form that Standard Webhooks asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not `whsec_` and 24 to 64 bytes in base64; `openssl rand -base64 32` makes such bytes")]
pub struct SigningSecretError;

impl SigningSecret {
    /// Reads `whsec_...`.
    pub fn parse(secret: &Secret) -> Result<Self, SigningSecretError> {
        let text = secret.expose().trim().strip_prefix(PREFIX);
        text.and_then(|text| STANDARD.decode(text).map(Zeroizing::new).ok())
            .filter(|bytes| (24..=64).contains(&bytes.len()))
            .map(|bytes| Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
            .ok_or(SigningSecretError)
    }

    /// One signature of `webhook-signature`. `timestamp` is in unix seconds.
    pub fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let signed = hmac::sign(&self.0, format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(signed))
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str) -> Result<SigningSecret, SigningSecretError> {
        SigningSecret::parse(&Secret::new(secret))
    }

    /// The example that the implementations of Standard Webhooks share, confirmed with OpenSSL.
    #[test]
    fn a_signature_is_what_others_make_of_the_same() {
        let signature = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
            .unwrap()
            .sign(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#,
            );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_of_another_form_is_refused_and_never_shown() {
        for wrong in [
            "",
            "whsec_",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_MfKQ9r8GKYqrTwjU",
            "whsec_not base64 but long enough to be a secret",
        ] {
            assert_eq!(key(wrong).err(), Some(SigningSecretError), "{wrong}");
        }
        let shown = format!("{:?}", key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        assert!(!shown.contains("MfKQ"), "{shown}");
    }
}
