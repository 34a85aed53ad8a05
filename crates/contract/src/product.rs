//! The catalogue.

use crate::Rupiah;
use serde::{Deserialize, Serialize};

/// A product of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Product {
    /// Stable, lower case, used in orders and campaign links: `kopi-susu`.
    pub id: String,
    /// The name.
    pub name: Wording,
    /// One short line.
    pub description: Wording,
    /// The price of one piece.
    pub price: Rupiah,
    /// The path of its picture on the merchant's own host.
    pub image: String,
    /// Whether it is shown without being available.
    #[serde(default)]
    pub sold_out: bool,
}

/// One text in both of the shop's languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wording {
    /// Bahasa Indonesia.
    pub id: String,
    /// English.
    pub en: String,
}
