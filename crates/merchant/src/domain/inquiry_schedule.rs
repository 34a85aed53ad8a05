//! When to inquire about a payment whose end is not known.
//!
//! Not here: the clock.

use super::time::Timestamp;
use std::time::Duration;

/// The least time between two inquiries that a buyer's requests cause.
pub const MIN_INTERVAL: Duration = Duration::from_secs(2);

const MIN_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause between two inquiries.
pub const MAX_PAUSE: Duration = Duration::from_mins(30);
/// GoPay's clock and ours may differ a little around the end of a payment.
const CLOCK_MARGIN: Duration = Duration::from_secs(5);
/// Inquiries about a payment end this long after its validity: 24 hours is also how
/// long GoPay remembers an `X-EXTERNAL-ID`.
const GIVE_UP_AFTER: Duration = Duration::from_hours(25);
const FINAL_INQUIRY_AFTER: Duration = Duration::from_hours(4);

/// A payment whose end is not known so long after its validity goes into review; inquiries go on.
pub const REVIEW_AFTER: Duration = Duration::from_mins(10);

/// When the next inquiry is due after one without a result; `None` when it is time to give up.
///
/// The pauses grow with the payment's age, but one inquiry falls right behind its end, when
/// it is either paid or expired. What was begun within one second is spread over more, up to
/// a quarter of a pause: the inquiries about payments of one outage do not come at once.
pub fn next_inquiry_at(
    created_at: Timestamp,
    valid_until: Timestamp,
    now: Timestamp,
) -> Option<Timestamp> {
    if now > valid_until + GIVE_UP_AFTER {
        return None;
    }
    let spread = |pause: Duration| pause + pause * created_at.subsec_millis() / 4000;
    let pause = (now.since(created_at) / 2).clamp(MIN_PAUSE, MAX_PAUSE);
    let next = now + spread(pause);
    let end = valid_until + spread(CLOCK_MARGIN);
    Some(if now < end { next.min(end) } else { next })
}

/// When to ask once more about a payment that ended without money, at `now`; `None` when that
/// was done. GoPay has called payments dead that were paid (08, then 00), and four hours
/// after the end the last of its notifications has been tried.
pub fn final_inquiry_at(valid_until: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let last = valid_until + FINAL_INQUIRY_AFTER;
    (now < last).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use gopay_protocol::message::notify::RETRY_MINUTES;

    const START: Timestamp = Timestamp::EPOCH;
    const QUARTER_HOUR: Duration = Duration::from_mins(15);
    const END: Timestamp = Timestamp::from_millis(15 * 60_000);

    fn after(milliseconds: i64) -> Timestamp {
        Timestamp::from_millis(milliseconds)
    }

    #[test]
    fn the_pauses_grow_and_one_inquiry_falls_right_behind_the_end() {
        let mut now = START;
        let mut inquiries = Vec::new();
        while let Some(next) = next_inquiry_at(START, END, now) {
            assert!(next > now);
            inquiries.push(next);
            now = next;
        }
        assert_eq!(inquiries.first(), Some(&after(5_000)));
        assert!(inquiries.contains(&(END + CLOCK_MARGIN)));
        assert!(inquiries.len() < 100, "{} inquiries", inquiries.len());
        assert!(now > END + GIVE_UP_AFTER - MAX_PAUSE);
    }

    #[test]
    fn a_payment_that_ended_unpaid_gets_one_more_inquiry() {
        let last = final_inquiry_at(END, START).unwrap();
        assert_eq!(
            final_inquiry_at(END, last - Duration::from_millis(1)),
            Some(last)
        );
        assert_eq!(final_inquiry_at(END, last), None);
        assert!(last > END + Duration::from_mins(RETRY_MINUTES[4].into()));
    }

    #[test]
    fn inquiries_about_payments_of_one_second_are_spread() {
        let inquiries: Vec<_> = (0..5)
            .map(|n| next_inquiry_at(after(n * 200), END, after(1_000)).unwrap())
            .collect();
        assert_eq!(inquiries, [6_000, 6_250, 6_500, 6_750, 7_000].map(after));
        let ends: Vec<_> = (0..2)
            .map(|n| next_inquiry_at(after(n * 500), END, END - Duration::from_secs(1)).unwrap())
            .collect();
        assert_eq!(ends, [5_000, 5_625].map(|past| after(past) + QUARTER_HOUR));
    }

    #[test]
    fn a_clock_that_jumped_back_does_not_hurry_or_stop_it() {
        let next = next_inquiry_at(after(1_000_000), after(2_000_000), START);
        assert_eq!(next, Some(START + MIN_PAUSE));
    }
}
