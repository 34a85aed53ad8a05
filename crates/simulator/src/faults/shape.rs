//! Odd shapes of a body of BI-SNAP's, a response or a notification. From public reports about SNAP back ends. Pure.

use super::FaultKind;
use serde_json::{Value, json};

/// Each field that names a payment or a refund beside the reference number.
const IDS: [&str; 5] = [
    "partnerReferenceNo",
    "originalPartnerReferenceNo",
    "originalExternalId",
    "partnerRefundNo",
    "merchantId",
];

impl FaultKind {
    /// Whether it is an odd shape, which a notification can have too.
    pub(crate) fn is_shape(self) -> bool {
        matches!(
            self,
            Self::OddIds
                | Self::EmptyIds
                | Self::OddForms
                | Self::OneDecimal
                | Self::OddHistory
                | Self::NoAmount
        )
    }

    /// Gives a body the shape of this kind; of another kind it stays as it is.
    pub(crate) fn reshape(self, body: &mut Value) {
        match self {
            Self::OddIds => odd_ids(body),
            Self::EmptyIds => {
                for name in IDS {
                    if let Some(id) = body.get_mut(name) {
                        *id = json!("");
                    }
                }
            }
            Self::OddForms => odd_forms(body),
            Self::OneDecimal => one_decimal(body),
            Self::OddHistory => {
                // In a notification it is in `additionalInfo`.
                for pointer in ["/refundHistory", "/additionalInfo/refundHistory"] {
                    if let Some(Value::Array(refunds)) = body.pointer_mut(pointer) {
                        refunds.push(json!({"refundNo": "9", "refundStatus": "03"}));
                    }
                }
            }
            Self::NoAmount => {
                if let Some(fields) = body.as_object_mut() {
                    fields.remove("transAmount");
                    fields.remove("amount");
                }
            }
            _ => {}
        }
    }
}

/// The reference number stays and replaces the partner reference number. The `X-EXTERNAL-ID` is in capitals, without
/// hyphens.
///
/// Docs disagree: 32 characters of `originalExternalId` `[get-transaction-status-api]`, 36 elsewhere.
fn odd_ids(body: &mut Value) {
    for (order, reference) in [
        ("partnerReferenceNo", "referenceNo"),
        ("originalPartnerReferenceNo", "originalReferenceNo"),
    ] {
        if let Some(reference) = body.get(reference).cloned() {
            body[order] = reference;
        }
    }
    if let Some(external_id) = body["originalExternalId"].as_str() {
        body["originalExternalId"] = json!(external_id.replace('-', "").to_ascii_uppercase());
    }
}

/// From other JSON libraries: an amount is a number without a currency, a code or a lifetime a number, an absent text
/// `null`, an empty object `[]`.
fn odd_forms(body: &mut Value) {
    for name in ["transAmount", "refundAmount", "amount"] {
        let Some(amount) = body.get_mut(name) else {
            continue;
        };
        let value = amount["value"].as_str().unwrap_or_default();
        let whole = value
            .split('.')
            .next()
            .and_then(|whole| whole.parse::<u64>().ok());
        if let Some(whole) = whole {
            *amount = json!({"value": whole});
        }
    }
    if body.get("webRedirectUrl").is_some() {
        body["additionalInfo"] = json!([]);
    }
    for name in ["responseCode", "expiresIn"] {
        let text = body[name].as_str();
        if let Some(number) = text.and_then(|text| text.parse::<u64>().ok()) {
            body[name] = json!(number);
        }
    }
    for name in ["responseMessage", "transactionStatusDesc", "tokenType"] {
        if let Some(text) = body.get_mut(name) {
            *text = Value::Null;
        }
    }
}

/// Each amount in the body.
fn one_decimal(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("currency")
                && let Some(Value::String(text)) = fields.get_mut("value")
                && text.ends_with(".00")
            {
                text.pop();
            }
            fields.values_mut().for_each(one_decimal);
        }
        Value::Array(values) => values.iter_mut().for_each(one_decimal),
        _ => {}
    }
}
