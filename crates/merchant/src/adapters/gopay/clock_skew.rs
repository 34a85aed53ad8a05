//! How far our clock is from GoPay's, measured from the time that its answers carry.
//!
//! GoPay believes a signature only near its timestamp, and a clock that is off goes
//! unnoticed until every request is refused. So it is measured with every answer and logged, and a clock
//! that is too far off is corrected in what is signed.
//!
//! Invariant: what is decided about payments goes by our own clock; only signatures are
//! corrected, and only to what several answers agree on.

use super::GoPay;
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{DATE, HeaderMap};
use std::sync::{Mutex, PoisonError};

/// Farther off is a fault of our clock: it is logged as an error, and signatures are corrected.
/// Less may as well be the way the answer took.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(60);

/// A correction follows this many answers in a row that say about the same.
const AGREEING_ANSWERS: usize = 3;

/// How much the answers that agree may differ.
const MAX_DISAGREEMENT: SignedDuration = SignedDuration::from_secs(15);

/// What the last answers said.
#[derive(Debug, Default)]
pub(super) struct ClockSkew(Mutex<Measured>);

#[derive(Debug, Default)]
struct Measured {
    /// GoPay's clock minus ours, the newest last.
    offsets: Vec<SignedDuration>,
    /// By how much signatures are corrected.
    correction: SignedDuration,
}

/// What a measurement changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// From now on signatures are corrected by so much.
    Off(SignedDuration),
    /// Our clock is right again.
    Right,
}

impl ClockSkew {
    /// The time to sign with, where our clock says `now`.
    pub(super) fn correct(&self, now: Timestamp) -> Timestamp {
        let correction = self.lock().correction;
        now.checked_add(correction).unwrap_or(now)
    }

    /// GoPay's clock minus ours, by the last answer.
    fn newest(&self) -> Option<SignedDuration> {
        self.lock().offsets.last().copied()
    }

    /// Measures, and logs what changed.
    fn observe(&self, headers: &HeaderMap, sent: Timestamp, heard: Timestamp) {
        match date(headers).and_then(|date| self.measure(date, sent, heard)) {
            Some(Change::Off(by)) => tracing::error!(
                event = "clock.skewed",
                seconds = by.as_secs(),
                "GoPay's clock is ahead of ours by so much (behind, if negative): set this machine's clock; until then requests are signed with GoPay's time"
            ),
            Some(Change::Right) => tracing::info!(
                event = "clock.agrees",
                "our clock agrees with GoPay's again"
            ),
            None => {}
        }
    }

    /// An answer of GoPay's `date`, to what was sent and heard by our clock then.
    fn measure(&self, date: Timestamp, sent: Timestamp, heard: Timestamp) -> Option<Change> {
        let travelled = heard.duration_since(sent);
        // Our clock was set while the answer was on its way: how far it was off is not known.
        if travelled.is_negative() || travelled > MAX_DISAGREEMENT {
            return None;
        }
        let halfway = sent.checked_add(travelled / 2).ok()?;
        let mut measured = self.lock();
        if measured.offsets.len() == AGREEING_ANSWERS {
            measured.offsets.remove(0);
        }
        measured.offsets.push(date.duration_since(halfway));
        let (least, most) = (
            measured.offsets.iter().min()?,
            measured.offsets.iter().max()?,
        );
        if measured.offsets.len() < AGREEING_ANSWERS || *most - *least > MAX_DISAGREEMENT {
            return None;
        }
        let newest = *measured.offsets.last()?;
        let correction = if newest.abs() > TOLERANCE {
            newest
        } else {
            SignedDuration::ZERO
        };
        let was_off = !measured.correction.is_zero();
        let moved = (correction - measured.correction).abs() > MAX_DISAGREEMENT;
        if !moved {
            return None;
        }
        measured.correction = correction;
        match correction.is_zero() {
            false => Some(Change::Off(correction)),
            true => was_off.then_some(Change::Right),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Measured> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl GoPay {
    /// Measures the clock by an answer's headers, to what was sent then.
    pub(super) fn observe_clock(&self, headers: &HeaderMap, sent: Timestamp) {
        self.clock_skew
            .observe(headers, sent, self.clock.now_jiff());
        if let Some(skew) = self.clock_skew.newest() {
            self.metrics.set_clock_skew(skew.as_secs_f64());
        }
    }
}

/// `Date`, as every HTTP answer with a clock behind it carries it (RFC 9110, 6.6.1).
fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(DATE)?.to_str().ok()?;
    let time = jiff::fmt::rfc2822::DateTimeParser::new();
    time.parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    const fn seconds(seconds: i64) -> SignedDuration {
        SignedDuration::from_secs(seconds)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_323_600 + second).unwrap()
    }

    /// Three answers, one second on the way each, from a GoPay whose clock is so far ahead.
    fn thrice(skew: &ClockSkew, ahead: i64) -> Option<Change> {
        (0..3).fold(None, |change, n| {
            let now = 10 * n;
            change.or(skew.measure(at(now + ahead), at(now), at(now + 1)))
        })
    }

    /// F31
    #[test]
    fn a_wrong_clock_is_logged_once_and_signatures_are_corrected() {
        for ahead in [600, -600, 61, -62] {
            let skew = ClockSkew::default();
            let Some(Change::Off(by)) = thrice(&skew, ahead) else {
                panic!("{ahead} was not noticed");
            };
            assert!((by - seconds(ahead)).abs() <= seconds(1), "{by}");
            let corrected = skew.correct(at(0)).duration_since(at(0));
            assert_eq!(corrected, by);
            assert_eq!(thrice(&skew, ahead), None, "said twice");
            assert_eq!(thrice(&skew, 0), Some(Change::Right));
            assert_eq!(skew.correct(at(0)), at(0));
        }
    }

    #[test]
    fn the_travel_time_of_an_answer_is_no_skew() {
        let skew = ClockSkew::default();
        for ahead in [0, 30, -30, 59, -59] {
            assert_eq!(thrice(&skew, ahead), None, "{ahead}");
            assert_eq!(skew.correct(at(0)), at(0));
        }
    }

    /// F31, F32: one wrong answer, one that disagrees, or a clock that is set meanwhile moves
    /// nothing.
    #[test]
    fn a_clock_is_corrected_only_when_several_answers_agree() {
        let skew = ClockSkew::default();
        for ahead in [600, 600, 0, 600, 600, -600, 600] {
            assert_eq!(skew.measure(at(ahead), at(0), at(1)), None);
        }
        for (sent, heard) in [(0, -600), (0, 600)] {
            let change = skew.measure(at(700), at(sent), at(heard));
            assert_eq!(change, None);
        }
        assert_eq!(skew.correct(at(0)), at(0));
    }

    #[test]
    fn the_date_of_an_answer_is_read() {
        for (text, is_read) in [
            ("Sun, 22 Nov 2026 05:00:00 GMT", true),
            ("2026-11-22T05:00:00Z", false),
            ("soon", false),
        ] {
            let headers = HeaderMap::from_iter([(DATE, HeaderValue::from_static(text))]);
            assert_eq!(date(&headers), is_read.then(|| at(0)), "{text}");
        }
        assert_eq!(date(&HeaderMap::new()), None);
    }
}
