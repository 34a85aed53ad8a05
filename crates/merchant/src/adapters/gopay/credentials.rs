//! Which of the merchant's credentials GoPay does not take at present.

use std::sync::atomic::{AtomicBool, Ordering};
use strum::{IntoStaticStr, VariantArray};

/// What GoPay knows the merchant by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Credential {
    /// `client_key` and `private_key_file`, by which an access token is asked for.
    PrivateKey,
    /// `client_secret_file` and `partner_id`, by which BI-SNAP's requests are signed.
    ClientSecret,
    /// Of Snap Checkout.
    ServerKey,
    /// Of a mini app, by which an auth code is exchanged.
    AuthCredentials,
}

impl Credential {
    pub(crate) fn name(self) -> &'static str {
        self.into()
    }
}

/// Whether each was refused since it was last taken.
#[derive(Debug, Default)]
pub(super) struct Credentials([AtomicBool; Credential::VARIANTS.len()]);

impl Credentials {
    pub(super) fn note(&self, credential: Credential, is_taken: bool) {
        if let Some(is_refused) = self.0.get(credential as usize) {
            is_refused.store(!is_taken, Ordering::Relaxed);
        }
    }

    pub(super) fn is_refused(&self, credential: Credential) -> bool {
        let is_refused = self.0.get(credential as usize);
        is_refused.is_some_and(|is_refused| is_refused.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_refused_until_it_is_taken_again() {
        let credentials = Credentials::default();
        credentials.note(Credential::ClientSecret, false);
        // Another one says nothing of it.
        credentials.note(Credential::PrivateKey, true);
        assert!(credentials.is_refused(Credential::ClientSecret));
        credentials.note(Credential::ClientSecret, true);
        let refused = Credential::VARIANTS.iter();
        assert!(!refused.copied().any(|it| credentials.is_refused(it)));
    }
}
