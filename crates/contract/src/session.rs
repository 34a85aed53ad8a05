//! Signing in: `POST /api/session`.

use crate::{CustomerId, OpenOrder, Product};
use serde::{Deserialize, Serialize};

/// The body of `POST /api/session`: GoPay's proof of who the buyer is.
///
/// Debug hides the code: it is a credential for as long as it lives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenSession {
    /// From `GPMiniAppAuth.getAuthCode`; short-lived, used once.
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 1024,
            pattern = "^[!-~]+$",
            example = "0123456789abcdef"
        )
    )]
    pub auth_code: String,
}

impl std::fmt::Debug for OpenSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenSession { auth_code: [redacted] }")
    }
}

/// The answer of `POST /api/session`: all that the shop needs to be usable.
///
/// The session's credential travels in an HttpOnly cookie, which no script can read; to a package,
/// in the header [`SESSION_TOKEN`](crate::SESSION_TOKEN).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The buyer.
    pub customer: Customer,
    /// The products, in the order in which to show them.
    pub catalogue: Vec<Product>,
    /// The newest order that waits for its payment.
    pub open_order: Option<OpenOrder>,
}

/// The merchant's record of the buyer. Debug hides the name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Customer {
    /// See [`CustomerId`].
    pub id: CustomerId,
    /// The buyer's name, where they agreed to share it: see [`Profile`].
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

/// The answer of `POST /api/profile`, which has no body: the buyer's GoPay profile, as far as they
/// agreed to share it. Debug hides it.
///
/// [`ConsentRequired`](crate::ProblemCode::ConsentRequired) until the buyer has agreed in GoPay.
/// From then on the name comes with every session, as [`Customer::name`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
            id: "buyer".into(),
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
