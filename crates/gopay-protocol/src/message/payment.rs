//! `POST /v1.0/debit/payment-host-to-host`, service 54: makes a payment that the buyer can
//! confirm in GoPay `[seamless-payment-v2]` `[direct-debit-api-gopay]`.

use super::{gopay_later, lenient};
use crate::{Amount, PartnerReferenceNo, ReferenceNo, ResponseCode, Secret};
use serde::{Deserialize, Serialize};

/// Path of the API; part of the string to sign.
pub const PATH: &str = "/v1.0/debit/payment-host-to-host";

/// Characters of [`Item::id`].
pub const MAX_ITEM_ID_LEN: usize = 32;

/// Characters of [`Item::name`].
pub const MAX_ITEM_NAME_LEN: usize = 64;

/// The body of a payment without its `chargeToken`.
///
/// `chargeToken` is "the same as the Authorization token": it changes every 15 minutes while
/// the rest of a repeated request must stay as it was, and a stored body must not hold a live
/// token. So the rest is serialised once, stored, and completed by [`body`] when it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// The merchant's name for this payment: at most 64 of letters, digits and `-_~.`
    pub partner_reference_no: PartnerReferenceNo,
    /// The merchant's id at GoPay (MID).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant_id: Option<String>,
    /// ISO 8601, from 20 seconds to 180 days ahead; GoPay's default is 15 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_up_to: Option<String>,
    /// Where a payment page in a browser returns to; empty in a mini app, where GoPay returns by
    /// itself.
    ///
    /// Docs disagree: `urlParam` on the mini-app page and in GoPay's libraries, `urlParams` on the
    /// general page; an array, but one object in some of the libraries' examples.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub url_param: Vec<UrlParam>,
    /// One entry: GoPay, the whole amount.
    pub pay_option_details: Vec<PayOption>,
    /// Holds the PoP id, without which a mini app cannot take payments.
    pub additional_info: AdditionalInfo,
}

/// An address of the merchant's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UrlParam {
    /// At most 512 characters.
    pub url: String,
    /// What it is for: `PAY_RETURN`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `Y` where an app opens it, `N` for a web page.
    pub is_deeplink: String,
}

impl UrlParam {
    /// The web page to which the buyer returns after a payment.
    pub fn pay_return(url: String) -> Self {
        Self {
            url,
            kind: "PAY_RETURN".to_owned(),
            is_deeplink: "N".to_owned(),
        }
    }
}

/// How to pay, and how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PayOption {
    /// `GOPAY`
    pub pay_method: String,
    /// Docs disagree: `gopay`, `GOPAY` and `GOPAY_WALLET`, by page. The mini-app page calls the
    /// field reserved, so the spelling of the general page does.
    pub pay_option: String,
    /// The whole amount.
    pub trans_amount: Amount,
}

/// Where the purchase happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdditionalInfo {
    /// The mini app's Point of Purchase, a UUID from GoPay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point_of_purchase_id: Option<String>,
    /// What is bought; optional.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// What GoPay Later needs; optional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<gopay_later::Metadata>,
}

/// One thing that is bought `[direct-debit-api-gopay]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The merchant's id of the product: at most [`MAX_ITEM_ID_LEN`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The price of one piece.
    pub price: Amount,
    /// Docs disagree: a text in the table, a number in GoPay's libraries. Written as a text.
    pub quantity: String,
    /// The name: at most [`MAX_ITEM_NAME_LEN`] characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The bytes to sign and send: a serialised [`Request`] with `chargeToken` put in front. `None`
/// where `request` is no JSON object.
///
/// Docs disagree: String(40) though a token may have 2048 characters, and the libraries'
/// examples send it empty. The API page's word, the B2B token, is followed.
pub fn body(request: &str, charge_token: &Secret) -> Option<Secret> {
    let rest = request.strip_prefix('{')?;
    let token = serde_json::to_string(charge_token).ok()?;
    Some(Secret::new(format!(r#"{{"chargeToken":{token},{rest}"#)))
}

/// The part of a received payment that [`Request`] leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChargeToken {
    /// The B2B token, again.
    #[serde(default)]
    pub charge_token: Option<Secret>,
}

/// GoPay's answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// `2005400` for success.
    pub response_code: ResponseCode,
    /// GoPay's id of the payment: `originalReferenceNo` of all that follows.
    #[serde(default, deserialize_with = "lenient::text")]
    pub reference_no: Option<ReferenceNo>,
    /// The merchant's name for it, repeated.
    #[serde(default, deserialize_with = "lenient::text")]
    pub partner_reference_no: Option<PartnerReferenceNo>,
    /// Where a browser would pay; see [`Deeplink`](crate::Deeplink).
    #[serde(default, deserialize_with = "lenient::text")]
    pub web_redirect_url: Option<String>,
    /// The payment as GoPay created it.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub additional_info: Option<ResponseInfo>,
}

/// The payment as GoPay created it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResponseInfo {
    /// Docs disagree: `grossAmount` in the sample, `gross_amount` in the table. Both are read.
    #[serde(
        default,
        alias = "gross_amount",
        deserialize_with = "lenient::or_default"
    )]
    pub gross_amount: Option<Amount>,
    /// Until when it can be paid.
    #[serde(default, deserialize_with = "lenient::text")]
    pub valid_up_to: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request {
            partner_reference_no: "ORDER-1".into(),
            merchant_id: None,
            valid_up_to: Some("2024-03-15T10:50:00+07:00".to_owned()),
            url_param: Vec::new(),
            pay_option_details: vec![PayOption {
                pay_method: "GOPAY".to_owned(),
                pay_option: "GOPAY".to_owned(),
                trans_amount: Amount::idr(10_000),
            }],
            additional_info: AdditionalInfo {
                point_of_purchase_id: Some("22cc3371-4bba-4ec6-8e0d-62163e130cdc".to_owned()),
                items: Vec::new(),
                metadata: None,
            },
        }
    }

    #[test]
    fn a_stored_request_holds_no_token_and_is_completed_when_sent() {
        let stored = serde_json::to_string(&request()).unwrap();
        let sent = body(&stored, &Secret::new("to\"ken")).unwrap();
        let parsed: serde_json::Value = serde_json::from_str(sent.expose()).unwrap();
        assert_eq!(parsed["chargeToken"], "to\"ken");
        assert_eq!(
            serde_json::from_str::<Request>(sent.expose()).unwrap(),
            request()
        );
        assert!(sent.expose().ends_with(stored.strip_prefix('{').unwrap()));
    }

    #[test]
    fn an_address_to_return_to_is_sent_only_where_there_is_one() {
        let without = serde_json::to_value(request()).unwrap();
        assert_eq!(without.get("urlParam"), None);
        let with = Request {
            url_param: vec![UrlParam::pay_return("https://shop.example/1".to_owned())],
            ..request()
        };
        let expected = serde_json::json!([
            {"url": "https://shop.example/1", "type": "PAY_RETURN", "isDeeplink": "N"},
        ]);
        assert_eq!(serde_json::to_value(with).unwrap()["urlParam"], expected);
    }

    #[test]
    fn the_sample_of_the_payment_page_is_read() {
        let sample = include_str!("../../tests/fixtures/payment-response.json");
        let response: Response = serde_json::from_str(sample).unwrap();
        assert!(response.response_code.is_success());
        assert_eq!(
            response.reference_no,
            Some("A120240930071006pW0gbFMTguID".into())
        );
        let made = response.additional_info.unwrap();
        assert_eq!(made.gross_amount, Some(Amount::idr(10_000)));
    }

    #[test]
    fn both_spellings_of_the_gross_amount_are_read() {
        let table = r#"{"gross_amount":{"value":"10000.00","currency":"IDR"}}"#;
        let made: ResponseInfo = serde_json::from_str(table).unwrap();
        assert_eq!(made.gross_amount, Some(Amount::idr(10_000)));
    }
}
