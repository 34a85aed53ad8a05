//! JSON that every reader reads alike.

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor},
};
use std::{collections::HashSet, fmt};

/// Reads a message of GoPay's, as [`serde_json::from_slice`] does, and refuses what readers disagree about: a name
/// that an object has twice, and text that is not Unicode, also where this crate reads neither.
///
/// ```
/// use gopay_protocol::{json, message::notify::Notification};
///
/// let twice = br#"{"originalReferenceNo": "A", "amount": {"value": "1", "value": "2"}}"#;
/// assert!(json::from_slice::<Notification>(twice).is_err());
/// ```
///
/// # Errors
///
/// [`serde_json::Error`] for such JSON, for 128 levels and more, and where `T` cannot be read from it.
pub fn from_slice<T: DeserializeOwned>(json: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice::<Unambiguous>(json)?;
    serde_json::from_slice(json)
}

/// Any JSON in which no name is there twice.
struct Unambiguous;

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unambiguous {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = object.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a name is there twice"));
            }
            object.next_value::<Self>()?;
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn json_that_every_reader_reads_alike_is_read() {
        let plain = br#" {"a": [{"b": null}, {"b": -1.5e3}], "c": {"a": "\u00e9\n", "d": true}} "#;
        let read: Value = from_slice(plain).unwrap();
        assert_eq!(read["a"], json!([{"b": null}, {"b": -1500.0}]));
        assert_eq!(read["c"]["a"], "é\n");
    }

    #[test]
    fn json_that_readers_disagree_about_is_refused() {
        let deep = ["[".repeat(200), "]".repeat(200)].concat();
        for json in [
            br#"{"a": 1, "a": 1}"#.as_slice(),
            br#"{"a": 1, "\u0061": 2}"#,
            br#"[{"a": {"b": [{"c": 1, "c": 2}]}}]"#,
            br#"{"a": "\ud800"}"#,
            b"{\"a\": \"\xc3\x28\"}",
            b"{\"a\": 1} x",
            deep.as_bytes(),
        ] {
            assert!(from_slice::<Value>(json).is_err(), "{json:?}");
        }
    }
}
