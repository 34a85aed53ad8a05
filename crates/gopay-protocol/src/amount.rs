//! Money as BI-SNAP writes it: `{"value": "10000.00", "currency": "IDR"}`.
//!
//! Invariant: no float, ever. GoPay takes whole rupiah in mini apps, so a fraction other
//! than `.00` is an error here rather than a rounding somewhere else.
//!
//! Docs disagree: `[direct-debit-api-gopay]` asks for two decimals, `[notification]` calls
//! `10000`, `10000.0` and `10000.00` valid, and SNAP back ends write numbers and leave the
//! currency out. All of these are read; none can be mistaken for another amount.

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::Value;

/// The currency of every mini-app payment.
const IDR: &str = "IDR";

/// Most digits before the point: 99999999999.00 `[direct-debit-api-gopay]`.
const MAX_DIGITS: usize = 11;

/// An amount with its currency, as text.
///
/// Deserialising fails only where no amount is named: `null`, an empty text, list or object, a dash.
/// An amount that is not whole rupiah fails in [`rupiah`](Self::rupiah).
///
/// ```
/// use gopay_protocol::Amount;
///
/// assert_eq!(Amount::idr(25_000).value, "25000.00");
/// assert_eq!(Amount::idr(25_000).rupiah(), Ok(25_000));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amount {
    /// Two decimals; GoPay's own samples also have none, or one.
    pub value: String,
    /// ISO 4217.
    pub currency: String,
}

impl Amount {
    /// An amount in whole rupiah, written with the two decimals that GoPay requires.
    pub fn idr(rupiah: u64) -> Self {
        Self {
            value: format!("{rupiah}.00"),
            currency: IDR.to_owned(),
        }
    }

    /// The number of whole rupiah.
    ///
    /// # Errors
    ///
    /// [`AmountError`] for another currency, for a fraction, and above 99999999999.
    pub fn rupiah(&self) -> Result<u64, AmountError> {
        if !self.currency.eq_ignore_ascii_case(IDR) {
            return Err(AmountError::Currency);
        }
        let whole = match self.value.split_once('.') {
            Some((whole, "0" | "00")) => whole,
            Some(_) => return Err(AmountError::Value),
            None => &self.value,
        };
        let canonical = matches!(whole.as_bytes(), [b'0'] | [b'1'..=b'9', ..]);
        if !canonical || whole.len() > MAX_DIGITS || !whole.bytes().all(|b| b.is_ascii_digit()) {
            return Err(AmountError::Value);
        }
        whole.parse().map_err(|_| AmountError::Value)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut part = Value::deserialize(deserializer)?;
        // Other SNAP back ends write an object also as a list of one.
        if let Value::Array(list) = &mut part
            && let [only] = list.as_mut_slice()
        {
            part = only.take();
        }
        let (value, currency) = match &part {
            Value::Object(fields) => (fields.get("value"), fields.get("currency")),
            bare => (Some(bare), None),
        };
        let value = match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(other) => other.to_string(),
        };
        if !value.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
            return Err(D::Error::custom("no amount"));
        }
        Ok(Self {
            value,
            currency: currency.map_or_else(|| IDR.to_owned(), currency_of),
        })
    }
}

/// `IDR` for every name of rupiah and where the currency is missing; any other as it is written.
fn currency_of(part: &Value) -> String {
    let written = match part {
        Value::Null => String::new(),
        Value::String(text) => text.trim().to_owned(),
        Value::Array(list) if list.is_empty() => String::new(),
        Value::Object(fields) if fields.is_empty() => String::new(),
        other => other.to_string(),
    };
    // ISO 4217 has a number for it, too.
    match written.to_ascii_uppercase().as_str() {
        "" | IDR | "360" | "RP" | "RP." => IDR.to_owned(),
        _ => written,
    }
}

/// Why an amount is not a number of whole rupiah.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AmountError {
    /// Another currency.
    #[error("the currency is not IDR")]
    Currency,
    /// Not `0.00` to `99999999999.00` in whole rupiah.
    #[error("the value is not a plain number of whole rupiah")]
    Value,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(value: &str) -> Result<u64, AmountError> {
        Amount {
            value: value.to_owned(),
            currency: IDR.to_owned(),
        }
        .rupiah()
    }

    #[test]
    fn whole_rupiah_survive_the_wire() {
        for rupiah in [0, 1, 25_000, 99_999_999_999] {
            assert_eq!(Amount::idr(rupiah).rupiah(), Ok(rupiah));
        }
        assert_eq!(Amount::idr(10_000).value, "10000.00");
        for written in ["1500", "1500.0", "1500.00"] {
            assert_eq!(value(written), Ok(1500), "{written}");
        }
    }

    #[test]
    fn every_way_to_write_an_amount_means_it() {
        for written in [
            r#"{"value":"25000.00","currency":"IDR"}"#,
            r#"{"value":"25000.0","currency":"IDR"}"#,
            r#"{"value":"25000","currency":"idr"}"#,
            r#"{"value":" 25000.00 ","currency":" IDR "}"#,
            r#"{"value":25000,"currency":"IDR"}"#,
            r#"{"value":25000.0,"currency":null}"#,
            r#"{"value":25000.00}"#,
            r#"{"value":"25000.00","currency":""}"#,
            r#"{"value":"25000.00","currency":360}"#,
            r#"{"value":"25000.00","currency":"360"}"#,
            r#"{"value":"25000.00","currency":"Rp"}"#,
            r#"{"value":"25000.00","currency":[]}"#,
            r#""25000.00""#,
            "25000",
            r#"[{"value":"25000.00","currency":"IDR"}]"#,
        ] {
            let amount: Amount = serde_json::from_str(written).unwrap();
            assert_eq!(amount.rupiah(), Ok(25_000), "{written}");
        }
    }

    #[test]
    fn a_value_without_an_amount_is_refused() {
        for written in [
            "null",
            "[]",
            "[{}]",
            "{}",
            r#"{"value":null,"currency":"IDR"}"#,
            r#"{"value":[],"currency":"IDR"}"#,
            r#"{"value":{},"currency":"IDR"}"#,
            r#"{"value":"","currency":"IDR"}"#,
            r#"{"value":"-"}"#,
            r#""""#,
        ] {
            assert!(
                serde_json::from_str::<Amount>(written).is_err(),
                "{written}"
            );
        }
    }

    #[test]
    fn another_amount_is_read_and_is_not_rupiah() {
        for (written, wrong) in [
            ("true", AmountError::Value),
            (r#"{"value":{"value":"25000.00"}}"#, AmountError::Value),
            (r#"{"value":["25000.00"]}"#, AmountError::Value),
            (r#"{"value":"gratis"}"#, AmountError::Value),
            (
                r#"[{"value":"25000.00"},{"value":"1.00"}]"#,
                AmountError::Value,
            ),
            (r#"{"value":25000.5}"#, AmountError::Value),
            (r#"{"value":"25.000,00"}"#, AmountError::Value),
            (r#"{"value":-25000}"#, AmountError::Value),
            (r#"{"value":1e30}"#, AmountError::Value),
            (
                r#"{"value":"25000.00","currency":"USD"}"#,
                AmountError::Currency,
            ),
            (
                r#"{"value":"25000.00","currency":840}"#,
                AmountError::Currency,
            ),
            (
                r#"{"value":"25000.00","currency":["IDR"]}"#,
                AmountError::Currency,
            ),
        ] {
            let amount: Amount = serde_json::from_str(written).unwrap();
            assert_eq!(amount.rupiah(), Err(wrong), "{written}");
        }
    }

    #[test]
    fn only_plain_whole_rupiah_is_accepted() {
        for wrong in [
            "",
            ".00",
            "10000.50",
            "10000.",
            "10000.000",
            "1e4.00",
            "10,000.00",
            "10.000,00",
            "+1.00",
            "-1.00",
            "00.00",
            "01",
            " 1.00",
            "1.00 ",
            "٣.00",
            "NaN",
            "100000000000.00",
        ] {
            assert_eq!(value(wrong), Err(AmountError::Value), "{wrong:?}");
        }
    }

    #[test]
    fn another_currency_is_refused() {
        for wrong in ["USD", "ID", "IDRX", ""] {
            let amount = Amount {
                value: "1.00".to_owned(),
                currency: wrong.to_owned(),
            };
            assert_eq!(amount.rupiah(), Err(AmountError::Currency), "{wrong:?}");
        }
    }
}
