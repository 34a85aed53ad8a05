//! The simulator's one merchant account, and its one mini app.
//!
//! The ids are constants, so that a checked-in merchant configuration can name them; the
//! secrets are generated per directory of keys, see [`Keys`](crate::Keys).

use gopay_protocol::signature::body_hash;

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
/// `additionalInfo.pointOfPurchaseId` of the mini app.
pub const POINT_OF_PURCHASE_ID: &str = "7d1c1a7e-6f0c-4a57-9d0b-3f4f1c7a52c1";
pub const MINI_APP_ID: &str = "kedai";
/// The merchant's name in the payment sheet.
pub const MERCHANT_NAME: &str = "Kedai Senja";

/// The registered templates of a reminder and of a push.
pub const TEMPLATES: [&str; 3] = ["KEDAI_PICK_UP", "KEDAI_ORDER_READY", "KEDAI_UNPAID"];

/// The buyer of a page without `?buyer=`.
pub const DEFAULT_BUYER: &str = "budi";

/// The stable id of a buyer, in the documented shape
/// `01-0a0de883e1d846568db4c48ff12c5486-26` `[seamless-login-v2]`.
pub fn gopay_account_id(buyer: &str) -> String {
    let hash = body_hash(buyer.as_bytes());
    format!("01-{}-26", hash.get(..32).unwrap_or(&hash))
}
