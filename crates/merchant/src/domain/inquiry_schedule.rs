//! When to inquire about a payment whose end is not known.
//!
//! Not here: the clock. All times are unix milliseconds.

/// The least time between two inquiries that a buyer's requests cause; milliseconds.
pub const MIN_INTERVAL: i64 = 2_000;

const MIN_PAUSE: i64 = 5_000;
/// The longest pause between two inquiries. Milliseconds.
pub const MAX_PAUSE: i64 = 30 * 60_000;
/// GoPay's clock and ours may differ a little around the end of a payment.
const CLOCK_MARGIN: i64 = 5_000;
/// Inquiries about a payment end this long after its validity: 24 hours is also how
/// long GoPay remembers an `X-EXTERNAL-ID`.
const GIVE_UP_AFTER: i64 = 25 * 3_600_000;
const FINAL_INQUIRY_AFTER: i64 = 4 * 3_600_000;

/// A payment whose end is not known so long after its validity goes into review; inquiries go on.
/// Milliseconds.
pub const REVIEW_AFTER: i64 = 10 * 60_000;

/// When the next inquiry is due after one without a result; `None` when it is time to give up.
///
/// The pauses grow with the payment's age, but one inquiry falls right behind its end, when
/// it is either paid or expired. What was begun within one second is spread over more, up to
/// a quarter of a pause: the inquiries about payments of one outage do not come at once.
pub fn next_inquiry_at(created_at: i64, valid_until: i64, now: i64) -> Option<i64> {
    if now > valid_until.saturating_add(GIVE_UP_AFTER) {
        return None;
    }
    let spread = |pause: i64| pause + pause * created_at.rem_euclid(1000) / 4000;
    let pause = (now.saturating_sub(created_at) / 2).clamp(MIN_PAUSE, MAX_PAUSE);
    let next = now.saturating_add(spread(pause));
    let end = valid_until.saturating_add(spread(CLOCK_MARGIN));
    Some(if now < end { next.min(end) } else { next })
}

/// When to ask once more about a payment that ended without money, at `now`; `None` when that
/// was done. GoPay has called payments dead that were paid (08, then 00), and four hours
/// after the end the last of its notifications has been tried.
pub fn final_inquiry_at(valid_until: i64, now: i64) -> Option<i64> {
    let last = valid_until.saturating_add(FINAL_INQUIRY_AFTER);
    (now < last).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gopay_protocol::message::notify::RETRY_MINUTES;

    const QUARTER_HOUR: i64 = 15 * 60_000;

    #[test]
    fn the_pauses_grow_and_one_inquiry_falls_right_behind_the_end() {
        let mut now = 0;
        let mut inquiries = Vec::new();
        while let Some(next) = next_inquiry_at(0, QUARTER_HOUR, now) {
            assert!(next > now);
            inquiries.push(next);
            now = next;
        }
        assert_eq!(inquiries.first(), Some(&5_000));
        assert!(inquiries.contains(&(QUARTER_HOUR + CLOCK_MARGIN)));
        assert!(inquiries.len() < 100, "{} inquiries", inquiries.len());
        assert!(now > QUARTER_HOUR + GIVE_UP_AFTER - MAX_PAUSE);
    }

    #[test]
    fn a_payment_that_ended_unpaid_gets_one_more_inquiry() {
        let last = final_inquiry_at(QUARTER_HOUR, 0).unwrap();
        assert_eq!(final_inquiry_at(QUARTER_HOUR, last - 1), Some(last));
        assert_eq!(final_inquiry_at(QUARTER_HOUR, last), None);
        let tried = i64::from(RETRY_MINUTES[4]) * 60_000;
        assert!(last > QUARTER_HOUR + tried);
    }

    #[test]
    fn inquiries_about_payments_of_one_second_are_spread() {
        let inquiries: Vec<_> = (0..5)
            .map(|n| next_inquiry_at(n * 200, QUARTER_HOUR, 1_000).unwrap())
            .collect();
        assert_eq!(inquiries, [6_000, 6_250, 6_500, 6_750, 7_000]);
        let ends: Vec<_> = (0..2)
            .map(|n| next_inquiry_at(n * 500, QUARTER_HOUR, QUARTER_HOUR - 1_000).unwrap())
            .collect();
        assert_eq!(ends, [QUARTER_HOUR + 5_000, QUARTER_HOUR + 5_625]);
    }

    #[test]
    fn a_clock_that_jumped_back_does_not_hurry_or_stop_it() {
        assert_eq!(next_inquiry_at(1_000_000, 2_000_000, 0), Some(MIN_PAUSE));
    }
}
