//! The consents that buyers gave after the mini app had opened. Pure.

use std::collections::{HashMap, HashSet};

/// The names of the consents, by buyer.
#[derive(Debug, Default)]
pub(crate) struct Consents(HashMap<String, HashSet<String>>);

impl Consents {
    pub(crate) fn decide(&mut self, buyer: &str, scope: &str, allowed: bool) {
        let given = self.0.entry(buyer.to_owned()).or_default();
        if allowed {
            given.insert(scope.to_owned());
        } else {
            given.remove(scope);
        }
    }

    pub(crate) fn given(&self, buyer: &str, scope: &str) -> bool {
        self.0.get(buyer).is_some_and(|given| given.contains(scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_is_one_buyers_and_can_be_withdrawn() {
        let mut consents = Consents::default();
        consents.decide("budi", "location", true);
        assert!(consents.given("budi", "location"));
        assert!(!consents.given("budi", "camera"));
        assert!(!consents.given("siti", "location"));
        consents.decide("budi", "location", false);
        assert!(!consents.given("budi", "location"));
    }
}
