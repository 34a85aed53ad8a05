//! Money as BI-SNAP writes it: `{"value": "10000.00", "currency": "IDR"}`.
//!
//! Invariant: no float, ever. GoPay takes whole rupiah in mini apps, so a fraction other
//! than `.00` is an error here rather than a rounding somewhere else.

use serde::{Deserialize, Serialize};

/// The currency of every mini-app payment.
const IDR: &str = "IDR";

/// Most digits before the point: 99999999999.00 `[direct-debit-api-gopay]`.
const MAX_DIGITS: usize = 11;

/// An amount with its currency, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Two decimals; GoPay's own samples also have none.
    pub value: String,
    /// ISO 4217.
    pub currency: String,
}

impl Amount {
    /// So many whole rupiah, with the two decimals that GoPay asks for.
    pub fn idr(rupiah: u64) -> Self {
        Self {
            value: format!("{rupiah}.00"),
            currency: IDR.to_owned(),
        }
    }

    /// The number of whole rupiah.
    ///
    /// Docs disagree: `[direct-debit-api-gopay]` asks for two decimals, other samples print
    /// none. Both are read; neither can be mistaken for another amount.
    pub fn rupiah(&self) -> Result<u64, AmountError> {
        if self.currency != IDR {
            return Err(AmountError::Currency);
        }
        let whole = self.value.strip_suffix(".00").unwrap_or(&self.value);
        let canonical = matches!(whole.as_bytes(), [b'0'] | [b'1'..=b'9', ..]);
        if !canonical || whole.len() > MAX_DIGITS || !whole.bytes().all(|b| b.is_ascii_digit()) {
            return Err(AmountError::Value);
        }
        whole.parse().map_err(|_| AmountError::Value)
    }
}

/// Why an amount is not a number of whole rupiah.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
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
        assert_eq!(value("1500"), Ok(1500));
    }

    #[test]
    fn anything_but_plain_whole_rupiah_is_refused() {
        for wrong in [
            "",
            ".00",
            "10000.50",
            "10000.0",
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
        for wrong in ["idr", "USD", "ID", ""] {
            let amount = Amount {
                value: "1.00".to_owned(),
                currency: wrong.to_owned(),
            };
            assert_eq!(amount.rupiah(), Err(AmountError::Currency), "{wrong:?}");
        }
    }
}
