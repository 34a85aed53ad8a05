//! The catalogue.

use crate::Rupiah;
use serde::{Deserialize, Serialize};

/// A product of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
    /// The part of the menu that it is in. The merchant lists products of one category together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// Whether it is shown without being available.
    #[serde(default)]
    pub sold_out: bool,
}

/// A part of the menu.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Category {
    /// Stable, lower case, used in campaign links: `kopi`.
    pub id: String,
    /// Heads its products.
    pub name: Wording,
}

/// One text in both of the shop's languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Wording {
    /// Bahasa Indonesia.
    pub id: String,
    /// English.
    pub en: String,
}
