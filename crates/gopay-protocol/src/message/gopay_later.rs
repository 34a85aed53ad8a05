//! `additionalInfo.metadata` of a payment: with it GoPay offers GoPay Later in a mini app
//! `[enable-gopaylater-for-miniapp]`.
//!
//! Left out: `shipping_info`, the address to which physical goods are sent. It is mandatory for
//! those, and holds personal data that the merchant does not ask for.

use serde::{Deserialize, Serialize};

/// The order and the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// What is bought.
    pub order_info: OrderInfo,
    /// Who buys.
    pub user_info: UserInfo,
}

/// What is bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderInfo {
    /// One entry for each product. Docs disagree: an object in the table, an array in the sample.
    pub sub_orders: Vec<SubOrder>,
}

/// One product of an order. All values are texts, also numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubOrder {
    /// Who sells it: on a marketplace the seller, else the merchant.
    pub merchant_id: String,
    /// The merchant's id of its category.
    pub category_id: String,
    /// The name of its category.
    pub category_one_name: String,
    /// The name of the category within that category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category_two_name: Option<String>,
    /// The merchant's id of the product.
    pub sku_id: String,
    /// The name of the product.
    pub sku_name: String,
    /// The number of pieces; see [`number`].
    pub quantity: String,
    /// Rupiah; see [`number`]. Unverified: whether for one piece or for all of them.
    pub amount: String,
    /// The merchant's id of the buyer.
    pub user_id: String,
}

/// Who buys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInfo {
    /// The merchant's id of the buyer.
    pub id: String,
    /// When the buyer first came to the merchant. Unverified: in which form; the other times of
    /// BI-SNAP are in ISO 8601.
    pub registration_date: String,
}

/// A number as the sample writes it, with one decimal: `78269.0`.
pub fn number(value: u64) -> String {
    format!("{value}.0")
}
