//! `POST {merchant}/v1.0/debit/notify`, service 56: GoPay tells the merchant what became of a
//! payment `[payment-notification-api]` `[seamless-payment-v2]`.

use super::{Outcome, lenient};
use crate::{Amount, LatestTransactionStatus, ServiceCode};
use serde::{Deserialize, Serialize};

/// Path of the API on the merchant's host; part of the string to sign.
///
/// Docs disagree: one page appends it to a base that already ends in `/1.0`. Register a bare
/// origin in the dashboard and both readings are this path.
pub const PATH: &str = "/v1.0/debit/notify";

/// When GoPay sends a notification again that was not answered with 200: minutes after the
/// first try.
pub const RETRY_MINUTES: [u32; 5] = [2, 10, 30, 90, 210];

/// What GoPay says of a payment. New fields may appear at any time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// GoPay's id of the payment.
    pub original_reference_no: String,
    /// The order id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_partner_reference_no: Option<String>,
    /// The payment's `X-EXTERNAL-ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_external_id: Option<String>,
    /// The merchant's id at GoPay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant_id: Option<String>,
    /// Optional: without it nothing can be called paid until an inquiry has said how much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Amount>,
    /// Where the payment stands.
    pub latest_transaction_status: LatestTransactionStatus,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_status_desc: Option<String>,
    /// When the payment was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_time: Option<String>,
    /// When the money moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_time: Option<String>,
    /// Refunds, among other things.
    #[serde(default, deserialize_with = "lenient")]
    pub additional_info: AdditionalInfo,
}

/// What else GoPay says of a payment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdditionalInfo {
    /// May be empty, and present on a payment that was never refunded.
    #[serde(default, deserialize_with = "lenient")]
    pub refund_history: Vec<Refund>,
}

/// One refund of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    /// GoPay's id of the refund.
    pub refund_no: String,
    /// `00` done, `06` failed.
    pub refund_status: String,
    /// How much went back.
    pub refund_amount: Amount,
    /// The merchant's number of the refund; see [`is_named`](Self::is_named).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner_refund_no: Option<String>,
    /// The same, in other places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partner_reference_no: Option<String>,
}

impl Refund {
    /// Whether this is the refund with the merchant's `number`. One that was made in GoPay's
    /// dashboard has none of the merchant's.
    ///
    /// Docs disagree: `partnerRefundNo` in the table of `[payment-notification-api]`,
    /// `partnerReferenceNo` in its sample and in `[get-transaction-status-api]`. Either counts:
    /// a number of a refund names nothing else.
    pub fn is_named(&self, number: &str) -> bool {
        [&self.partner_refund_no, &self.partner_reference_no]
            .into_iter()
            .any(|name| name.as_deref() == Some(number))
    }
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
            LatestTransactionStatus::Success
        );
        assert_eq!(notification.amount, Some(Amount::idr(102_800)));
        assert!(notification.additional_info.refund_history.is_empty());
    }

    #[test]
    fn an_odd_detail_does_not_hide_that_money_moved() {
        for odd in [
            "null",
            r#""text""#,
            r#"{"refundHistory":null}"#,
            r#"{"refundHistory":[{"refundNo":"1","refundStatus":"00"}]}"#,
        ] {
            let body = format!(
                r#"{{"originalReferenceNo":"A","latestTransactionStatus":"00","additionalInfo":{odd}}}"#
            );
            let notification: Notification = serde_json::from_str(&body).unwrap();
            assert!(
                notification.additional_info.refund_history.is_empty(),
                "{odd}"
            );
        }
    }

    /// F81
    #[test]
    fn a_refund_is_known_by_either_name_of_its_number() {
        for (field, ours) in [
            (r#","partnerRefundNo":"R-1""#, true),
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
                r#"{{"refundNo":"1","refundStatus":"00","refundAmount":{{"value":"1.00","currency":"IDR"}}{field}}}"#
            );
            let refund: Refund = serde_json::from_str(&entry).unwrap();
            assert_eq!(refund.is_named("R-1"), ours, "{field}");
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
