//! The consents that buyers gave after the mini app had opened. Pure.

use crate::mini_apps::MiniAppUser;
use std::collections::{HashMap, HashSet};

/// The names of the consents, by mini app and buyer.
///
/// Unverified: that each mini app of the merchant has consents of its own.
#[derive(Debug, Default)]
pub(crate) struct Consents(HashMap<MiniAppUser, HashSet<String>>);

impl Consents {
    pub(crate) fn decide(&mut self, user: &MiniAppUser, scope: &str, allowed: bool) {
        let given = self.0.entry(user.clone()).or_default();
        if allowed {
            given.insert(scope.to_owned());
        } else {
            given.remove(scope);
        }
    }

    pub(crate) fn given(&self, user: &MiniAppUser, scope: &str) -> bool {
        self.0.get(user).is_some_and(|given| given.contains(scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_is_one_buyers_in_one_mini_app_and_can_be_withdrawn() {
        let user = |mini_app: &str, buyer: &str| MiniAppUser {
            mini_app: mini_app.parse().unwrap(),
            buyer: buyer.to_owned(),
        };
        let budi = user("kedai", "budi");
        let mut consents = Consents::default();
        consents.decide(&budi, "location", true);
        assert!(consents.given(&budi, "location"));
        assert!(!consents.given(&budi, "camera"));
        assert!(!consents.given(&user("kedai", "siti"), "location"));
        assert!(!consents.given(&user("kopi", "budi"), "location"));
        consents.decide(&budi, "location", false);
        assert!(!consents.given(&budi, "location"));
    }
}
