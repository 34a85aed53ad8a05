//! What is for sale.

use crate::Rupiah;
use serde::{Deserialize, Serialize};

/// Something the buyer can put into the cart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Product {
    /// Stable, lower case, used in orders and campaign links: `kopi-susu`.
    pub id: String,
    /// What it is called.
    pub name: Wording,
    /// One short line about it.
    pub description: Wording,
    /// The price of one piece.
    pub price: Rupiah,
    /// Path of its picture on the merchant's own host.
    pub image: String,
    /// Shown, but not to be had at present.
    #[serde(default)]
    pub sold_out: bool,
}

/// The same words in both of the shop's languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Wording {
    /// Bahasa Indonesia.
    pub id: String,
    /// English.
    pub en: String,
}
