//! Readers for the parts of an answer that must not make the whole of it unreadable.
//!
//! SNAP back ends write an absent text as `""`, an empty object as `[]`, a text as a number and
//! any part as `null`. A part that cannot be read is absent; the caller decides which parts it
//! needs.

use crate::{LatestTransactionStatus, Secret};
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
pub(super) fn text<'de, D: Deserializer<'de>, T: From<String>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Value::deserialize(deserializer).map(|part| text_of(&part).map(T::from))
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
pub(super) fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    text::<_, String>(deserializer)?
        .map(Secret::new)
        .ok_or_else(|| D::Error::custom("no text"))
}

/// A whole number, also in a text.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let digits: Option<String> = text(deserializer)?;
    Ok(digits.and_then(|digits| digits.parse().ok()))
}

/// Yes or no; a text that says `true` is a yes.
pub(super) fn is_true(part: &Value) -> bool {
    *part == Value::Bool(true) || part == "true"
}

/// An `additionalInfo`, as other SNAP back ends write it: also as JSON in a text, or in a list of
/// one.
pub(super) enum Info<T> {
    /// What is in it.
    Fields(T),
    /// Nothing: `null`, `""`, `[]` and `{}`.
    Empty,
    /// Something that cannot be read.
    Unreadable,
}

pub(super) fn info<T: DeserializeOwned>(part: Value) -> Info<T> {
    match part {
        part if is_empty(&part) => Info::Empty,
        Value::Object(_) => serde_json::from_value(part).map_or(Info::Unreadable, Info::Fields),
        Value::Array(mut list) if list.len() == 1 => info(list.remove(0)),
        Value::String(text) => match serde_json::from_str(&text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => info(inner),
            _ => Info::Unreadable,
        },
        _ => Info::Unreadable,
    }
}

/// Whether it is one of the ways to write nothing.
pub(super) fn is_empty(part: &Value) -> bool {
    match part {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

pub(super) fn text_of(part: &Value) -> Option<String> {
    match part {
        Value::String(text) => Some(text.trim())
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
        // One that is too large has lost digits already.
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}
