//! The buyer's name, where they agree to share it.
//!
//! Invariant: it is personal data: sealed at rest, never in a log, and nothing but the name is
//! kept.

use super::OrderService;
use crate::{
    adapters::gopay,
    ports::{self, CustomerRepository, Repository},
    sealed_customer::{log_unreadable_name, name_owner, token_owner},
    vault::VaultError,
};
use contract::CustomerId;
use gopay_protocol::Secret;

/// Longest name kept, in characters: enough to call them by.
const MAX_NAME_LENGTH: usize = 40;

/// Why there is no name.
#[derive(Debug, thiserror::Error)]
pub enum CustomerNameError {
    /// GoPay's side, the buyer's consent included.
    #[error(transparent)]
    GoPay(#[from] gopay::ProfileError),
    #[error(transparent)]
    Store(#[from] ports::Error),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl<R: Repository + CustomerRepository> OrderService<R> {
    /// Asks GoPay what the buyer is called, and keeps it. `None`: GoPay does not know it, or
    /// what it knows cannot be shown.
    pub async fn fetch_name(
        &self,
        customer_id: &CustomerId,
    ) -> Result<Option<Secret>, CustomerNameError> {
        let mut customer = self.store().customer(customer_id).await?;
        let owner = token_owner(&customer.account_hash);
        let auth_token = self.vault.open(&owner, &customer.auth_token)?;
        let profile = match self.payments.gopay.profile(&auth_token).await {
            Err(error @ gopay::ProfileError::ConsentMissing(_)) => {
                // What was agreed to before is taken back.
                self.forget_name(customer_id).await?;
                return Err(error.into());
            }
            Err(error @ gopay::ProfileError::TokenInactive) => {
                self.store().deactivate_token(&customer).await?;
                return Err(error.into());
            }
            profile => profile?,
        };
        let name = profile.name().and_then(presentable);
        loop {
            let owner = name_owner(&customer.account_hash);
            let sealed = match &name {
                Some(name) => Some(self.vault.seal(&owner, name)?),
                None => None,
            };
            let kept = self.store().keep_name(&customer, sealed.as_deref()).await?;
            if kept {
                return Ok(name);
            }
            let version = customer.auth_token_version;
            customer = self.store().customer(customer_id).await?;
            // Erased, or signed in again; else hashed under another master key.
            if customer.auth_token_version != version {
                return Ok(name);
            }
        }
    }

    /// The buyer would rather not be called by name any more.
    pub async fn forget_name(&self, customer_id: &CustomerId) -> Result<(), ports::Error> {
        self.store().forget_name(customer_id).await
    }

    /// The name as it was kept. One that cannot be opened is asked for again some time, and
    /// does not keep the buyer from signing in.
    pub(super) fn open_name(&self, account_hash: &[u8], sealed: Option<&[u8]>) -> Option<String> {
        let name = self.vault.open(&name_owner(account_hash), sealed?);
        let name = name.inspect_err(log_unreadable_name).ok()?;
        Some(name.expose().to_owned())
    }
}

/// The name on one line, without what cannot be seen, what would turn the text around it, and
/// what is past `MAX_NAME_LENGTH`.
pub fn presentable(name: &Secret) -> Option<Secret> {
    let visible: String = name
        .expose()
        .chars()
        .filter(|it| it.is_whitespace() || !is_invisible(*it))
        .collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(MAX_NAME_LENGTH).collect();
    let name = short.trim_end();
    (!name.is_empty()).then(|| Secret::new(name))
}

/// Controls, soft hyphen, and Unicode's marks of direction, joining and width zero.
fn is_invisible(it: char) -> bool {
    it.is_control()
        || matches!(it,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str) -> Option<String> {
        presentable(&Secret::new(name)).map(|name| name.expose().to_owned())
    }

    #[test]
    fn a_name_is_kept_as_it_is_seen() {
        for (name, seen) in [
            ("Budi", "Budi"),
            ("  Nur\tAini\n\n", "Nur Aini"),
            ("O'Neill & Şebnem 王", "O'Neill & Şebnem 王"),
            ("\u{202e}iduB", "iduB"),
            ("Bu\u{200b}d\u{0}i\u{2066}", "Budi"),
            ("Siti\u{2028}Aminah", "Siti Aminah"),
        ] {
            assert_eq!(shown(name).as_deref(), Some(seen));
        }
    }

    #[test]
    fn a_long_name_ends_after_forty_characters() {
        assert_eq!(shown(&"é".repeat(41)), Some("é".repeat(40)));
        assert_eq!(
            shown(&format!("{} x", "a".repeat(39))),
            Some("a".repeat(39))
        );
    }

    #[test]
    fn a_name_that_cannot_be_seen_is_none() {
        for name in ["", "  ", "\u{200b}\u{feff}", "\r\n"] {
            assert_eq!(shown(name), None);
        }
    }
}
