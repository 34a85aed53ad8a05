//! Money. Invariant: whole rupiah, never a fraction and never a float.

use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// An amount in whole rupiah; on the wire a JSON integer.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(example = 25_000))]
pub struct Rupiah(u64);

impl Rupiah {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// The largest GoPay payment (BI-SNAP `transAmount`, 99999999999.00).
    pub const MAX_PAYMENT: Self = Self(99_999_999_999);

    /// An amount in whole rupiah.
    pub const fn new(rupiah: u64) -> Self {
        Self(rupiah)
    }

    /// The number of whole rupiah.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The price of `quantity` pieces; `None` past what a `u64` holds.
    pub fn times(self, quantity: NonZeroU32) -> Option<Self> {
        self.0.checked_mul(quantity.get().into()).map(Self)
    }

    /// The sum of all amounts; `None` past what a `u64` holds.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts
            .into_iter()
            .try_fold(0_u64, |sum, amount| sum.checked_add(amount.0))
            .map(Self)
    }
}

/// A number as it is written in Indonesia: `25.000`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_beyond_u64_is_none() {
        assert_eq!(
            Rupiah::sum([Rupiah::new(1), Rupiah::new(2)]),
            Some(Rupiah::new(3))
        );
        assert_eq!(Rupiah::sum([Rupiah::new(u64::MAX), Rupiah::new(1)]), None);
        assert_eq!(Rupiah::new(u64::MAX).times(NonZeroU32::MAX), None);
    }

    #[test]
    fn a_fraction_and_a_negative_amount_are_refused() {
        assert_eq!(
            serde_json::from_str::<Rupiah>("25000").unwrap(),
            Rupiah::new(25_000)
        );
        for wrong in ["25000.5", "-1", "\"25000\"", "null"] {
            assert!(serde_json::from_str::<Rupiah>(wrong).is_err(), "{wrong}");
        }
    }
}
