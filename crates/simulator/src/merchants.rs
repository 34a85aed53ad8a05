//! The merchants that GoPay knows. Pure.
//!
//! Invariant: ids and keys differ, since each of them names a merchant; what belongs to one is unknown to the others:
//! payments, access tokens, ids of requests.

use crate::{
    account::Account,
    caller::{MerchantNo, PerMerchant, UnknownMerchant},
    order_history::OrderHistory,
};
use url::Url;

#[derive(Debug, Clone)]
pub(crate) struct Merchant {
    pub(crate) account: Account,
    /// The notification URL of the dashboard: an origin, or a whole address.
    pub(crate) notify: Url,
    pub(crate) order_history: OrderHistory,
}

/// A merchant that GoPay cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the merchant {merchant_id} has the {name} of {other}; give each its own")]
pub struct MerchantError {
    merchant_id: String,
    name: &'static str,
    other: String,
}

pub(crate) type Merchants = PerMerchant<Merchant>;

impl Merchants {
    /// Knows the first by these names and ids.
    pub(crate) fn rename_first(&mut self, account: Account) -> Result<(), MerchantError> {
        self.check(&account, Some(MerchantNo::FIRST))?;
        self.of_mut(MerchantNo::FIRST).account = account;
        Ok(())
    }

    pub(crate) fn add(&mut self, merchant: Merchant) -> Result<MerchantNo, MerchantError> {
        self.check(&merchant.account, None)?;
        Ok(self.push(merchant))
    }

    /// Whether no merchant but `own` has one of these ids and keys.
    fn check(&self, account: &Account, own: Option<MerchantNo>) -> Result<(), MerchantError> {
        for (no, other) in self.iter() {
            if Some(no) == own {
                continue;
            }
            let new = identifiers(account);
            let known = identifiers(&other.account);
            let taken = new
                .iter()
                .zip(known)
                .find(|((_, new), (_, known))| *new == *known);
            if let Some(((name, _), _)) = taken {
                let name = *name;
                return Err(MerchantError {
                    merchant_id: account.merchant_id.clone(),
                    name,
                    other: other.account.merchant_id.clone(),
                });
            }
        }
        Ok(())
    }

    /// Of all of them.
    pub(crate) fn set_order_history(&mut self, order_history: &OrderHistory) {
        for merchant in self.iter_mut() {
            merchant.order_history = order_history.clone();
        }
    }

    /// By its merchant id; the first where a request names none.
    pub(crate) fn named(&self, merchant_id: Option<&str>) -> Result<MerchantNo, UnknownMerchant> {
        let Some(id) = merchant_id else {
            return Ok(MerchantNo::FIRST);
        };
        self.find(|merchant| merchant.account.merchant_id == id)
            .ok_or_else(|| UnknownMerchant {
                id: id.to_owned(),
                known: (self.iter())
                    .map(|(_, merchant)| merchant.account.merchant_id.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    pub(crate) fn by_client_key(&self, client_key: &str) -> Option<MerchantNo> {
        self.find(|merchant| merchant.account.client_key == client_key)
    }

    pub(crate) fn by_partner_id(&self, partner_id: &str) -> Option<MerchantNo> {
        self.find(|merchant| merchant.account.partner_id == partner_id)
    }
}

/// What a merchant is known by, each with its name.
fn identifiers(account: &Account) -> [(&'static str, &str); 7] {
    [
        ("merchant id", &account.merchant_id),
        ("partner id", &account.partner_id),
        ("client key", &account.client_key),
        ("server key", &account.server_key),
        ("client key of Snap", &account.snap_client_key),
        ("server key of the sandbox", &account.sandbox_server_key),
        (
            "client key of Snap in the sandbox",
            &account.sandbox_snap_client_key,
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merchant(id: &str) -> Merchant {
        Merchant {
            account: Account::of_merchant(id),
            notify: Url::parse("http://localhost:8080").unwrap(),
            order_history: OrderHistory::default(),
        }
    }

    #[test]
    fn each_id_and_key_names_one_merchant() {
        let mut merchants = Merchants::new(merchant("G1"));
        let second = merchants.add(merchant("G2")).unwrap();
        assert_eq!(merchants.named(None), Ok(MerchantNo::FIRST));
        assert_eq!(merchants.named(Some("G2")), Ok(second));
        assert_eq!(merchants.by_client_key("G2-SNAP"), Some(second));
        assert_eq!(merchants.by_partner_id("G3"), None);
        assert_eq!(merchants.of(second).account.merchant_id, "G2");
        let unknown = merchants.named(Some("G3")).unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "there is no merchant \"G3\"; the simulator plays G1, G2"
        );
        let mut same = merchant("G3");
        same.account.server_key = merchants.first().account.server_key.clone();
        assert_eq!(
            merchants.add(same).unwrap_err().to_string(),
            "the merchant G3 has the server key of G1; give each its own"
        );
    }
}
