//! Promo codes.

use crate::Rupiah;
use serde::{Deserialize, Serialize};

/// What a promo code takes off an order: the answer of `GET /api/promo/{code}`.
///
/// The merchant decides the discount of an order by the same rule, and answers
/// [`PromoRefused`](crate::ProblemCode::PromoRefused) or
/// [`PromoExpired`](crate::ProblemCode::PromoExpired) where it does not apply.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Promo {
    /// In capitals: `HEMAT10`.
    pub code: String,
    /// The amount or part that it takes off.
    pub reduction: Reduction,
    /// The least total of the products of an order.
    #[serde(default)]
    pub min_total: Rupiah,
}

/// The reduction by a promo code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Reduction {
    /// Hundredths of the total, rounded down to the rupiah; at most 100.
    Percent(u32),
    /// So much.
    Amount(Rupiah),
}

impl Promo {
    /// The amount off products that cost `total`; `None` where the code does not apply to it. At
    /// least one rupiah is left to pay, which is the least that GoPay takes.
    pub fn discount(&self, total: Rupiah) -> Option<Rupiah> {
        let most = total.get().checked_sub(1)?;
        if total < self.min_total {
            return None;
        }
        let off = match self.reduction {
            Reduction::Percent(percent) => {
                let percent = u64::from(percent.min(100));
                // In two parts, which cannot overflow.
                total.get() / 100 * percent + total.get() % 100 * percent / 100
            }
            Reduction::Amount(amount) => amount.get(),
        };
        let off = off.min(most);
        (off > 0).then(|| Rupiah::new(off))
    }
}

/// What a promo code took off an order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Discount {
    /// [`Promo::code`].
    pub code: String,
    /// Less than the products cost.
    pub amount: Rupiah,
}
