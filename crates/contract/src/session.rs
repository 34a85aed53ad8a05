//! Signing in: `POST /api/session`.

use crate::{Order, Product};
use serde::{Deserialize, Serialize};

/// What the app sends: GoPay's proof of who is looking at the screen.
///
/// Debug hides the code: it is a credential for as long as it lives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
/// travels beside it, in an HttpOnly cookie that no script can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who is signed in.
    pub customer: Customer,
    /// What is for sale, in the order to show it.
    pub catalogue: Vec<Product>,
    /// The newest order that still waits for its payment, if there is one.
    pub open_order: Option<Order>,
}

/// The buyer, as the merchant knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The merchant's own id of the buyer, stable across sessions; not GoPay's.
    pub id: String,
}
