//! The code by which a paid order is handed over: a letter and two digits, such as `A47`.
//!
//! Invariant: no two orders of one day have the same code. Which code comes next follows
//! from the day and from how many were given out on it, so it needs no second try.
//!
//! Not here: SQL, the clock.

use super::time::Timestamp;
use std::time::Duration;

/// Letters that are mistaken neither for a digit nor, when called out, for one another's
/// twins: no I, O, Q, S, Z, B, G, U. A letter never stands where a digit does.
const LETTERS: [char; 18] = [
    'A', 'C', 'D', 'E', 'F', 'H', 'J', 'K', 'L', 'M', 'N', 'P', 'R', 'T', 'V', 'W', 'X', 'Y',
];

/// From one code to the next: coprime to 18 and to 10, so that all codes come before the
/// first comes again, and large enough that neighbours in the queue look different.
const STEP: u64 = 1_111;

/// Where the next day begins: yesterday's screen does not pass for today's.
const DAY_STEP: u64 = 677;

const WIB: Duration = Duration::from_hours(7);
const DAY: i64 = 24 * 3_600;

/// The day in Jakarta (WIB, UTC+7), counted from 1970, of a moment.
pub fn day(moment: Timestamp) -> i64 {
    (moment + WIB).as_seconds().0.div_euclid(DAY)
}

/// The code of the order that is the `nth` of its `day` to be paid, counted from 0.
///
/// The first 1,800 have two digits, the next 18,000 three, and so on: it never runs out,
/// because what GoPay said must be written down whatever day it is.
pub fn code(day: i64, nth: u64) -> String {
    let letters = LETTERS.len() as u64;
    let (mut digits, mut numbers, mut nth) = (2, 100_u64, nth);
    while nth >= letters * numbers {
        nth -= letters * numbers;
        digits += 1;
        numbers = numbers.saturating_mul(10);
    }
    let codes = letters * numbers;
    let start = day.unsigned_abs() % codes * DAY_STEP;
    let place = (start + nth * STEP) % codes;
    let letter = LETTERS[usize::try_from(place % letters).unwrap_or_default()];
    format!("{letter}{:0digits$}", place / letters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_orders_of_a_day_have_the_same_code() {
        for day in [0, 20_000, 20_779] {
            let codes: HashSet<_> = (0..20_000).map(|nth| code(day, nth)).collect();
            assert_eq!(codes.len(), 20_000);
        }
    }

    #[test]
    fn a_code_is_a_letter_and_digits_and_as_short_as_it_can_be() {
        for (nth, length) in [(0, 3), (1_799, 3), (1_800, 4), (19_799, 4), (19_800, 5)] {
            let code = code(20_779, nth);
            assert_eq!(code.len(), length, "{code}");
            let (letter, digits) = code.split_at(1);
            assert!(LETTERS.contains(&letter.chars().next().unwrap()), "{code}");
            assert!(digits.bytes().all(|b| b.is_ascii_digit()), "{code}");
        }
    }

    #[test]
    fn neighbours_and_the_days_first_ones_do_not_look_alike() {
        for nth in 0..1_799 {
            let (one, next) = (code(20_779, nth), code(20_779, nth + 1));
            assert_ne!(one[..1], next[..1], "{one} {next}");
            assert_ne!(one[1..], next[1..], "{one} {next}");
        }
        assert_ne!(code(20_779, 0), code(20_780, 0));
    }

    #[test]
    fn the_day_changes_at_midnight_in_jakarta() {
        // 2026-11-22T16:59:59.999Z and one millisecond later.
        let before = 1_795_366_799_999;
        assert_eq!(
            day(Timestamp::from_millis(before)) + 1,
            day(Timestamp::from_millis(before + 1))
        );
    }
}
