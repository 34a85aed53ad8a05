//! The three keys: the client secret both sides know, and each side's RSA pair.

use crate::{Confidential, pem};
use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};

const PRIVATE: &str = "PRIVATE KEY";
const PUBLIC: &str = "PUBLIC KEY";

/// Why a key cannot be used. Says nothing about the key itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not `-----BEGIN PRIVATE KEY-----` with an RSA key in it.
    #[error(
        "not an RSA private key of at least 2048 bits in PKCS#8 PEM (-----BEGIN PRIVATE KEY-----)"
    )]
    Private,
    /// Not `-----BEGIN PUBLIC KEY-----` with an RSA key in it.
    #[error("not an RSA public key in PEM (-----BEGIN PUBLIC KEY-----)")]
    Public,
    /// The system gave no randomness, or the key no signature.
    #[error("the cryptographic library failed")]
    Library,
}

/// The private half of an RSA pair: signs token requests (merchant) or notifications (GoPay)
/// with SHA256withRSA, PKCS#1 v1.5 `[signature-generation]`.
pub struct SigningKey(RsaKeyPair);

impl SigningKey {
    /// Reads a PKCS#8 PEM.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let der = pem::decode(PRIVATE, text).ok_or(KeyError::Private)?;
        let pair = RsaKeyPair::from_pkcs8(&der).map_err(|_| KeyError::Private)?;
        Ok(Self(pair))
    }

    /// Makes a new pair of 2048 bits.
    pub fn generate() -> Result<Self, KeyError> {
        RsaKeyPair::generate(KeySize::Rsa2048)
            .map(Self)
            .map_err(|_| KeyError::Library)
    }

    /// The pair as PKCS#8 PEM, to be written to a file that only its owner can read.
    pub fn to_pem(&self) -> Result<Confidential, KeyError> {
        let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&self.0).map_err(|_| KeyError::Library)?;
        Ok(Confidential::new(pem::encode(PRIVATE, der.as_ref())))
    }

    /// The public half as PEM, for the other side's dashboard.
    pub fn public_pem(&self) -> Result<String, KeyError> {
        Ok(pem::encode(PUBLIC, &self.public_key()?.0))
    }

    /// The public half.
    pub fn public_key(&self) -> Result<VerifyingKey, KeyError> {
        let der = AsDer::<PublicKeyX509Der<'_>>::as_der(self.0.public_key())
            .map_err(|_| KeyError::Library)?;
        Ok(VerifyingKey(der.as_ref().to_vec()))
    }

    /// Signs; the result is base64.
    pub fn sign(&self, string_to_sign: &str) -> Result<String, KeyError> {
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                string_to_sign.as_bytes(),
                &mut signature,
            )
            .map_err(|_| KeyError::Library)?;
        Ok(STANDARD.encode(signature))
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey([redacted])")
    }
}

/// The public half of the other side's RSA pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey(Vec<u8>);

impl VerifyingKey {
    /// Reads an X.509 SubjectPublicKeyInfo PEM.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let der = pem::decode(PUBLIC, text).ok_or(KeyError::Public)?;
        aws_lc_rs::signature::ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &der)
            .map_err(|_| KeyError::Public)?;
        Ok(Self(der))
    }

    /// Whether `signature` (base64) is this key's over `string_to_sign`.
    pub fn verifies(&self, string_to_sign: &str, signature: &str) -> bool {
        STANDARD
            .decode(signature)
            .is_ok_and(|signature| self.signed(string_to_sign, &signature))
    }

    /// The same, of a signature that is decoded already.
    pub(crate) fn signed(&self, string_to_sign: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.0)
            .verify(string_to_sign.as_bytes(), signature)
            .is_ok()
    }
}

/// The secret that signs transactions with HMAC-SHA512 `[signature-generation]`.
pub struct ClientSecret(hmac::Key);

impl ClientSecret {
    /// The secret's UTF-8 bytes are the key.
    pub fn new(secret: &Confidential) -> Self {
        Self(hmac::Key::new(
            hmac::HMAC_SHA512,
            secret.expose().as_bytes(),
        ))
    }

    /// Signs; the result is base64.
    pub fn sign(&self, string_to_sign: &str) -> String {
        STANDARD.encode(hmac::sign(&self.0, string_to_sign.as_bytes()))
    }

    /// Whether `signature` (base64) is this secret's over `string_to_sign`, in constant time.
    pub fn verifies(&self, string_to_sign: &str, signature: &str) -> bool {
        STANDARD.decode(signature).is_ok_and(|signature| {
            hmac::verify(&self.0, string_to_sign.as_bytes(), &signature).is_ok()
        })
    }
}

impl std::fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientSecret([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_pair_signs_what_its_public_half_verifies() {
        let pair = SigningKey::generate().unwrap();
        let again = SigningKey::from_pem(pair.to_pem().unwrap().expose()).unwrap();
        let public = VerifyingKey::from_pem(&pair.public_pem().unwrap()).unwrap();
        let signature = again.sign("a|b").unwrap();
        assert!(public.verifies("a|b", &signature));
        assert!(!public.verifies("a|c", &signature));
        assert!(!public.verifies("a|b", "not base64"));
        let other = SigningKey::generate().unwrap().public_pem().unwrap();
        assert!(
            !VerifyingKey::from_pem(&other)
                .unwrap()
                .verifies("a|b", &signature)
        );
    }

    #[test]
    fn a_key_from_an_environment_variable_is_read_too() {
        let pem = SigningKey::generate().unwrap().public_pem().unwrap();
        assert!(VerifyingKey::from_pem(&pem.replace('\n', "\\n")).is_ok());
    }

    #[test]
    fn what_is_not_a_key_is_refused() {
        assert_eq!(SigningKey::from_pem("hello").err(), Some(KeyError::Private));
        assert_eq!(
            VerifyingKey::from_pem("hello").err(),
            Some(KeyError::Public)
        );
        let private = SigningKey::generate().unwrap().to_pem().unwrap();
        assert_eq!(
            VerifyingKey::from_pem(private.expose()).err(),
            Some(KeyError::Public)
        );
    }
}
