//! Signing in: `POST /api/session`.

use crate::{OpenOrder, Product};
use serde::{Deserialize, Serialize};

/// What the app sends: GoPay's proof of who is looking at the screen.
///
/// Debug hides the code: it is a credential for as long as it lives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenSession {
    /// From `GPMiniAppAuth.getAuthCode`; short-lived, used once.
    pub auth_code: String,
}

impl std::fmt::Debug for OpenSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenSession { auth_code: [redacted] }")
    }
}

/// All the shop needs to be usable, in one answer. The session's own credential
/// travels beside it, in an HttpOnly cookie that no script can read; or, to a package, in
/// [`SESSION_TOKEN`](crate::SESSION_TOKEN).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who is signed in.
    pub customer: Customer,
    /// What is for sale, in the order to show it.
    pub catalogue: Vec<Product>,
    /// The newest order that still waits for its payment, if there is one.
    pub open_order: Option<OpenOrder>,
}

/// The buyer, as the merchant knows them. Debug hides the name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The merchant's own id of the buyer, stable across sessions; not GoPay's.
    pub id: String,
    /// What to call them, where they have let the shop have it: see [`Profile`].
    #[serde(default)]
    pub name: Option<String>,
}

impl std::fmt::Debug for Customer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Customer")
            .field("id", &self.id)
            .field("name", &self.name.as_ref().map(|_| "[redacted]"))
            .finish()
    }
}

/// What the buyer lets the shop know of their GoPay profile: `POST /api/profile`, without a
/// body. Debug hides it.
///
/// Problem [`ConsentRequired`](crate::ProblemCode::ConsentRequired) until the buyer has agreed
/// in GoPay. Once it is known it comes with every session, as [`Customer::name`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Fit to be shown: 1 to 40 visible characters on one line. `None` where GoPay has none.
    pub name: Option<String>,
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Profile { name: [redacted] }")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_code_nor_name() {
        let name = Some("Budi Santoso".to_owned());
        let customer = Customer {
            id: "buyer".to_owned(),
            name: name.clone(),
        };
        let open = OpenSession {
            auth_code: "Budi Santoso".to_owned(),
        };
        let shown = format!("{customer:?}{:?}{open:?}", Profile { name });
        assert!(shown.contains("buyer"));
        assert!(!shown.contains("Budi"), "{shown}");
    }

    #[test]
    fn a_customer_of_an_older_merchant_has_no_name() {
        let customer: Customer = serde_json::from_str(r#"{"id":"buyer"}"#).unwrap();
        assert_eq!(customer.name, None);
    }
}
