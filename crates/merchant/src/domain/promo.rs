//! Which promo codes there are, until when, and what one takes off an order.
//!
//! Invariant: what is left to pay is at least one rupiah; see [`Promo::discount`].

use super::time::Timestamp;
use contract::{Discount, Promo, Reduction, Rupiah};
use serde::Deserialize;
use std::collections::HashSet;
use toml::value::{Date, Datetime};

/// Jakarta is so many seconds ahead (WIB); Indonesia keeps no summer time.
const WIB_SECONDS: i64 = 7 * 3600;

const DAY_SECONDS: i64 = 24 * 3600;

/// A promo code, as the shop has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromoRule {
    promo: Promo,
    /// The end of its last day.
    ends_at: Option<Timestamp>,
}

/// Why a code takes nothing off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PromoError {
    #[error("there is no promo code \"{0}\"")]
    Unknown(String),
    #[error("the promo code \"{0}\" is over")]
    Expired(String),
    #[error("the promo code \"{code}\" is for orders of {} rupiah and more", min_total.get())]
    TooLittle { code: String, min_total: Rupiah },
}

/// A `[[promo]]` of `shop.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListedPromo {
    code: String,
    percent: Option<u32>,
    amount: Option<Rupiah>,
    #[serde(default)]
    min_total: Rupiah,
    /// The last day, in Jakarta.
    until: Option<Datetime>,
}

/// The rules of a shop, or what is wrong with one of them: its code, and what to do.
pub(super) fn rules(listed: Vec<ListedPromo>) -> Result<Vec<PromoRule>, (String, &'static str)> {
    let mut seen = HashSet::new();
    let mut rules = Vec::with_capacity(listed.len());
    for promo in listed {
        let wrong = |what| Err((promo.code.clone(), what));
        let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=20).contains(&promo.code.len()) || !promo.code.bytes().all(plain) {
            return wrong("use 1 to 20 of A-Z, 0-9 and - for its code");
        }
        if !seen.insert(promo.code.clone()) {
            return wrong("stands there twice");
        }
        let reduction = match (promo.percent, promo.amount) {
            (Some(percent @ 1..=100), None) => Reduction::Percent(percent),
            (Some(_), None) => return wrong("percent must be 1 to 100"),
            (None, Some(amount)) if amount > Rupiah::ZERO => Reduction::Amount(amount),
            (None, Some(_)) => return wrong("amount must be at least 1 rupiah"),
            _ => return wrong("write either percent = 10 or amount = 5000"),
        };
        let ends_at = match promo.until {
            None => None,
            Some(Datetime {
                date: Some(date),
                time: None,
                offset: None,
            }) => Some(end_of(date)),
            Some(_) => return wrong("until is a day, in Jakarta: until = 2026-12-31"),
        };
        rules.push(PromoRule {
            promo: Promo {
                code: promo.code,
                reduction,
                min_total: promo.min_total,
            },
            ends_at,
        });
    }
    Ok(rules)
}

/// The code's rule, however it is spelt. The moment decides whether it still holds.
pub fn find<'a>(
    rules: &'a [PromoRule],
    code: &str,
    now: Timestamp,
) -> Result<&'a Promo, PromoError> {
    let named = || code.chars().take(20).collect();
    let rule = (rules.iter()).find(|rule| rule.promo.code.eq_ignore_ascii_case(code));
    let rule = rule.ok_or_else(|| PromoError::Unknown(named()))?;
    if rule.ends_at.is_some_and(|ends_at| ends_at <= now) {
        return Err(PromoError::Expired(rule.promo.code.clone()));
    }
    Ok(&rule.promo)
}

/// What the code takes off products that cost `total`.
pub fn discount(
    rules: &[PromoRule],
    code: &str,
    total: Rupiah,
    now: Timestamp,
) -> Result<Discount, PromoError> {
    let promo = find(rules, code, now)?;
    let amount = promo.discount(total).ok_or_else(|| PromoError::TooLittle {
        code: promo.code.clone(),
        min_total: promo.min_total.max(Rupiah::new(2)),
    })?;
    Ok(Discount {
        code: promo.code.clone(),
        amount,
    })
}

/// The first moment after a day in Jakarta.
fn end_of(date: Date) -> Timestamp {
    let days = days_since_epoch(date.year.into(), date.month.into(), date.day.into());
    let seconds = (days + 1) * DAY_SECONDS - WIB_SECONDS;
    Timestamp::from_millis(seconds * 1000)
}

/// Howard Hinnant's `days_from_civil`: years begin in March, so that a leap day is a year's last.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(toml: &str) -> Result<Vec<PromoRule>, String> {
        #[derive(Deserialize)]
        struct File {
            promo: Vec<ListedPromo>,
        }
        let file: File = toml::from_str(toml).map_err(|error| error.to_string())?;
        rules(file.promo).map_err(|(code, what)| format!("{code}: {what}"))
    }

    fn one(fields: &str) -> Result<Vec<PromoRule>, String> {
        parse(&format!("[[promo]]\ncode = \"HEMAT10\"\n{fields}\n"))
    }

    fn off(rules: &[PromoRule], total: u64) -> Option<u64> {
        let found = discount(rules, "HEMAT10", Rupiah::new(total), Timestamp::EPOCH);
        found.ok().map(|discount| discount.amount.get())
    }

    #[test]
    fn a_discount_is_rounded_down_and_leaves_one_rupiah() {
        let percent = one("percent = 10").unwrap();
        assert_eq!(off(&percent, 25_000), Some(2_500));
        assert_eq!(off(&percent, 25_009), Some(2_500));
        assert_eq!(off(&percent, 9), None, "less than a rupiah");
        let all = one("percent = 100").unwrap();
        assert_eq!(off(&all, 25_000), Some(24_999));
        assert_eq!(off(&all, 1), None);
        let amount = one("amount = 5000").unwrap();
        assert_eq!(off(&amount, 25_000), Some(5_000));
        assert_eq!(off(&amount, 4_000), Some(3_999));
        let least = one("amount = 5000\nmin_total = 50000").unwrap();
        assert_eq!(off(&least, 49_999), None);
        assert_eq!(off(&least, 50_000), Some(5_000));
    }

    #[test]
    fn a_code_holds_until_the_end_of_its_day_in_jakarta() {
        let rules = one("percent = 10\nuntil = 2026-11-29").unwrap();
        // 2026-11-29T17:00:00Z is midnight in Jakarta.
        let midnight = Timestamp::from_millis(1_795_971_600_000);
        let last = Timestamp::from_millis(1_795_971_599_999);
        assert!(find(&rules, "HEMAT10", last).is_ok());
        let over = PromoError::Expired("HEMAT10".to_owned());
        assert_eq!(find(&rules, "hemat10", midnight), Err(over));
        assert!(find(&one("percent = 10").unwrap(), "HEMAT10", midnight).is_ok());
        assert_eq!(days_since_epoch(1970, 1, 1), 0);
        assert_eq!(days_since_epoch(2024, 2, 29), 19_782);
        assert_eq!(days_since_epoch(2024, 3, 1), 19_783);
    }

    #[test]
    fn a_code_is_found_in_any_case_and_an_unknown_one_is_not() {
        let rules = one("percent = 10").unwrap();
        assert!(find(&rules, "Hemat10", Timestamp::EPOCH).is_ok());
        for code in ["", "HEMAT", "HEMAT10 ", "HEMAT100"] {
            let unknown = PromoError::Unknown(code.to_owned());
            assert_eq!(find(&rules, code, Timestamp::EPOCH), Err(unknown));
        }
    }

    #[test]
    fn a_promo_that_cannot_work_is_explained() {
        for (fields, told) in [
            ("", "either percent"),
            ("percent = 10\namount = 1", "either percent"),
            ("percent = 0", "1 to 100"),
            ("percent = 101", "1 to 100"),
            ("amount = 0", "at least 1 rupiah"),
            (
                "percent = 10\nuntil = 2026-12-31T10:00:00",
                "until is a day",
            ),
            ("percent = 10\nuntil = 10:00:00", "until is a day"),
            ("percent = 10\nuntil = \"soon\"", "until"),
            ("percent = 10\nmin = 5", "unknown field"),
        ] {
            let said = one(fields).unwrap_err();
            assert!(said.contains(told), "{fields}: {said}");
        }
        let twice = "[[promo]]\ncode = \"A\"\namount = 1\n".repeat(2);
        assert!(parse(&twice).unwrap_err().contains("A: stands there twice"));
        for code in ["", "hemat", "HEMAT 10", "HEMAT10HEMAT10HEMAT10"] {
            let toml = format!("[[promo]]\ncode = \"{code}\"\namount = 1\n");
            assert!(parse(&toml).unwrap_err().contains("1 to 20"), "{code}");
        }
    }

    proptest! {
        #[test]
        fn a_discount_never_takes_all_and_never_more_than_its_rule(
            total in prop_oneof![0..200_u64, 0..=u64::MAX],
            rule in prop_oneof![
                (0..=100_u32).prop_map(Reduction::Percent),
                (0..=u64::MAX).prop_map(|amount| Reduction::Amount(Rupiah::new(amount))),
            ],
            min_total in prop_oneof![Just(0), 0..200_u64],
        ) {
            let min_total = Rupiah::new(min_total);
            let promo = Promo { code: "A".to_owned(), reduction: rule, min_total };
            let total = Rupiah::new(total);
            if let Some(off) = promo.discount(total) {
                prop_assert!(off > Rupiah::ZERO && off < total && total >= min_total);
                match rule {
                    Reduction::Percent(percent) => {
                        let exact = u128::from(total.get()) * u128::from(percent);
                        prop_assert!(u128::from(off.get()) * 100 <= exact);
                        // Only the last rupiah or the fraction of one is kept back.
                        prop_assert!(exact < (u128::from(off.get()) + 1) * 100 || off.get() == total.get() - 1);
                    }
                    Reduction::Amount(amount) => prop_assert!(off <= amount),
                }
            }
        }
    }
}
