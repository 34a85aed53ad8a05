//! What is sealed and hashed of a buyer, and how it is brought under the current master key.
//!
//! Invariant: keyed hash and sealed texts of a buyer are written together, because the hash is the
//! owner of the texts.

use crate::{
    ports::StoredCustomer,
    vault::{KeyId, Vault, VaultError, with_id},
};
use gopay_protocol::{Secret, message::authorization::Grant};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Length of a keyed hash without the id of its key, as the first versions wrote it.
const HASH_LENGTH: usize = 32;

/// The owner for which the buyer's auth token is sealed.
pub(crate) fn token_owner(account_hash: &[u8]) -> String {
    hex::encode(account_hash)
}

/// That of the buyer's name. Not the account itself: it must not open in the place of an
/// `auth_token`.
pub(crate) fn name_owner(account_hash: &[u8]) -> String {
    format!("name of {}", hex::encode(account_hash))
}

/// That of the id of the buyer's account.
pub(crate) fn account_id_owner(account_hash: &[u8]) -> String {
    format!("id of {}", hex::encode(account_hash))
}

/// What is sealed of a buyer, opened.
struct Opened {
    account_hash: Vec<u8>,
    account_id: Option<Secret>,
    auth_token: Secret,
    name: Option<Secret>,
}

impl Opened {
    fn seal(self, vault: &Vault, customer: &StoredCustomer) -> Result<StoredCustomer, VaultError> {
        let hash = self.account_hash;
        let seal = |owner: String, text: &Secret| vault.seal(&owner, text);
        let account_id = self.account_id.as_ref();
        let name = self.name.as_ref();
        Ok(StoredCustomer {
            id: customer.id.clone(),
            gopay_account_id: account_id
                .map(|id| seal(account_id_owner(&hash), id))
                .transpose()?,
            auth_token: seal(token_owner(&hash), &self.auth_token)?,
            auth_token_version: customer.auth_token_version,
            name: name.map(|name| seal(name_owner(&hash), name)).transpose()?,
            account_hash: hash,
        })
    }
}

pub(crate) fn log_unreadable_name(error: &VaultError) {
    tracing::warn!(event = "customer.name_unreadable", %error, "a buyer's name is kept but cannot be read");
}

/// The buyer as a sign-in that brought this grant leaves them, under the current key. A name that
/// cannot be opened is left out: it is asked for again some time.
pub(crate) fn renew(
    vault: &Vault,
    customer: &StoredCustomer,
    grant: &Grant,
) -> Result<StoredCustomer, VaultError> {
    let name = customer.name.as_ref().and_then(|name| {
        let name = vault.open(&name_owner(&customer.account_hash), name);
        name.inspect_err(log_unreadable_name).ok()
    });
    let opened = Opened {
        account_hash: vault.keyed_hash(&grant.gopay_account_id),
        account_id: Some(grant.gopay_account_id.clone()),
        auth_token: grant.auth_token.clone(),
        name,
    };
    opened.seal(vault, customer)
}

/// The hashes under which the buyer's account may be found, in whichever mini app: under each key of the vault where
/// the account is known, else their own.
pub(crate) fn account_hashes(
    vault: &Vault,
    customer: &StoredCustomer,
) -> Result<Vec<Vec<u8>>, VaultError> {
    let own = customer.account_hash.clone();
    let Some(sealed) = &customer.gopay_account_id else {
        return Ok(vec![own]);
    };
    let id = vault.open(&account_id_owner(&own), sealed)?;
    let mut hashes = vec![own, vault.keyed_hash(&id)];
    hashes.extend(vault.former_hashes(&id));
    Ok(hashes)
}

/// The buyer as somebody whom nothing names any more: account and token are random, and the name is gone.
pub(crate) fn erased(
    vault: &Vault,
    customer: &StoredCustomer,
) -> Result<StoredCustomer, VaultError> {
    let nothing = || Secret::new(Uuid::new_v4().to_string());
    let account_id = nothing();
    let opened = Opened {
        account_hash: vault.keyed_hash(&account_id),
        account_id: Some(account_id),
        auth_token: nothing(),
        name: None,
    };
    opened.seal(vault, customer)
}

/// The buyer under the current key; `None` where they are already. Without the sealed id of their
/// account the hash stays under its former key until their next sign-in.
///
/// # Errors
///
/// One of the texts was sealed under a key that is not in the vault.
pub(crate) fn reseal(
    vault: &Vault,
    customer: &StoredCustomer,
) -> Result<Option<StoredCustomer>, VaultError> {
    let former_hash = &customer.account_hash;
    let (key, auth_token) = vault.open_by(&token_owner(former_hash), &customer.auth_token)?;
    let open = |owner: String, sealed: &Option<Vec<u8>>| {
        let sealed = sealed.as_ref();
        sealed.map(|sealed| vault.open(&owner, sealed)).transpose()
    };
    let account_id = open(account_id_owner(former_hash), &customer.gopay_account_id)?;
    let name = open(name_owner(former_hash), &customer.name)?;
    let account_hash = match &account_id {
        Some(id) => vault.keyed_hash(id),
        // Token and hash of the first versions are under one key.
        None if former_hash.len() == HASH_LENGTH => with_id(key, former_hash),
        None => former_hash.clone(),
    };
    let id = customer.gopay_account_id.as_ref();
    let texts = [Some(&customer.auth_token), id, customer.name.as_ref()];
    let is_current = texts.into_iter().flatten().all(|it| vault.is_current(it));
    if account_hash == *former_hash && is_current {
        return Ok(None);
    }
    let opened = Opened {
        account_hash,
        account_id,
        auth_token,
        name,
    };
    opened.seal(vault, customer).map(Some)
}

/// Which keys a buyer is found and read with.
///
/// # Errors
///
/// One of them is not in the vault.
pub(crate) fn keys_of(
    vault: &Vault,
    customer: &StoredCustomer,
) -> Result<BTreeSet<KeyId>, VaultError> {
    let hash = &customer.account_hash;
    let (of_token, _) = vault.open_by(&token_owner(hash), &customer.auth_token)?;
    let mut keys = BTreeSet::from([of_token]);
    for (owner, sealed) in [
        (account_id_owner(hash), &customer.gopay_account_id),
        (name_owner(hash), &customer.name),
    ] {
        if let Some(sealed) = sealed {
            keys.insert(vault.open_by(&owner, sealed)?.0);
        }
    }
    if hash.len() != HASH_LENGTH {
        let id = KeyId::of(hash).filter(|id| vault.ids().any(|known| known == *id));
        keys.insert(id.ok_or(VaultError::Open)?);
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::STANDARD};

    fn key(byte: u8) -> Secret {
        Secret::new(STANDARD.encode([byte; 32]))
    }

    fn vault(byte: u8) -> Vault {
        Vault::new(&key(byte)).unwrap()
    }

    fn changed(current: u8, former: u8) -> Vault {
        vault(current).with_former(&key(former)).unwrap()
    }

    fn grant(token: &str) -> Grant {
        Grant {
            auth_token: Secret::new(token),
            gopay_account_id: Secret::new("account"),
        }
    }

    fn signed_in(vault: &Vault) -> StoredCustomer {
        let nobody = StoredCustomer {
            id: "c".into(),
            account_hash: vec![],
            gopay_account_id: None,
            auth_token: vec![],
            auth_token_version: 1,
            name: None,
        };
        let mut customer = renew(vault, &nobody, &grant("token")).unwrap();
        let name = vault.seal(&name_owner(&customer.account_hash), &Secret::new("Sari"));
        customer.name = Some(name.unwrap());
        customer
    }

    /// As the first versions wrote them.
    fn without_ids(vault: &Vault) -> StoredCustomer {
        let hash = vault.keyed_hash(&Secret::new("account")).split_off(4);
        let token = vault.seal(&token_owner(&hash), &Secret::new("token"));
        let name = vault.seal(&name_owner(&hash), &Secret::new("Sari"));
        StoredCustomer {
            gopay_account_id: None,
            auth_token: token.unwrap().split_off(4),
            name: Some(name.unwrap().split_off(4)),
            account_hash: hash,
            ..signed_in(vault)
        }
    }

    fn is_readable(vault: &Vault, customer: &StoredCustomer, token: &str) {
        let hash = &customer.account_hash;
        let opened = vault
            .open(&token_owner(hash), &customer.auth_token)
            .unwrap();
        assert_eq!(opened.expose(), token);
        let name = vault
            .open(&name_owner(hash), customer.name.as_ref().unwrap())
            .unwrap();
        assert_eq!(name.expose(), "Sari");
    }

    #[test]
    fn a_sealed_buyer_needs_the_current_key_only() {
        let before = signed_in(&vault(1));
        let both = changed(2, 1);
        assert_eq!(
            keys_of(&both, &before).unwrap(),
            BTreeSet::from([vault(1).current_id()])
        );
        let after = reseal(&both, &before).unwrap().unwrap();
        let account = Secret::new("account");
        assert_eq!(after.account_hash, vault(2).keyed_hash(&account));
        is_readable(&vault(2), &after, "token");
        assert_eq!(
            keys_of(&vault(2), &after).unwrap(),
            BTreeSet::from([both.current_id()])
        );
        assert!(reseal(&both, &after).unwrap().is_none());
    }

    #[test]
    fn a_buyer_without_a_sealed_id_is_found_by_the_former_key() {
        let before = without_ids(&vault(1));
        let both = changed(2, 1);
        let after = reseal(&both, &before).unwrap().unwrap();
        is_readable(&vault(2), &after, "token");
        let former = both.former_hashes(&Secret::new("account"));
        assert!(former.contains(&after.account_hash));
        let needed = BTreeSet::from([1, 2].map(|byte| vault(byte).current_id()));
        assert_eq!(keys_of(&both, &after).unwrap(), needed);
        assert_eq!(keys_of(&vault(2), &after), Err(VaultError::Open));
        assert!(reseal(&both, &after).unwrap().is_none());
        // Their next sign-in.
        let known = renew(&both, &after, &grant("another")).unwrap();
        is_readable(&vault(2), &known, "another");
        assert!(keys_of(&vault(2), &known).is_ok());
    }

    #[test]
    fn a_buyer_under_an_unknown_key_is_left_as_they_are() {
        for before in [signed_in(&vault(1)), without_ids(&vault(1))] {
            assert!(reseal(&vault(2), &before).is_err());
            assert!(keys_of(&vault(2), &before).is_err());
        }
    }
}
