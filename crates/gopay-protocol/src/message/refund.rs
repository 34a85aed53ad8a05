//! `POST /v1.0/debit/refund`, service 58: refunds a payment, in full or in part
//! `[refund-api]`.

use super::lenient;
use crate::{
    Amount, ExternalId, PartnerReferenceNo, PartnerRefundNo, ReferenceNo, RefundNo, ResponseCode,
};
use serde::{Deserialize, Serialize};

/// Path of the API; part of the string to sign.
pub const PATH: &str = "/v1.0/debit/refund";

/// Characters of [`Request::partner_refund_no`].
pub const MAX_PARTNER_REFUND_NO_LEN: usize = 64;

/// Which payment, how much of it, and under which number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// GoPay's `referenceNo`; it wins where both ids are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_reference_no: Option<ReferenceNo>,
    /// The payment's `X-EXTERNAL-ID`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_external_id: Option<ExternalId>,
    /// The order id.
    pub original_partner_reference_no: PartnerReferenceNo,
    /// The merchant's number of the refund: letters, digits, `-` and `_`.
    ///
    /// Docs disagree: mandatory in the table, and made up by GoPay when it is missing. Always
    /// sent: without it two refunds cannot be told apart.
    pub partner_refund_no: PartnerRefundNo,
    /// Always sent: a missing amount means all that is left.
    pub refund_amount: Amount,
    /// The buyer reads it in GoPay's order history; at most 256 characters.
    pub reason: String,
}

/// GoPay's answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// `2005800` for success; eight digits in the sample.
    pub response_code: ResponseCode,
    /// GoPay's id of the payment.
    #[serde(default, deserialize_with = "lenient::text")]
    pub original_reference_no: Option<ReferenceNo>,
    /// GoPay's id of the refund.
    #[serde(default, deserialize_with = "lenient::text")]
    pub refund_no: Option<RefundNo>,
    /// The merchant's number, repeated.
    #[serde(default, deserialize_with = "lenient::text")]
    pub partner_refund_no: Option<PartnerRefundNo>,
    /// How much goes back.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub refund_amount: Option<Amount>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sample of the page, with its eight digits.
    #[test]
    fn the_sample_of_the_refund_page_is_read() {
        let sample = r#"{
            "responseCode": "20058000",
            "responseMessage": "Request has been processed successfully",
            "originalReferenceNo": "2020102977770000000009",
            "refundNo": "2020102900000000000001",
            "partnerRefundNo": "2020102900000000002323232",
            "refundAmount": {"value": "10000.00", "currency": "IDR"},
            "refundTime": "2023-07-03T10:36:17+07:00"
        }"#;
        let response: Response = serde_json::from_str(sample).unwrap();
        assert!(response.response_code.is_success());
        assert_eq!(response.refund_amount, Some(Amount::idr(10_000)));
    }

    #[test]
    fn a_request_always_says_how_much() {
        let request = Request {
            original_reference_no: Some("A1".into()),
            original_external_id: None,
            original_partner_reference_no: "ORDER-1".into(),
            partner_refund_no: "R-1".into(),
            refund_amount: Amount::idr(10_000),
            reason: "sold out".to_owned(),
        };
        assert_eq!(
            serde_json::to_string(&request).unwrap(),
            r#"{"originalReferenceNo":"A1","originalPartnerReferenceNo":"ORDER-1","partnerRefundNo":"R-1","refundAmount":{"value":"10000.00","currency":"IDR"},"reason":"sold out"}"#
        );
    }
}
