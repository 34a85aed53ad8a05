//! `POST /snap/v1/transactions`: makes a transaction that the buyer pays on the Snap page
//! `[miniapp-x-snap-checkout-payment]` `[request-body-json-parameter]` `[json-objects]`.
//!
//! Docs disagree: GoPay's FAQ of 2026-03-16 says that mini apps cannot use Snap,
//! `[miniapp-x-snap-checkout-payment]` of 2026-07-28 how they do. BI-SNAP is recommended.
//!
//! The page opens by `window.snap.pay(token, callbacks)` of [`JS_PATH`], or at `redirect_url`. The
//! transaction itself is asked for, cancelled and refunded by the [Core API](super::core_api);
//! BI-SNAP's calls do not know it `[merchants-migration-backward-compatibality]`.
//!
//! There is no idempotency key: an order id that is used again is refused, and its token is not said
//! again. After a lost answer, the next try has to have an order id of its own.

use super::lenient;
use crate::{PartnerReferenceNo, SnapToken, timestamp};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Path of the API, on [`Hosts::snap`](crate::Hosts::snap).
pub const PATH: &str = "/snap/v1/transactions";

/// Path of the script that defines `window.snap`, on [`Hosts::snap`](crate::Hosts::snap). Its
/// element has the client key in `data-client-key`.
pub const JS_PATH: &str = "/snap/snap.js";

/// Characters of an order id.
pub const MAX_ORDER_ID_LEN: usize = 50;

/// Characters of [`Item::id`] and [`Item::name`].
pub const MAX_ITEM_TEXT_LEN: usize = 50;

/// Characters of [`CustomerDetails::first_name`].
pub const MAX_FIRST_NAME_LEN: usize = 255;

/// What a lone `gopay` in [`Request::enabled_payments`] leaves on the Snap page.
pub const GOPAY: &str = "gopay";

/// Whether a text can be an order id: 1 to [`MAX_ORDER_ID_LEN`] letters, digits and `-_~.`
///
/// ```
/// use gopay_protocol::message::snap::is_order_id;
///
/// assert!(is_order_id("KEDAI-7_a~1.2"));
/// assert!(!is_order_id("KEDAI 7"));
/// ```
pub fn is_order_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.".contains(&byte);
    (1..=MAX_ORDER_ID_LEN).contains(&text.len()) && text.bytes().all(allowed)
}

/// The path that ends a Snap session whose buyer has not chosen how to pay yet
/// `[cancel-a-snap-session]`; answered with `{"canceled_at"}`, or with [`Errors`].
pub fn cancel_path(token: &SnapToken) -> String {
    format!("{PATH}/{token}/cancel")
}

/// What is to be paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Order id and amount.
    pub transaction_details: TransactionDetails,
    /// What is bought; in all exactly the amount.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub item_details: Vec<Item>,
    /// Who buys.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_details: Option<CustomerDetails>,
    /// The ways to pay that the page offers; without it all that the merchant has. [`GOPAY`] alone
    /// for a mini app.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enabled_payments: Vec<String>,
    /// Where the purchase happens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gopay: Option<GoPay>,
    /// Where the buyer goes afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callbacks: Option<Callbacks>,
    /// Until when page and payment are valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Expiry>,
    /// Until when the page can be opened; it goes before [`expiry`](Self::expiry). 24 hours without
    /// both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_expiry: Option<PageExpiry>,
}

/// Order id and amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionDetails {
    /// The merchant's name for this transaction: see [`is_order_id`]. Used once.
    pub order_id: PartnerReferenceNo,
    /// In whole rupiah; no decimals, no text.
    pub gross_amount: u64,
}

/// One thing that is bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The merchant's id of the product: at most [`MAX_ITEM_TEXT_LEN`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The price of one piece in whole rupiah; below zero for a discount.
    pub price: i64,
    /// At least one.
    pub quantity: u32,
    /// At most [`MAX_ITEM_TEXT_LEN`] characters.
    pub name: String,
}

/// Who buys. Midtrans takes more; a mini app has no reason to send it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerDetails {
    /// At most [`MAX_FIRST_NAME_LEN`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
}

/// Where the purchase happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoPay {
    /// The mini app's Point of Purchase, a UUID from GoPay; mandatory for mini apps, and not there in
    /// the sandbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pop_id: Option<String>,
}

/// Where the buyer goes from the Snap page, where no JavaScript callback takes over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callbacks {
    /// After the payment. `order_id`, `status_code` and `transaction_status` come in its query
    /// `[window-redirection]`; they prove nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finish: Option<String>,
    /// After a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How long page and payment are valid `[expire-a-snap-session]`.
///
/// Docs disagree: at least 5 minutes `[expire-a-snap-session]`, at least 20 seconds `[gopay]`; at
/// most 7 days on both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiry {
    /// `YYYY-MM-DD HH:MM:SS +0700`; without it the time at which the buyer chooses how to pay, so
    /// that the end is not known to the merchant. See [`Expiry::from`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_time: Option<String>,
    /// The number of units.
    pub duration: u32,
    /// Docs disagree: singular in the text, plural in the samples; both are accepted. Plural.
    pub unit: ExpiryUnit,
}

impl Expiry {
    /// `minutes` from a known time on.
    pub fn from(start: Timestamp, minutes: u32) -> Self {
        Self {
            start_time: Some(timestamp::format_midtrans_with_zone(start)),
            duration: minutes,
            unit: ExpiryUnit::Minutes,
        }
    }
}

/// How long the page can be opened `[expire-a-snap-session]`. Nothing is notified when it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageExpiry {
    /// The number of units.
    pub duration: u32,
    /// As in [`Expiry::unit`].
    pub unit: ExpiryUnit,
}

/// The unit of a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExpiryUnit {
    /// Minutes.
    #[serde(alias = "minute")]
    Minutes,
    /// Hours.
    #[serde(alias = "hour")]
    Hours,
    /// Days.
    #[serde(alias = "day")]
    Days,
}

impl ExpiryUnit {
    /// The seconds of one unit.
    pub const fn seconds(self) -> u32 {
        match self {
            Self::Minutes => 60,
            Self::Hours => 60 * 60,
            Self::Days => 24 * 60 * 60,
        }
    }
}

/// The answer to HTTP 201.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Response {
    /// For `window.snap.pay`. Whoever has it can open the page; it is no credential.
    #[serde(default, deserialize_with = "lenient::text")]
    pub token: Option<SnapToken>,
    /// Where a browser opens the page.
    ///
    /// Docs disagree: `/snap/v2/vtweb/{token}` in the samples, `/snap/v3/redirection/` and
    /// `/snap/v4/redirection/` in the field. Only its host is the documented one.
    #[serde(default, deserialize_with = "lenient::text")]
    pub redirect_url: Option<String>,
}

/// The answer to every other HTTP status: 400 for a wrong field or a used order id, 401 for a wrong
/// server key, 5xx.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errors {
    /// Sentences, each of which may begin with the field's name.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub error_messages: Vec<String>,
}

impl Errors {
    /// Whether the order id was used before, so that a transaction of it may exist.
    ///
    /// Unverified: the words, in the language of the merchant's dashboard. No page has them; merchants
    /// report "transaction_details.order_id has already been taken" and "... sudah digunakan".
    pub fn is_order_id_taken(&self) -> bool {
        let taken = ["has already been taken", "sudah digunakan", "utilized"];
        self.error_messages.iter().any(|message| {
            message.contains("order_id") && taken.iter().any(|words| message.contains(words))
        })
    }
}

/// What `window.snap.pay` hands to `onSuccess` (status code 200), `onPending` (201) and `onError`
/// `[js-callback]`. A hint: it comes from the buyer's browser.
pub type CallbackResult = super::core_api::Transaction;

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request {
            transaction_details: TransactionDetails {
                order_id: "ORDER-1".into(),
                gross_amount: 25_000,
            },
            item_details: vec![Item {
                id: Some("kopi".to_owned()),
                price: 12_500,
                quantity: 2,
                name: "Kopi susu".to_owned(),
            }],
            customer_details: None,
            enabled_payments: vec![GOPAY.to_owned()],
            gopay: Some(GoPay {
                pop_id: Some("990407c8-7c2b-4998-8ef8-0bc67c0c6c55".to_owned()),
            }),
            callbacks: None,
            expiry: Some(Expiry::from("2024-03-15T03:35:00Z".parse().unwrap(), 15)),
            page_expiry: None,
        }
    }

    #[test]
    fn a_request_has_the_documented_form() {
        assert_eq!(
            serde_json::to_string(&request()).unwrap(),
            r#"{"transaction_details":{"order_id":"ORDER-1","gross_amount":25000},"item_details":[{"id":"kopi","price":12500,"quantity":2,"name":"Kopi susu"}],"enabled_payments":["gopay"],"gopay":{"pop_id":"990407c8-7c2b-4998-8ef8-0bc67c0c6c55"},"expiry":{"start_time":"2024-03-15 10:35:00 +0700","duration":15,"unit":"minutes"}}"#
        );
    }

    #[test]
    fn the_sample_request_of_the_page_is_read() {
        let sample = include_str!("../../tests/fixtures/snap-request.json");
        let request: Request = serde_json::from_str(sample).unwrap();
        assert_eq!(request.transaction_details.gross_amount, 100_000);
        assert!(request.gopay.unwrap().pop_id.is_some());
        assert!(request.callbacks.unwrap().error.is_some());
        let expiry: PageExpiry = serde_json::from_str(r#"{"duration":3,"unit":"hour"}"#).unwrap();
        assert_eq!(expiry.unit.seconds() * expiry.duration, 10_800);
    }

    #[test]
    fn the_sample_response_of_the_page_is_read() {
        let sample = include_str!("../../tests/fixtures/snap-response.json");
        let response: Response = serde_json::from_str(sample).unwrap();
        let token = response.token.unwrap();
        assert_eq!(token.as_str(), "66e4fa55-fdac-4ef9-91b5-733b97d1b862");
        assert!(response.redirect_url.unwrap().ends_with(token.as_str()));
    }

    #[test]
    fn a_used_order_id_is_told_from_other_errors() {
        let taken = |message: &str| {
            let body = serde_json::json!({"error_messages": [message]}).to_string();
            serde_json::from_str::<Errors>(&body)
                .unwrap()
                .is_order_id_taken()
        };
        assert!(taken("transaction_details.order_id has already been taken"));
        assert!(taken("transaction_details.order_id sudah digunakan"));
        assert!(!taken("transaction_details.order_id is required"));
        assert!(!taken("token has already been taken"));
        let other: Errors = serde_json::from_str(r#"{"error_messages":"text"}"#).unwrap();
        assert!(!other.is_order_id_taken());
    }

    #[test]
    fn only_the_documented_characters_are_an_order_id() {
        for good in ["A", "KEDAI-7_a~1.2", &"x".repeat(50)] {
            assert!(is_order_id(good), "{good}");
        }
        for wrong in ["", "a b", "a/b", "é", "a%20", &"x".repeat(51)] {
            assert!(!is_order_id(wrong), "{wrong}");
        }
    }
}
