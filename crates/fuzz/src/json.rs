//! What a message says, read independently of the parsers that are tested.

use serde::de::IgnoredAny;
use serde_json::{Value, json};

/// Whether a body is JSON only for who ignores a part of it: serde_json does not decode the texts and numbers of
/// unknown fields. What such a body says cannot be known here.
pub(crate) fn is_ambiguous(body: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(body).is_ok()
        && serde_json::from_slice::<Value>(body).is_err()
}

/// A field's text as the wire may have it: a number is its digits.
pub(crate) fn text(message: &Value, field: &str) -> Option<String> {
    match &message[field] {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
    .filter(|text| !text.is_empty())
}

/// The rupiah of `amount`: a value by itself, or in an object, or in a list of one.
pub(crate) fn rupiah(message: &Value) -> Option<u64> {
    let amount = &message["amount"];
    let amount = amount.get(0).unwrap_or(amount);
    let value = amount.get("value").unwrap_or(amount);
    let value = text(&json!({"value": value}), "value")?;
    value.split('.').next()?.parse().ok()
}

/// Whether both are the same content. A sender's library may write `1.0` as `1`.
pub(crate) fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && (one.iter())
                    .all(|(name, it)| other.get(name).is_some_and(|that| is_same(it, that)))
        }
        _ => one == other,
    }
}

/// Whether a status of two digits says that the money moved.
pub(crate) fn is_paid_status(message: &Value) -> bool {
    let status = text(message, "latestTransactionStatus");
    matches!(status.as_deref(), Some("00" | "0"))
}

/// Whether a status of two digits says that money went back.
pub(crate) fn is_refunded_status(message: &Value) -> bool {
    let status = text(message, "latestTransactionStatus");
    matches!(status.as_deref(), Some("04" | "4"))
}
