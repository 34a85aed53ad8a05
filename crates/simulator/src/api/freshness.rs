//! Whether an `X-TIMESTAMP` is fresh, and how long a payment may be paid.
//!
//! The control API moves GoPay's clock and not the merchant's. So a timestamp is fresh by real
//! time, by the moved clock, or anywhere between; `validUpTo` counts from the request's own
//! timestamp.

use jiff::{SignedDuration, Timestamp};

/// Unverified: the documents speak of freshness and give no number.
const TIMESTAMP_TOLERANCE: SignedDuration = SignedDuration::from_mins(15);

pub(super) const TIMESTAMP_RULE: &str =
    "X-TIMESTAMP is ISO 8601 with an offset: 2026-11-28T19:04:05+07:00";

/// Of `requests: literal`.
pub(super) const JAKARTA_TIME_RULE: &str =
    "X-TIMESTAMP is Jakarta's time in whole seconds: 2026-11-28T19:04:05+07:00";

pub(super) const FRESHNESS_RULE: &str =
    "X-TIMESTAMP is of now; the page gives no number, the simulator takes 15 minutes either way";

/// Whether a request with this timestamp is recent; `ahead` is the offset of GoPay's clock.
pub(crate) fn is_fresh(timestamp: Timestamp, now: Timestamp, ahead: SignedDuration) -> bool {
    let age = now.duration_since(timestamp);
    let (behind, ahead) = (
        ahead.min(SignedDuration::ZERO),
        ahead.max(SignedDuration::ZERO),
    );
    (behind - TIMESTAMP_TOLERANCE..=ahead + TIMESTAMP_TOLERANCE).contains(&age)
}

/// The lifetime of a payment requested at `timestamp`, if it is allowed: 20 seconds to 180 days
/// `[direct-debit-api-gopay]`.
pub(crate) fn lifetime(timestamp: Timestamp, valid_up_to: Timestamp) -> Option<SignedDuration> {
    let lifetime = valid_up_to.duration_since(timestamp);
    let allowed = SignedDuration::from_secs(20)..=SignedDuration::from_hours(180 * 24);
    allowed.contains(&lifetime).then_some(lifetime)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_timestamp_may_be_fifteen_minutes_off() {
        let now = at(10_000);
        for (timestamp, fresh) in [
            (10_900, true),
            (10_901, false),
            (9_100, true),
            (9_099, false),
        ] {
            assert_eq!(
                is_fresh(at(timestamp), now, SignedDuration::ZERO),
                fresh,
                "{timestamp}"
            );
        }
    }

    #[test]
    fn a_timestamp_of_real_time_is_fresh_under_a_moved_clock() {
        let ahead = SignedDuration::from_secs(3_600);
        assert!(is_fresh(at(6_400), at(10_000), ahead));
        assert!(is_fresh(at(10_000), at(10_000), ahead));
        assert!(!is_fresh(at(5_499), at(10_000), ahead));
    }

    #[test]
    fn a_payment_lasts_from_twenty_seconds_to_180_days() {
        let days = 180 * 86_400;
        for (until, allowed) in [(19, false), (20, true), (days, true), (days + 1, false)] {
            assert_eq!(
                lifetime(at(0), at(until)).is_some(),
                allowed,
                "{until} seconds"
            );
        }
    }
}
