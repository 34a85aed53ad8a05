//! Which mini app of the merchant something belongs to.

use std::fmt;

/// GoPay's id of a mini app, `GoPay_mini_app_id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MiniAppId(String);

impl MiniAppId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for MiniAppId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl From<&str> for MiniAppId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for MiniAppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
