//! The merchant's account, and what it is without a configuration of its own.
//!
//! The ids are constants, so that a checked-in merchant configuration can name them; the
//! secrets are generated per directory of keys, see [`Keys`](crate::Keys).

use gopay_protocol::signature::body_hash;
use serde::Deserialize;
use uuid::Builder;

/// The names and ids by which GoPay knows the merchant.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Account {
    /// In the payment sheet.
    pub name: String,
    /// `merchantId` (MID).
    pub merchant_id: String,
    /// `X-PARTNER-ID` of transactions and of notifications.
    pub partner_id: String,
    /// `X-CLIENT-KEY` of the token request.
    pub client_key: String,
    /// Of Snap and the Core API.
    pub server_key: String,
    /// `data-client-key` of `snap.js`; public.
    pub snap_client_key: String,
    pub sandbox_server_key: String,
    pub sandbox_snap_client_key: String,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            name: MERCHANT_NAME.to_owned(),
            merchant_id: MERCHANT_ID.to_owned(),
            partner_id: PARTNER_ID.to_owned(),
            client_key: CLIENT_KEY.to_owned(),
            server_key: SERVER_KEY.to_owned(),
            snap_client_key: SNAP_CLIENT_KEY.to_owned(),
            sandbox_server_key: SANDBOX_SERVER_KEY.to_owned(),
            sandbox_snap_client_key: SANDBOX_SNAP_CLIENT_KEY.to_owned(),
        }
    }
}

impl Account {
    /// One whose ids and keys follow from its merchant id, as far as GoPay gives them so.
    pub fn of_merchant(merchant_id: impl Into<String>) -> Self {
        let merchant_id = merchant_id.into();
        Self {
            name: merchant_id.clone(),
            partner_id: merchant_id.clone(),
            client_key: format!("{merchant_id}-SNAP"),
            server_key: format!("Mid-server-{merchant_id}"),
            snap_client_key: format!("Mid-client-{merchant_id}"),
            sandbox_server_key: format!("SB-Mid-server-{merchant_id}"),
            sandbox_snap_client_key: format!("SB-Mid-client-{merchant_id}"),
            merchant_id,
        }
    }
}

/// `X-CLIENT-KEY` of the token request.
pub const CLIENT_KEY: &str = "G000000001-SNAP";
/// `X-PARTNER-ID` of transactions and of notifications.
pub const PARTNER_ID: &str = "G000000001";
/// `merchantId` (MID).
pub const MERCHANT_ID: &str = "G000000001";
/// The server key of Snap and the Core API; fixed, and written beside the other keys.
pub const SERVER_KEY: &str = "Mid-server-simulator";
/// `data-client-key` of `snap.js`; public.
pub const SNAP_CLIENT_KEY: &str = "Mid-client-simulator";
/// The server key of the sandbox.
pub const SANDBOX_SERVER_KEY: &str = "SB-Mid-server-simulator";
/// `data-client-key` in the sandbox; public.
pub const SANDBOX_SNAP_CLIENT_KEY: &str = "SB-Mid-client-simulator";
/// The PIN of each buyer in the sandbox `[testing-bi-snap-on-sandbox-environment]`.
pub const SANDBOX_PIN: &str = "123456";
/// `additionalInfo.pointOfPurchaseId` of the first mini app.
pub const POINT_OF_PURCHASE_ID: &str = "7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1";
/// The first mini app.
pub const MINI_APP_ID: &str = "kedai";
/// The merchant's name in the payment sheet, and that of the first mini app.
pub const MERCHANT_NAME: &str = "Kedai Senja";

/// The registered templates of a reminder and of a push.
pub const TEMPLATES: [&str; 3] = ["KEDAI_PICK_UP", "KEDAI_ORDER_READY", "KEDAI_UNPAID"];

/// The buyer of a page without `?buyer=`.
pub const DEFAULT_BUYER: &str = "budi";

/// `additionalInfo.pointOfPurchaseId` of a mini app: a UUID that follows from its id.
pub fn point_of_purchase_id(mini_app_id: &str) -> String {
    if mini_app_id == MINI_APP_ID {
        return POINT_OF_PURCHASE_ID.to_owned();
    }
    let hash = body_hash(mini_app_id.as_bytes());
    let number = hash
        .get(..32)
        .and_then(|digits| u128::from_str_radix(digits, 16).ok());
    let bytes = number.unwrap_or_default().to_be_bytes();
    Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// The stable id of a buyer, in the documented shape
/// `01-0a0de883e1d846568db4c48ff12c5486-26` `[seamless-login-v2]`.
///
/// Unverified: that it is the same in each mini app of the merchant. "Every mini app knows it"
/// `[miniapp-security-guidelines]`.
pub fn gopay_account_id(buyer: &str) -> String {
    let hash = body_hash(buyer.as_bytes());
    format!("01-{}-26", hash.get(..32).unwrap_or(&hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_of_purchase_follows_from_the_mini_apps_id() {
        assert_eq!(point_of_purchase_id(MINI_APP_ID), POINT_OF_PURCHASE_ID);
        assert_eq!(
            point_of_purchase_id("kopi"),
            "5f48a5df-5e2e-8b12-82c9-d43c449f8c6b"
        );
        assert_ne!(point_of_purchase_id("kopi"), point_of_purchase_id("teh"));
    }
}
