//! `POST {merchant}/v1.0/debit/notify`, service 56: GoPay notifies the merchant of a
//! payment's state `[payment-notification-api]` `[seamless-payment-v2]`.

use super::{
    Outcome,
    fraud_status::FraudStatus,
    lenient::{self, Info},
};
use crate::{
    Amount, ExternalId, LatestTransactionStatus, PartnerReferenceNo, PartnerRefundNo, ReferenceNo,
    RefundNo, ServiceCode, is_same_id,
};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Path of the API on the merchant's host; part of the string to sign.
///
/// Docs disagree: one page appends it to a base that already ends in `/1.0`. Register a bare
/// origin in the dashboard and both readings are this path.
pub const PATH: &str = "/v1.0/debit/notify";

/// Where GoPay tells of accounts that are linked to the merchant, or no longer, service 88
/// `[account-linking-unlinking-notification]`. The body holds a token of the buyer's.
pub const LINKING_PATH: &str = "/v1.0/registration-account/notify";

/// When GoPay repeats a notification that was not answered with 200: minutes after the first try.
pub const RETRY_MINUTES: [u32; 5] = [2, 10, 30, 90, 210];

/// A notification of one payment. New fields may appear at any time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// GoPay's id of the payment.
    #[serde(default, deserialize_with = "lenient::text")]
    pub original_reference_no: Option<ReferenceNo>,
    /// The order id.
    #[serde(default, deserialize_with = "lenient::text")]
    pub original_partner_reference_no: Option<PartnerReferenceNo>,
    /// The payment's `X-EXTERNAL-ID`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub original_external_id: Option<ExternalId>,
    /// The merchant's id at GoPay.
    #[serde(default, deserialize_with = "lenient::text")]
    pub merchant_id: Option<String>,
    /// Optional: without it a payment is not known to be paid until an inquiry names the amount.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub amount: Option<Amount>,
    /// The state of the payment.
    #[serde(default, deserialize_with = "lenient::status")]
    pub latest_transaction_status: Option<LatestTransactionStatus>,
    /// Refunds and fraud status.
    #[serde(default, deserialize_with = "additional_info")]
    pub additional_info: AdditionalInfo,
}

/// Refunds and fraud status of a payment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
#[serde(rename_all = "camelCase")]
pub struct AdditionalInfo {
    /// May be empty, and present on a payment that was never refunded.
    #[serde(default)]
    pub refund_history: RefundHistory,
    /// Whether GoPay doubts that it was the buyer. In the vendor's sample of 2024-03-05, not in
    /// the table of `[payment-notification-api]`.
    #[serde(default)]
    pub fraud_status: FraudStatus,
}

fn additional_info<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AdditionalInfo, D::Error> {
    Ok(match lenient::info(Value::deserialize(deserializer)?) {
        Info::Fields(info) => info,
        Info::Empty => AdditionalInfo::default(),
        Info::Unreadable => AdditionalInfo {
            refund_history: RefundHistory {
                refunds: Vec::new(),
                is_partial: true,
            },
            fraud_status: FraudStatus::Unreadable,
        },
    })
}

/// The refunds of a payment, as far as they can be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RefundHistory {
    /// What can be read, in the order of the message.
    pub refunds: Vec<Refund>,
    /// A part of it cannot be read: refunds that are not in `refunds` may have happened.
    pub is_partial: bool,
}

impl RefundHistory {
    /// The history of a payment that was never refunded.
    pub const EMPTY: &'static Self = &Self {
        refunds: Vec::new(),
        is_partial: false,
    };

    /// Whether there is neither a refund nor an unreadable part.
    pub fn is_empty(&self) -> bool {
        self.refunds.is_empty() && !self.is_partial
    }
}

impl From<Vec<Refund>> for RefundHistory {
    fn from(refunds: Vec<Refund>) -> Self {
        Self {
            is_partial: !refunds.iter().all(Refund::is_readable),
            refunds,
        }
    }
}

impl<'de> Deserialize<'de> for RefundHistory {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = match Value::deserialize(deserializer)? {
            Value::Array(entries) => entries,
            Value::Object(entry) if !entry.is_empty() => vec![Value::Object(entry)],
            Value::Null | Value::Object(_) => Vec::new(),
            Value::String(text) if text.trim().is_empty() => Vec::new(),
            other => vec![other],
        };
        let all = entries.len();
        let refunds: Vec<Refund> = entries
            .into_iter()
            .filter_map(|entry| serde_json::from_value(entry).ok())
            .collect();
        let are_entries = refunds.len() == all;
        let history = Self::from(refunds);
        Ok(Self {
            is_partial: history.is_partial || !are_entries,
            ..history
        })
    }
}

/// One refund of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    /// GoPay's id of the refund.
    #[serde(default, deserialize_with = "lenient::text")]
    pub refund_no: Option<RefundNo>,
    /// `00` done, `06` failed.
    #[serde(default, deserialize_with = "lenient::two_digits")]
    pub refund_status: Option<String>,
    /// How much went back.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub refund_amount: Option<Amount>,
    /// The merchant's number of the refund; see [`is_named`](Self::is_named).
    #[serde(default, deserialize_with = "lenient::text")]
    pub partner_refund_no: Option<PartnerRefundNo>,
    /// The same, in other places.
    #[serde(default, deserialize_with = "lenient::text")]
    pub partner_reference_no: Option<PartnerReferenceNo>,
}

impl Refund {
    /// `Some(true)`: the refund is done. `Some(false)`: it failed. `None`: GoPay does not say.
    pub fn is_done(&self) -> Option<bool> {
        match self.refund_status.as_deref() {
            Some("00") => Some(true),
            Some("06") => Some(false),
            _ => None,
        }
    }

    /// The amount in whole rupiah, where the entry names one.
    pub fn rupiah(&self) -> Option<u64> {
        self.refund_amount.as_ref()?.rupiah().ok()
    }

    /// Whether both entries are of one refund: GoPay's ids are equal or, where one of them has
    /// none, the merchant's numbers.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.refund_no, &other.refund_no) {
            (Some(one), Some(another)) => one == another,
            _ => match (&self.partner_refund_no, &other.partner_refund_no) {
                (Some(one), Some(another)) => is_same_id(one.as_str(), another.as_str()),
                (None, None) => {
                    let (one, another) = (&self.partner_reference_no, &other.partner_reference_no);
                    one.is_some() && one == another
                }
                _ => false,
            },
        }
    }

    /// Whether it has a status, and an amount where the refund is done.
    fn is_readable(&self) -> bool {
        let status = self.refund_status.as_deref().unwrap_or_default();
        let is_code = status.len() == 2 && status.bytes().all(|byte| byte.is_ascii_digit());
        is_code && (self.is_done() != Some(true) || self.rupiah().is_some())
    }

    /// Whether this is the refund with the merchant's `number`. A refund that was made in GoPay's
    /// dashboard has no such number.
    ///
    /// Docs disagree: `partnerRefundNo` in the table of `[payment-notification-api]`,
    /// `partnerReferenceNo` in its sample and in `[get-transaction-status-api]`. Either counts:
    /// a number of a refund names nothing else.
    pub fn is_named(&self, number: &PartnerRefundNo) -> bool {
        [
            self.partner_refund_no.as_ref().map(PartnerRefundNo::as_str),
            self.partner_reference_no
                .as_ref()
                .map(PartnerReferenceNo::as_str),
            self.refund_no.as_ref().map(RefundNo::as_str),
        ]
        .into_iter()
        .flatten()
        .any(|name| is_same_id(name, number.as_str()))
    }
}

/// The refusal of what comes to [`LINKING_PATH`], for a merchant without linked accounts.
///
/// Unverified: the page lists success and "Internal Server Error" only.
pub fn linking_refusal() -> Outcome {
    Outcome::new(
        403,
        ServiceCode::LinkingNotify,
        15,
        "Transaction Not Permitted. Linked accounts and recurring payments are not supported",
    )
}

/// The receipt that ends GoPay's retries.
pub fn receipt() -> Outcome {
    Outcome::new(
        200,
        ServiceCode::Notify,
        0,
        "Request has been processed successfully",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notification_printed_in_gopays_library_is_read() {
        let sample = include_str!("../../tests/fixtures/notification.json");
        let notification: Notification = serde_json::from_str(sample).unwrap();
        assert_eq!(
            notification.latest_transaction_status,
            Some(LatestTransactionStatus::Success)
        );
        assert_eq!(notification.amount, Some(Amount::idr(102_800)));
        assert!(notification.additional_info.refund_history.is_empty());
    }

    #[test]
    fn an_odd_detail_does_not_hide_that_money_moved() {
        for odd in [
            r#""additionalInfo":null"#,
            r#""additionalInfo":[]"#,
            r#""additionalInfo":{"refundHistory":null}"#,
            r#""additionalInfo":{"fraudStatus":[]}"#,
            r#""originalExternalId":"""#,
            r#""originalPartnerReferenceNo":null"#,
            r#""merchantId":7"#,
            r#""amount":[]"#,
            r#""amount":null"#,
            r#""amount":{"value":{}}"#,
        ] {
            let body =
                format!(r#"{{"originalReferenceNo":"A","latestTransactionStatus":"00",{odd}}}"#);
            let notification: Notification = serde_json::from_str(&body).unwrap();
            assert_eq!(notification.original_reference_no, Some("A".into()));
            assert_eq!(
                notification.latest_transaction_status,
                Some(LatestTransactionStatus::Success),
                "{odd}"
            );
            assert!(notification.additional_info.refund_history.is_empty());
            assert_eq!(notification.amount, None, "{odd}");
            assert_eq!(notification.original_external_id, None, "{odd}");
        }
    }

    #[test]
    fn an_id_or_a_status_that_is_a_number_is_read() {
        let body = r#"{"originalReferenceNo":120240430,"latestTransactionStatus":0}"#;
        let notification: Notification = serde_json::from_str(body).unwrap();
        assert_eq!(notification.original_reference_no, Some("120240430".into()));
        assert_eq!(
            notification.latest_transaction_status,
            Some(LatestTransactionStatus::Success)
        );
    }

    /// F81
    #[test]
    fn a_refund_is_known_by_either_name_of_its_number() {
        for (field, ours) in [
            (r#","partnerRefundNo":"R-1""#, true),
            (r#","partnerRefundNo":"r1""#, true),
            (r#","partnerReferenceNo":"O-1","refundNo":"R-1""#, true),
            (r#","partnerReferenceNo":"R-1""#, true),
            (r#","partnerRefundNo":"","partnerReferenceNo":"R-1""#, true),
            (
                r#","partnerRefundNo":"R-1","partnerReferenceNo":"O-1""#,
                true,
            ),
            (r#","partnerRefundNo":"R-2""#, false),
            ("", false),
        ] {
            let entry = format!(
                r#"{{"refundStatus":"00","refundAmount":{{"value":"1.00","currency":"IDR"}}{field}}}"#
            );
            let refund: Refund = serde_json::from_str(&entry).unwrap();
            assert_eq!(refund.is_named(&"R-1".into()), ours, "{field}");
        }
    }

    #[test]
    fn a_status_said_twice_is_no_notification() {
        let twice = r#"{"originalReferenceNo":"A","latestTransactionStatus":"06",
            "latestTransactionStatus":"00","additionalInfo":{}}"#;
        assert!(serde_json::from_str::<Notification>(twice).is_err());
    }

    #[test]
    fn the_receipt_is_the_documented_one() {
        assert_eq!(
            serde_json::to_string(&receipt()).unwrap(),
            r#"{"responseCode":"2005600","responseMessage":"Request has been processed successfully"}"#
        );
    }
}
