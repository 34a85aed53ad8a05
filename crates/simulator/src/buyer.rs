//! What GoPay knows about its buyers: as configured, or made up and the same for the same id.

use crate::payments::PayOption;
use gopay_protocol::signature::body_hash;
use serde::{Deserialize, Serialize};

/// A buyer whose profile or money is configured. What is missing is made up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Buyer {
    /// As a page names the buyer in `?buyer=`.
    pub id: String,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub phone: Option<String>,
    /// In rupiah; a payment in the sheet takes its amount, and a refund gives it back. Without it a buyer can
    /// pay everything.
    #[serde(default)]
    pub balance: Option<u64>,
    /// What is left of the limit of GoPay Later, in rupiah; without it the buyer has no GoPay Later.
    #[serde(default)]
    pub gopay_later: Option<u64>,
    /// What GoPay takes off the next payment in the sheet, in rupiah.
    #[serde(default)]
    pub promo: Option<u64>,
}

impl Buyer {
    /// One of whom nothing is configured.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: None,
            email: None,
            phone: None,
            balance: None,
            gopay_later: None,
            promo: None,
        }
    }

    fn profile(&self) -> Profile {
        let made_up = Profile::of(&self.id);
        Profile {
            username: self.name.clone().unwrap_or(made_up.username),
            email: self.email.clone().unwrap_or(made_up.email),
            phone_number: self.phone.clone().unwrap_or(made_up.phone_number),
        }
    }
}

/// The configured ones.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buyers(Vec<Buyer>);

impl From<Vec<Buyer>> for Buyers {
    fn from(buyers: Vec<Buyer>) -> Self {
        Self(buyers)
    }
}

impl Buyers {
    pub(crate) fn set(&mut self, buyer: Buyer) {
        self.0.retain(|other| other.id != buyer.id);
        self.0.push(buyer);
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Buyer> {
        self.0.iter().find(|buyer| buyer.id == id)
    }

    /// What the buyer can pay with, where that is configured.
    pub(crate) fn funds(&mut self, id: Option<&str>, option: PayOption) -> Option<&mut u64> {
        let buyer = self.0.iter_mut().find(|buyer| Some(&*buyer.id) == id)?;
        match option {
            PayOption::Wallet => buyer.balance.as_mut(),
            PayOption::PayLater => buyer.gopay_later.as_mut(),
        }
    }

    /// What GoPay takes off a payment of this amount.
    pub(crate) fn promo(&self, id: Option<&str>, rupiah: u64) -> u64 {
        let buyer = id.and_then(|id| self.get(id));
        let promo = buyer.and_then(|buyer| buyer.promo);
        promo.unwrap_or_default().min(rupiah)
    }

    pub(crate) fn use_promo(&mut self, id: Option<&str>) {
        let mut buyers = self.0.iter_mut();
        if let Some(buyer) = buyers.find(|buyer| Some(&*buyer.id) == id) {
            buyer.promo = None;
        }
    }

    pub(crate) fn all(&self) -> &[Buyer] {
        &self.0
    }

    pub(crate) fn profile(&self, id: &str) -> Profile {
        self.get(id).map_or_else(|| Profile::of(id), Buyer::profile)
    }
}

/// Name, e-mail address and phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) username: String,
    pub(crate) email: String,
    pub(crate) phone_number: String,
}

impl Profile {
    fn of(buyer: &str) -> Self {
        let mut letters = buyer.chars();
        let first: String = letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .collect();
        let digits = body_hash(buyer.as_bytes())
            .bytes()
            .map(|byte| char::from(b'0' + byte % 10))
            .take(8)
            .collect::<String>();
        Self {
            username: format!("{first}{}", letters.as_str()),
            email: format!("{buyer}@surat.example"),
            phone_number: format!("+62800{digits}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_follows_from_the_buyers_id() {
        let buyers = Buyers::default();
        let budi = buyers.profile("budi");
        assert_eq!(budi, buyers.profile("budi"));
        assert_eq!(budi.username, "Budi");
        assert_eq!(budi.email, "budi@surat.example");
        assert_ne!(budi.phone_number, buyers.profile("siti").phone_number);
    }

    #[test]
    fn what_is_configured_of_a_buyer_replaces_what_is_made_up() {
        let mut buyers = Buyers::default();
        let made_up = buyers.profile("budi");
        buyers.set(Buyer::new("budi"));
        assert_eq!(buyers.profile("budi"), made_up);
        buyers.set(Buyer {
            name: Some("Budi Santoso".to_owned()),
            ..Buyer::new("budi")
        });
        let username = "Budi Santoso".to_owned();
        assert_eq!(
            buyers.profile("budi"),
            Profile {
                username,
                ..made_up
            }
        );
        assert_eq!(buyers.all().len(), 1);
    }
}
