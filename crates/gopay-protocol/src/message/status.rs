//! `POST /v1.0/debit/status`, service 55: the state of a payment `[get-transaction-status-api]`.
//!
//! Docs disagree: the API page and every library say POST, `[bi-snap-security-architecture]`
//! lists it as GET. POST it is: a body cannot go anywhere else.

use super::{
    fraud_status::FraudStatus,
    lenient::{self, Info},
    notify::RefundHistory,
};
use crate::{
    Amount, ExternalId, LatestTransactionStatus, PartnerReferenceNo, ReferenceNo, ResponseCode,
    ServiceCode,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Path of the API; part of the string to sign.
pub const PATH: &str = "/v1.0/debit/status";

/// Names the payment by one of its two ids; the reference wins where both are given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// GoPay's `referenceNo`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_reference_no: Option<ReferenceNo>,
    /// The `X-EXTERNAL-ID` under which the payment was asked for: the way back when its
    /// answer was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_external_id: Option<ExternalId>,
    /// `54`: the service that made it.
    pub service_code: String,
}

impl Request {
    /// Names the payment by GoPay's id where it is known, else by the merchant's.
    pub fn new(reference_no: Option<&ReferenceNo>, external_id: &ExternalId) -> Self {
        Self {
            original_reference_no: reference_no.cloned(),
            original_external_id: reference_no.is_none().then(|| external_id.clone()),
            service_code: ServiceCode::Payment.digits().to_string(),
        }
    }
}

/// GoPay's answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// `2005500` for success.
    pub response_code: ResponseCode,
    /// The order id.
    #[serde(default, deserialize_with = "lenient::text")]
    pub original_partner_reference_no: Option<PartnerReferenceNo>,
    /// The payment's `X-EXTERNAL-ID`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub original_external_id: Option<ExternalId>,
    /// GoPay's id.
    #[serde(default, deserialize_with = "lenient::text")]
    pub original_reference_no: Option<ReferenceNo>,
    /// The state of the payment.
    #[serde(default, deserialize_with = "lenient::status")]
    pub latest_transaction_status: Option<LatestTransactionStatus>,
    /// The amount of the payment.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub trans_amount: Option<Amount>,
    /// Refunds; at the top level here, inside `additionalInfo` in a notification.
    #[serde(default)]
    pub refund_history: RefundHistory,
    /// The fraud status.
    #[serde(default, deserialize_with = "additional_info")]
    pub additional_info: AdditionalInfo,
}

/// The fraud status of a payment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdditionalInfo {
    /// Whether GoPay doubts that it was the buyer.
    #[serde(default)]
    pub fraud_status: FraudStatus,
}

fn additional_info<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AdditionalInfo, D::Error> {
    Ok(match lenient::info(Value::deserialize(deserializer)?) {
        Info::Fields(info) => info,
        Info::Empty => AdditionalInfo::default(),
        Info::Unreadable => AdditionalInfo {
            fraud_status: FraudStatus::Unreadable,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_is_asked_by_where_it_is_known() {
        assert_eq!(
            serde_json::to_string(&Request::new(
                Some(&"A120240930071006pW0gbFMTguID".into()),
                &"x".into()
            ))
            .unwrap(),
            r#"{"originalReferenceNo":"A120240930071006pW0gbFMTguID","serviceCode":"54"}"#
        );
        assert_eq!(
            serde_json::to_string(&Request::new(None, &"x".into())).unwrap(),
            r#"{"originalExternalId":"x","serviceCode":"54"}"#
        );
    }

    #[test]
    fn only_a_fraud_status_that_accepts_or_is_absent_is_no_doubt() {
        use FraudStatus::{Accepted, Denied, Unreadable};
        for (written, read) in [
            (r#"{"fraudStatus":"accept"}"#, Accepted),
            (r#"{"fraudStatus":" Accept "}"#, Accepted),
            (r#"{"fraudStatus":null}"#, Accepted),
            (r#"{"fraudStatus":""}"#, Accepted),
            (r#"{"fraudStatus":[]}"#, Accepted),
            ("{}", Accepted),
            ("[]", Accepted),
            (r#""""#, Accepted),
            ("null", Accepted),
            (r#"{"fraudStatus":"deny"}"#, Denied),
            (r#"{"fraudStatus":"challenge"}"#, Denied),
            (r#"[{"fraudStatus":"deny"}]"#, Denied),
            (r#""{\"fraudStatus\":\"deny\"}""#, Denied),
            (r#""{\"fraudStatus\":\"accept\"}""#, Accepted),
            (r#"{"fraudStatus":["accept"]}"#, Unreadable),
            (r#"{"fraudStatus":0}"#, Unreadable),
            (r#""text""#, Unreadable),
            ("7", Unreadable),
            (r#"[{},{"fraudStatus":"deny"}]"#, Unreadable),
        ] {
            let body = format!(r#"{{"responseCode":"2005500","additionalInfo":{written}}}"#);
            let response: Response = serde_json::from_str(&body).unwrap();
            assert_eq!(response.additional_info.fraud_status, read, "{written}");
        }
    }

    #[test]
    fn the_fields_of_the_status_page_are_read() {
        let sample = include_str!("../../tests/fixtures/status-response.json");
        let response: Response = serde_json::from_str(sample).unwrap();
        assert!(response.response_code.is_success());
        assert_eq!(
            response.latest_transaction_status,
            Some(LatestTransactionStatus::Success)
        );
        assert_eq!(response.trans_amount, Some(Amount::idr(10_000)));
    }
}
