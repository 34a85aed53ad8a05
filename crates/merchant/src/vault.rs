//! Keeps what must not be readable in a copy of the database.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    hmac,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use gopay_protocol::Secret;
use std::fmt;
use zeroize::Zeroizing;

/// A sealed text and a keyed hash begin with the id of their key.
const ID_LENGTH: usize = 4;

/// Encrypts and blinds with keys derived from the master key. While that is changed, former ones still
/// open and find what was sealed and hashed under them.
pub struct Vault {
    current: MasterKey,
    former: Vec<MasterKey>,
}

struct MasterKey {
    id: KeyId,
    seal: RandomizedNonceKey,
    keyed_hash: hmac::Key,
}

/// Names a master key and says nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyId([u8; ID_LENGTH]);

impl KeyId {
    /// The id at the beginning of a sealed text or of a keyed hash. Those of the first versions have
    /// none, which their length does not say.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().map(|id| Self(*id))
    }

    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
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

impl MasterKey {
    fn new(master_key: &Secret) -> Result<Self, VaultError> {
        let bytes = STANDARD
            .decode(master_key.expose().trim())
            .map(Zeroizing::new)
            .ok()
            .filter(|bytes| bytes.len() == 32)
            .ok_or(VaultError::MasterKey)?;
        let master = hmac::Key::new(hmac::HMAC_SHA256, &bytes);
        let derive = |purpose: &str| hmac::sign(&master, purpose.as_bytes());
        Ok(Self {
            id: KeyId::of(derive("id").as_ref()).ok_or(VaultError::MasterKey)?,
            seal: RandomizedNonceKey::new(&AES_256_GCM, derive("seal").as_ref())
                .map_err(|_| VaultError::MasterKey)?,
            keyed_hash: hmac::Key::new(hmac::HMAC_SHA256, derive("blind").as_ref()),
        })
    }

    /// Decrypts nonce and text, which stand behind the id where there is one.
    fn open(&self, owner: &str, sealed: &[u8]) -> Result<Secret, VaultError> {
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

    fn hash(&self, text: &Secret) -> hmac::Tag {
        hmac::sign(&self.keyed_hash, text.expose().as_bytes())
    }

    fn hash_with_id(&self, text: &Secret) -> Vec<u8> {
        with_id(self.id, self.hash(text).as_ref())
    }
}

/// What stands behind the id of a key.
pub(crate) fn with_id(id: KeyId, bytes: &[u8]) -> Vec<u8> {
    [id.as_bytes(), bytes].concat()
}

impl Vault {
    /// Opens the vault with 32 random bytes in base64.
    pub fn new(master_key: &Secret) -> Result<Self, VaultError> {
        Ok(Self {
            current: MasterKey::new(master_key)?,
            former: Vec::new(),
        })
    }

    /// Also opens what was sealed, and finds what was hashed, under a former master key.
    pub fn with_former(mut self, master_key: &Secret) -> Result<Self, VaultError> {
        self.former.push(MasterKey::new(master_key)?);
        Ok(self)
    }

    /// The current key, and then the former ones.
    fn keys(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.current).chain(&self.former)
    }

    /// The key that seals.
    pub const fn current_id(&self) -> KeyId {
        self.current.id
    }

    /// That of the current key, and then those of the former ones.
    pub fn ids(&self) -> impl Iterator<Item = KeyId> {
        self.keys().map(|key| key.id)
    }

    /// Encrypts `text` so that it opens for `owner` only: key id, nonce, then AES-256-GCM.
    pub fn seal(&self, owner: &str, text: &Secret) -> Result<Vec<u8>, VaultError> {
        let mut sealed = text.expose().as_bytes().to_vec();
        let nonce = (self.current.seal)
            .seal_in_place_append_tag(Aad::from(owner), &mut sealed)
            .map_err(|_| VaultError::Seal)?;
        sealed.splice(0..0, *nonce.as_ref());
        Ok(with_id(self.current.id, &sealed))
    }

    /// Decrypts what [`seal`](Self::seal) made for the same owner, under any of the keys.
    pub fn open(&self, owner: &str, sealed: &[u8]) -> Result<Secret, VaultError> {
        self.open_by(owner, sealed).map(|(_, text)| text)
    }

    /// The same, and which key it was sealed under.
    pub(crate) fn open_by(
        &self,
        owner: &str,
        sealed: &[u8],
    ) -> Result<(KeyId, Secret), VaultError> {
        let named = self.keys().find_map(|key| {
            let text = sealed.strip_prefix(key.id.as_bytes())?;
            Some((key.id, key.open(owner, text).ok()?))
        });
        // The first versions wrote no id.
        let unnamed =
            || (self.keys()).find_map(|key| Some((key.id, key.open(owner, sealed).ok()?)));
        named.or_else(unnamed).ok_or(VaultError::Open)
    }

    /// A keyed hash: finds an equal text again without storing it.
    pub fn keyed_hash(&self, text: &Secret) -> Vec<u8> {
        self.current.hash_with_id(text)
    }

    /// The other keyed hashes by which this text may be stored: those under former keys, and those of the
    /// first versions, without an id.
    pub fn former_hashes(&self, text: &Secret) -> Vec<Vec<u8>> {
        let of_former = self.former.iter().map(|key| key.hash_with_id(text));
        let of_first_versions = self.keys().map(|key| key.hash(text).as_ref().to_vec());
        of_former.chain(of_first_versions).collect()
    }

    /// Whether this keyed hash or sealed text is under the key that seals.
    pub(crate) fn is_current(&self, bytes: &[u8]) -> bool {
        bytes.starts_with(self.current.id.as_bytes())
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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

    fn changed(current: u8, former: u8) -> Vault {
        let former = Secret::new(STANDARD.encode([former; 32]));
        vault(current).with_former(&former).unwrap()
    }

    #[test]
    fn a_former_key_opens_and_finds_and_the_current_one_seals() {
        let text = Secret::new("auth token");
        let sealed = vault(1).seal("sari", &text).unwrap();
        let hash = vault(1).keyed_hash(&text);
        let both = changed(2, 1);
        assert_eq!(both.open("sari", &sealed), Ok(text.clone()));
        assert!(!both.is_current(&sealed) && !both.is_current(&hash));
        assert!(both.former_hashes(&text).contains(&hash));
        assert_eq!(both.keyed_hash(&text), vault(2).keyed_hash(&text));
        let anew = both.seal("sari", &text).unwrap();
        assert!(both.is_current(&anew));
        assert_eq!(vault(2).open("sari", &anew), Ok(text));
        assert_eq!(vault(1).open("sari", &anew).err(), Some(VaultError::Open));
    }

    /// As the first versions wrote them.
    #[test]
    fn a_text_without_a_key_id_still_opens_and_is_found() {
        let text = Secret::new("auth token");
        let sealed = vault(1).seal("sari", &text).unwrap().split_off(ID_LENGTH);
        let hash = vault(1).keyed_hash(&text).split_off(ID_LENGTH);
        for vault in [vault(1), changed(2, 1)] {
            assert_eq!(vault.open("sari", &sealed), Ok(text.clone()));
            assert!(vault.former_hashes(&text).contains(&hash));
            assert!(!vault.is_current(&sealed));
        }
        let (by, _) = changed(2, 1).open_by("sari", &sealed).unwrap();
        assert_eq!(by, vault(1).current_id());
        assert_eq!(vault(2).open("sari", &sealed), Err(VaultError::Open));
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
