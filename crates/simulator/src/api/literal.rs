//! What the tables of GoPay's pages say and their own samples or GoPay's libraries do not keep to. Refused by
//! `requests: literal` only.

use super::{error::ApiError, field::Fields, headers::header_text};
use axum::http::HeaderMap;
use gopay_protocol::{
    ServiceCode,
    timestamp::{format_wib, parse},
};
use serde_json::Value;

/// Characters of `validUpTo`.
const MAX_TIME_LEN: usize = 25;

/// Characters of an item's id.
const MAX_ITEM_ID_LEN: usize = 32;

/// Whether it is written as `2026-11-28T19:04:05+07:00`.
pub(super) fn is_jakarta_time(text: &str) -> bool {
    parse(text).is_ok_and(|at| format_wib(at) == text)
}

pub(super) fn check(
    service: ServiceCode,
    headers: &HeaderMap,
    body: &Value,
    access_token: &str,
) -> Result<(), ApiError> {
    if header_text(headers, "x-device-id").is_none_or(str::is_empty) {
        return Err(
            ApiError::field(service, "X-DEVICE-ID", "X-DEVICE-ID is mandatory")
                .on_page("signature-generation"),
        );
    }
    let body = Fields {
        service,
        object: body,
    };
    match service {
        ServiceCode::Payment => payment(body, access_token),
        ServiceCode::Cancel => mandatory(body, "originalPartnerReferenceNo"),
        ServiceCode::Refund => {
            mandatory(body, "originalPartnerReferenceNo")?;
            mandatory(body, "partnerRefundNo")?;
            amount(body, "refundAmount")
        }
        _ => Ok(()),
    }
}

fn payment(body: Fields<'_>, access_token: &str) -> Result<(), ApiError> {
    let refuse = |name: &str, says: &str| Err(ApiError::field(body.service, name, says));
    if body.text("chargeToken")? != access_token {
        return refuse(
            "chargeToken",
            "chargeToken is the access token of Authorization",
        );
    }
    let valid_up_to = body.optional_text("validUpTo")?;
    if valid_up_to.is_some_and(|text| text.len() > MAX_TIME_LEN) {
        return refuse("validUpTo", "validUpTo has at most 25 characters");
    }
    if !body.object["urlParams"].is_null() {
        let error = ApiError::field(body.service, "urlParams", "the field is urlParam");
        return Err(error.on_page("seamless-payment-v2"));
    }
    if body.object["urlParam"].is_object() {
        return refuse("urlParam", "urlParam is an array");
    }
    let fields = |object| Fields { object, ..body };
    let option = fields(&body.object["payOptionDetails"][0]);
    for name in ["payMethod", "payOption"] {
        if option.text(name)? != "GOPAY" {
            return refuse(name, &format!("{name} is GOPAY"));
        }
    }
    amount(option, "transAmount")?;
    let additional_info = &body.object["additionalInfo"];
    for item in additional_info["items"].as_array().into_iter().flatten() {
        let item = fields(item);
        amount(item, "price")?;
        item.text("quantity")?;
        let id = item.optional_text("id")?.unwrap_or_default();
        if id.chars().count() > MAX_ITEM_ID_LEN {
            return refuse("id", "the id of an item has at most 32 characters");
        }
    }
    if additional_info["metadata"].is_array() {
        return refuse("metadata", "metadata is an object");
    }
    Ok(())
}

fn mandatory(body: Fields<'_>, name: &str) -> Result<(), ApiError> {
    body.text(name).map(drop)
}

/// An amount in two decimals, where there is one.
fn amount(body: Fields<'_>, name: &str) -> Result<(), ApiError> {
    match &body.object[name]["value"] {
        Value::String(value) if !value.ends_with(".00") => {
            let says = format!("{name} has two decimals: 10000.00");
            Err(ApiError::field(body.service, name, says))
        }
        _ => Ok(()),
    }
}
