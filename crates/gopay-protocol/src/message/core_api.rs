//! The Core API calls that act on a Snap transaction. All answer with a [`Transaction`].
//!
//! | | | page |
//! | --- | --- | --- |
//! | `GET` | `/v2/{id}/status` | `[get-transaction-status]` |
//! | `POST` | `/v2/{id}/cancel` | `[cancel-transaction]` |
//! | `POST` | `/v2/{id}/expire` | `[expire-transaction]` |
//! | `POST` | `/v2/{id}/refund/online/direct` | `[direct-refund-transaction]` |
//!
//! `{id}` is the order id or Midtrans' transaction id. Each call is authorised by the
//! [`ServerKey`](crate::ServerKey); the host is [`Hosts::core_api`](crate::Hosts::core_api).
//!
//! The [`StatusCode`] of the body says how the call ended, not the HTTP status: the OpenAPI
//! descriptions of the pages have 404 and 412 under HTTP 200, and only 401 under its own.
//!
//! Unverified: until the buyer has chosen how to pay on the Snap page, the Core API answers 404
//! "Transaction doesn't exist." No page says so; merchants report it (midtrans-php issues 61, 94). A
//! 404 is therefore no proof that a payment cannot be made any more.

mod status_code;
mod transaction_status;

pub use status_code::{StatusCode, StatusCodeError, StatusMeaning};
pub use transaction_status::TransactionStatus;

use super::{
    fraud_status::FraudStatus,
    lenient,
    notify::{Refund, RefundHistory},
};
use crate::{Amount, LatestTransactionStatus, PartnerReferenceNo, PartnerRefundNo, ReferenceNo};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Characters of [`RefundRequest::reason`].
pub const MAX_REASON_CHARS: usize = 255;

/// Days within which a refund may be asked for again under its key `[direct-refund-transaction]`.
pub const REFUND_KEY_DAYS: u32 = 7;

/// Days after the payment within which GoPay refunds it.
///
/// Docs disagree: 180 for "other GoPay transactions" `[direct-refund-transaction]`, 45 for a GoPay
/// deeplink `[refund-transaction]`. The shorter one.
pub const REFUND_WINDOW_DAYS: u32 = 45;

/// A call that acts on one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// `GET`: the state of the transaction.
    Status,
    /// `POST`: ends a pending transaction.
    Cancel,
    /// `POST`: ends a pending transaction as if its time were up; answered with 407.
    Expire,
    /// `POST` with a [`RefundRequest`].
    Refund,
}

impl Action {
    /// The path of this call for one transaction, which has to be named by unreserved characters of
    /// a URL only, as each valid order id is.
    ///
    /// ```
    /// use gopay_protocol::message::core_api::Action;
    ///
    /// assert_eq!(Action::Refund.path("ORDER-1"), "/v2/ORDER-1/refund/online/direct");
    /// ```
    pub fn path(self, id: &str) -> String {
        let end = match self {
            Self::Status => "status",
            Self::Cancel => "cancel",
            Self::Expire => "expire",
            Self::Refund => "refund/online/direct",
        };
        format!("/v2/{id}/{end}")
    }
}

/// The amount of a transaction to refund, and the key of the refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRequest {
    /// The merchant's number of the refund, and the idempotency key: letters, digits, `-` and `_`.
    /// Always sent: without it Midtrans makes one up, and two refunds cannot be told apart.
    ///
    /// Docs disagree: a refund that is asked for again under its key, within [`REFUND_KEY_DAYS`], is
    /// answered with 406 "Duplicate refund ID" `[direct-refund-transaction]`, or has to be asked for
    /// under the same key `[refund-transaction]`. Money moves once either way; after a 406, the status
    /// says whether the first request was carried out.
    pub refund_key: PartnerRefundNo,
    /// In whole rupiah. Always sent: a missing amount means the whole transaction.
    ///
    /// Docs disagree: a number in the table, a text in the page's OpenAPI description. A number.
    pub amount: u64,
    /// The buyer reads it in GoPay's history; at most [`MAX_REASON_CHARS`] characters.
    pub reason: String,
}

/// The answer to each call, and the body of a
/// [`Notification`](super::http_notification::Notification). A refusal has its `status_code` and
/// `status_message` only.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Transaction {
    /// How the call ended, or, in a status and in a notification, how the transaction stands.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub status_code: Option<StatusCode>,
    /// For developers.
    #[serde(default, deserialize_with = "lenient::text")]
    pub status_message: Option<String>,
    /// Midtrans' id of the transaction, `referenceNo` in BI-SNAP
    /// `[merchants-migration-backward-compatibality]`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub transaction_id: Option<ReferenceNo>,
    /// The merchant's name for it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub order_id: Option<PartnerReferenceNo>,
    /// The amount of the transaction, a text such as `10000.00`; see [`amount`](Self::amount).
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub gross_amount: Option<Amount>,
    /// `IDR`; not in each answer.
    #[serde(default, deserialize_with = "lenient::text")]
    pub currency: Option<String>,
    /// `gopay`, or `qris` where the buyer scanned a code `[gopay]`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub payment_type: Option<String>,
    /// The state of the transaction.
    #[serde(default, deserialize_with = "lenient::text")]
    pub transaction_status: Option<TransactionStatus>,
    /// Whether Midtrans doubts that it was the buyer. Absent in many samples.
    #[serde(default)]
    pub fraud_status: FraudStatus,
    /// The total refunded, where the answer is no refusal; see
    /// [`refund_history`](Self::refund_history).
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub refund_amount: Option<Amount>,
    /// The key of the refund, in the answer to a [`RefundRequest`].
    #[serde(default, deserialize_with = "lenient::text")]
    pub refund_key: Option<PartnerRefundNo>,
    /// The refunds as they were read; `None` where there is no such field.
    #[serde(default, deserialize_with = "refunds")]
    pub refunds: Option<Vec<Option<RefundEntry>>>,
    /// Until when it can be paid: `YYYY-MM-DD HH:MM:SS` in Jakarta.
    #[serde(default, deserialize_with = "lenient::text")]
    pub expiry_time: Option<String>,
    /// The merchant's id at Midtrans.
    #[serde(default, deserialize_with = "lenient::text")]
    pub merchant_id: Option<String>,
}

/// One refund of a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct RefundEntry {
    /// Midtrans' id of the refund, unique within its transaction; a number.
    #[serde(default, deserialize_with = "lenient::text")]
    pub refund_chargeback_id: Option<String>,
    /// The amount of this refund.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub refund_amount: Option<Amount>,
    /// The merchant's number of it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub refund_key: Option<PartnerRefundNo>,
    /// When the provider confirmed it: `YYYY-MM-DD HH:MM:SS` in Jakarta.
    #[serde(default, deserialize_with = "lenient::text")]
    pub bank_confirmed_at: Option<String>,
}

/// An entry that cannot be read is `None`.
fn refunds<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Option<RefundEntry>>>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        part if lenient::is_empty(&part) => None,
        Value::Array(entries) => Some(
            entries
                .into_iter()
                .map(|entry| serde_json::from_value(entry).ok())
                .collect(),
        ),
        _ => Some(vec![None]),
    })
}

impl Transaction {
    /// What the status code says; [`StatusMeaning::Unknown`] where there is none.
    pub fn meaning(&self) -> StatusMeaning {
        self.status_code
            .map_or(StatusMeaning::Unknown, StatusCode::meaning)
    }

    /// The amount of the transaction with its currency, rupiah where none is named.
    pub fn amount(&self) -> Option<Amount> {
        let amount = self.gross_amount.as_ref()?;
        Some(match &self.currency {
            Some(currency) if !currency.eq_ignore_ascii_case("IDR") => Amount {
                value: amount.value.clone(),
                currency: currency.clone(),
            },
            _ => amount.clone(),
        })
    }

    /// The state of the transaction in BI-SNAP's words
    /// `[core-api-snap-open-api-overview]`, so that both ways to pay have one set of rules.
    pub fn latest_transaction_status(&self) -> Option<LatestTransactionStatus> {
        let status = self.transaction_status.as_ref();
        status.map(LatestTransactionStatus::from)
    }

    /// Whether it says that the buyer has paid: status code 200, settled, and no doubt of fraud. All
    /// three count `[handle-notifications]`. The amount is the caller's to compare.
    pub fn is_paid(&self) -> bool {
        self.meaning() == StatusMeaning::Success
            && self.transaction_status == Some(TransactionStatus::Settlement)
            && self.fraud_status == FraudStatus::Accepted
    }

    /// The refunds in the form that BI-SNAP has.
    ///
    /// It is [partial](RefundHistory::is_partial) where an entry cannot be read, where the entries
    /// are less than `refund_amount` in all, and where a refunded transaction names none.
    ///
    /// Unverified: an entry is a refund that is done. The pages give an entry no status: a direct
    /// refund that the provider denies is answered with 202 and changes nothing, and
    /// `bank_confirmed_at` comes with a later notification.
    pub fn refund_history(&self) -> RefundHistory {
        let entries = self.refunds.as_deref().unwrap_or_default();
        let read: Vec<Refund> = entries.iter().flatten().map(Refund::from).collect();
        let sum: u64 = read.iter().filter_map(Refund::rupiah).sum();
        let total = self.refund_amount.as_ref().map(Amount::rupiah);
        let is_less = match total {
            Some(Ok(total)) => sum < total,
            Some(Err(_)) => true,
            None => false,
        };
        let is_refunded =
            self.latest_transaction_status() == Some(LatestTransactionStatus::Refunded);
        let is_unreadable = read.len() < entries.len();
        let mut history = RefundHistory::from(read);
        history.is_partial |= is_unreadable || is_less || is_refunded && history.refunds.is_empty();
        history
    }
}

/// Both have one refund's amount and numbers. Midtrans' id stays out: it is a short number that
/// names a refund within its transaction only, and a merchant's number could be the same.
impl From<&RefundEntry> for Refund {
    fn from(entry: &RefundEntry) -> Self {
        Self {
            refund_no: None,
            refund_status: Some("00".to_owned()),
            refund_amount: entry.refund_amount.clone(),
            partner_refund_no: entry.refund_key.clone(),
            partner_reference_no: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Transaction {
        serde_json::from_str(body).unwrap()
    }

    #[test]
    fn the_refund_sample_of_the_status_page_is_read() {
        let sample = include_str!("../../tests/fixtures/core-api-status-refunded.json");
        let transaction = read(sample);
        assert_eq!(transaction.meaning(), StatusMeaning::Success);
        assert_eq!(
            transaction.latest_transaction_status(),
            Some(LatestTransactionStatus::Refunded)
        );
        assert_eq!(transaction.amount(), Some(Amount::idr(30_000)));
        let history = transaction.refund_history();
        assert!(!history.is_partial);
        let amounts: Vec<_> = history.refunds.iter().map(Refund::rupiah).collect();
        assert_eq!(amounts, [Some(5_000), Some(7_000)]);
        assert!(history.refunds[1].is_named(&"reference2".into()));
        assert!(!transaction.is_paid());
    }

    #[test]
    fn the_samples_of_the_refund_page_are_read() {
        let done = read(include_str!("../../tests/fixtures/core-api-refunded.json"));
        assert_eq!(done.meaning(), StatusMeaning::Success);
        assert_eq!(done.refund_amount, Some(Amount::idr(10_000)));
        assert!(done.refund_key.is_some());
        let denied = read(include_str!(
            "../../tests/fixtures/core-api-refund-denied.json"
        ));
        assert_eq!(denied.meaning(), StatusMeaning::Denied);
        assert_eq!(denied.refund_amount, Some(Amount::idr(0)));
        assert!(denied.refund_history().is_empty());
        let twice = read(r#"{"status_code":"406","status_message":"Duplicate refund ID"}"#);
        assert_eq!(twice.meaning(), StatusMeaning::Duplicate);
    }

    #[test]
    fn a_settled_transaction_is_paid_and_no_other_is() {
        let settled = |change: &str, to: &str| {
            read(&include_str!("../../tests/fixtures/http-notification.json").replace(change, to))
        };
        assert!(settled("", "").is_paid());
        for (change, to) in [
            (r#""200""#, r#""201""#),
            (r#""200""#, "null"),
            ("settlement", "capture"),
            ("settlement", "pending"),
            ("settlement", "settlement?"),
            (r#""gopay""#, r#""gopay", "fraud_status": "deny""#),
            (r#""gopay""#, r#""gopay", "fraud_status": "challenge""#),
        ] {
            assert!(!settled(change, to).is_paid(), "{change} to {to}");
        }
    }

    #[test]
    fn an_amount_of_another_currency_is_not_rupiah() {
        for (body, rupiah) in [
            (r#"{"gross_amount":"25000.00"}"#, Some(25_000)),
            (
                r#"{"gross_amount":"25000.00","currency":"IDR"}"#,
                Some(25_000),
            ),
            (r#"{"gross_amount":25000}"#, Some(25_000)),
            (r#"{"gross_amount":"25000.00","currency":"USD"}"#, None),
            (r#"{"gross_amount":"25000.50"}"#, None),
            (r#"{"gross_amount":null}"#, None),
        ] {
            let amount = read(body).amount();
            assert_eq!(amount.and_then(|it| it.rupiah().ok()), rupiah, "{body}");
        }
    }

    #[test]
    fn a_refund_that_cannot_be_read_makes_the_history_partial() {
        let entry = r#"{"refund_amount":"5000.00","refund_key":"R-1"}"#;
        for (fields, is_partial, read_entries) in [
            (format!(r#""refunds":[{entry}]"#), false, 1),
            (
                format!(r#""refunds":[{entry}],"refund_amount":"5000.00""#),
                false,
                1,
            ),
            (
                format!(r#""refunds":[{entry}],"refund_amount":"7000.00""#),
                true,
                1,
            ),
            (
                format!(r#""refunds":[{entry}],"refund_amount":"viele""#),
                true,
                1,
            ),
            (format!(r#""refunds":[{entry},7]"#), true, 1),
            (r#""refunds":[{"refund_key":"R-1"}]"#.to_owned(), true, 1),
            (r#""refunds":"two""#.to_owned(), true, 0),
            (r#""refunds":[]"#.to_owned(), false, 0),
            (
                r#""transaction_status":"partial_refund""#.to_owned(),
                true,
                0,
            ),
            (r#""transaction_status":"settlement""#.to_owned(), false, 0),
        ] {
            let history = read(&format!("{{{fields}}}")).refund_history();
            assert_eq!(history.is_partial, is_partial, "{fields}");
            assert_eq!(history.refunds.len(), read_entries, "{fields}");
        }
    }

    #[test]
    fn a_refund_always_says_how_much_and_under_which_key() {
        let request = RefundRequest {
            refund_key: "R-1".into(),
            amount: 10_000,
            reason: "sold out".to_owned(),
        };
        assert_eq!(
            serde_json::to_string(&request).unwrap(),
            r#"{"refund_key":"R-1","amount":10000,"reason":"sold out"}"#
        );
    }
}
