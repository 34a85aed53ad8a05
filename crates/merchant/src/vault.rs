//! Keeps what must not be readable in a copy of the database.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hmac,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use gopay_protocol::Secret;
use zeroize::Zeroizing;

/// Encrypts and blinds with keys derived from one master key.
pub struct Vault {
    seal: RandomizedNonceKey,
    keyed_hash: hmac::Key,
}

/// Why the vault does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Not what `merchant keygen` writes.
    #[error("not 32 bytes in base64; `merchant keygen` makes one")]
    MasterKey,
    /// The cryptographic library failed.
    #[error("encrypting failed")]
    Seal,
    /// Another master key, another owner, or a changed text.
    #[error("the sealed text was not sealed by this key for this owner")]
    Open,
}

impl Vault {
    /// Opens the vault with 32 random bytes in base64.
    pub fn new(master_key: &Secret) -> Result<Self, VaultError> {
        let bytes = STANDARD
            .decode(master_key.expose().trim())
            .map(Zeroizing::new)
            .ok()
            .filter(|bytes| bytes.len() == 32)
            .ok_or(VaultError::MasterKey)?;
        let master = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        let derive = |purpose: &str| hmac::sign(&master, purpose.as_bytes());
        Ok(Self {
            seal: RandomizedNonceKey::new(&AES_256_GCM, derive("seal").as_ref())
                .map_err(|_| VaultError::MasterKey)?,
            keyed_hash: hmac::Key::new(hmac::HMAC_SHA256, derive("blind").as_ref()),
        })
    }

    /// Encrypts `text` so that it opens for `owner` only: nonce, then AES-256-GCM.
    pub fn seal(&self, owner: &str, text: &Secret) -> Result<Vec<u8>, VaultError> {
        let mut sealed = text.expose().as_bytes().to_vec();
        let nonce = self
            .seal
            .seal_in_place_append_tag(Aad::from(owner), &mut sealed)
            .map_err(|_| VaultError::Seal)?;
        sealed.splice(0..0, *nonce.as_ref());
        Ok(sealed)
    }

    /// Decrypts what [`seal`](Self::seal) made for the same owner.
    pub fn open(&self, owner: &str, sealed: &[u8]) -> Result<Secret, VaultError> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or(VaultError::Open)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| VaultError::Open)?;
        let mut text = Zeroizing::new(text.to_vec());
        let plain = self
            .seal
            .open_in_place(nonce, Aad::from(owner), &mut text)
            .map_err(|_| VaultError::Open)?;
        String::from_utf8(plain.to_vec())
            .map(Secret::new)
            .map_err(|_| VaultError::Open)
    }

    /// A keyed hash: finds an equal text again without storing it.
    pub fn keyed_hash(&self, text: &Secret) -> Vec<u8> {
        hmac::sign(&self.keyed_hash, text.expose().as_bytes())
            .as_ref()
            .to_vec()
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(byte: u8) -> Vault {
        Vault::new(&Secret::new(STANDARD.encode([byte; 32]))).unwrap()
    }

    #[test]
    fn a_sealed_text_opens_with_the_same_key_for_the_same_owner_only() {
        let text = Secret::new("auth token");
        let mut sealed = vault(1).seal("sari", &text).unwrap();
        assert!(!sealed.windows(4).any(|part| part == b"auth"));
        assert_eq!(vault(1).open("sari", &sealed), Ok(text.clone()));
        assert_eq!(vault(1).open("budi", &sealed), Err(VaultError::Open));
        assert_eq!(vault(2).open("sari", &sealed), Err(VaultError::Open));
        assert_ne!(sealed, vault(1).seal("sari", &text).unwrap());
        *sealed.last_mut().unwrap() ^= 1;
        assert_eq!(vault(1).open("sari", &sealed), Err(VaultError::Open));
        assert_eq!(vault(1).open("sari", b"short"), Err(VaultError::Open));
    }

    #[test]
    fn a_blinded_text_is_found_again() {
        let text = Secret::new("account");
        assert_eq!(vault(1).keyed_hash(&text), vault(1).keyed_hash(&text));
        assert_ne!(vault(1).keyed_hash(&text), vault(2).keyed_hash(&text));
    }

    #[test]
    fn a_master_key_has_32_bytes() {
        for wrong in ["", "hunter2", "AAAA"] {
            assert_eq!(
                Vault::new(&Secret::new(wrong)).err(),
                Some(VaultError::MasterKey)
            );
        }
    }
}
