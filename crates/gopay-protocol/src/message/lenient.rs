//! Readers for the parts of an answer that must not make the whole of it unreadable.
//!
//! SNAP back ends write an absent text as `""`, an empty object as `[]`, a text as a number and
//! anything as `null`. A part that cannot be read is absent; which parts an answer needs is
//! decided where it is used.

use crate::{Confidential, LatestTransactionStatus, ResponseCode};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::Value;

/// Any part; absent where it cannot be read, `null` included.
pub(super) fn or_default<'de, D: Deserializer<'de>, T: Default + DeserializeOwned>(
    deserializer: D,
) -> Result<T, D::Error> {
    let part = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(part).unwrap_or_default())
}

/// An id or another short text: a number is its digits, an empty text is absent.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Value::deserialize(deserializer).map(|part| text_of(&part))
}

/// A code of two digits: JSON has no number `00`, so the number 0 stands for it.
pub(super) fn two_digits<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let part = Value::deserialize(deserializer)?;
    Ok(match part.as_u64() {
        Some(number) => Some(format!("{number:02}")),
        None => text_of(&part),
    })
}

/// `latestTransactionStatus`.
pub(super) fn status<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<LatestTransactionStatus>, D::Error> {
    Ok(two_digits(deserializer)?.map(LatestTransactionStatus::from))
}

/// A secret text, as text or as a number; it has to be there.
pub(super) fn confidential<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Confidential, D::Error> {
    text(deserializer)?
        .map(Confidential::new)
        .ok_or_else(|| D::Error::custom("no text"))
}

/// Yes or no; a text that says `true` is a yes.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let part = Value::deserialize(deserializer)?;
    Ok(part == Value::Bool(true) || part == "true")
}

/// `responseCode`, as text or as a number.
pub(super) fn response_code<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<ResponseCode, D::Error> {
    let part = Value::deserialize(deserializer)?;
    text_of(&part)
        .unwrap_or_default()
        .parse()
        .map_err(D::Error::custom)
}

/// `fraudStatus`: what is there and cannot be read is no `accept`.
pub(super) fn fraud_status<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    let part = Value::deserialize(deserializer)?;
    let is_empty = match &part {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    Ok((!is_empty).then(|| text_of(&part).unwrap_or_else(|| part.to_string())))
}

fn text_of(part: &Value) -> Option<String> {
    match part {
        Value::String(text) => Some(text.trim())
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
