//! When a message of the outbox is tried again, and when it becomes a dead letter.

use super::{next_try::NextTry, time::Timestamp};
use std::time::Duration;

/// A message is a dead letter after this many failed tries.
pub const MAX_TRIES: u32 = 12;

/// How long one try may take, at most.
pub const TRY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a worker's lease lasts: longer than a try takes.
pub const LEASE: Duration = TRY_TIMEOUT.saturating_mul(3);

/// The pauses between tries, in seconds: a hiccup is over in a minute, an outage in a day.
const PAUSES: [u64; 11] = [
    5, 15, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800,
];

/// No pause is longer. What is planned for later than that was planned before the
/// clock was set back.
pub const MAX_PAUSE: Duration = Duration::from_hours(10);

/// How far the clocks of two processes may lie apart. A time that lies farther ahead than any that is written, and
/// by more than this, was written before the clock was set back.
pub const CLOCK_TOLERANCE: Duration = Duration::from_mins(1);

/// What comes after `tries` tries, the last of which failed just `now`. `jitter`, any
/// number, makes the pause up to a quarter longer: what failed together does not come back
/// together.
pub fn next_retry(tries: u32, now: Timestamp, jitter: u8) -> NextTry {
    let pause = usize::try_from(tries)
        .ok()
        .and_then(|tries| PAUSES.get(tries.checked_sub(1)?));
    match pause {
        Some(seconds) if tries < MAX_TRIES => {
            let pause = Duration::from_secs(*seconds);
            NextTry::At(now + pause + pause * u32::from(jitter) / 1024)
        }
        _ => NextTry::DeadLetter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_grow_and_the_twelfth_failure_is_the_last() {
        for jitter in [0, u8::MAX] {
            let (mut now, mut pause) = (Timestamp::EPOCH, Duration::ZERO);
            for tries in 1..MAX_TRIES {
                let NextTry::At(next) = next_retry(tries, now, jitter) else {
                    panic!("a dead letter after {tries}");
                };
                assert!(next.since(now) >= pause, "{tries}");
                assert!(next.since(now) <= MAX_PAUSE, "{tries}");
                (pause, now) = (next.since(now), next);
            }
            let given_up_after = now.since(Timestamp::EPOCH);
            assert!(
                given_up_after > Duration::from_hours(20),
                "{given_up_after:?}"
            );
            assert_eq!(next_retry(MAX_TRIES, now, jitter), NextTry::DeadLetter);
        }
    }

    #[test]
    fn messages_that_failed_together_are_retried_apart() {
        assert_eq!(
            next_retry(1, Timestamp::EPOCH, 0),
            NextTry::At(Timestamp::from_millis(5_000))
        );
        assert_eq!(
            next_retry(1, Timestamp::EPOCH, u8::MAX),
            NextTry::At(Timestamp::from_millis(6_245))
        );
    }

    #[test]
    fn a_number_of_tries_that_cannot_be_parks() {
        assert_eq!(next_retry(0, Timestamp::EPOCH, 0), NextTry::DeadLetter);
        assert_eq!(
            next_retry(u32::MAX, Timestamp::EPOCH, 0),
            NextTry::DeadLetter
        );
    }
}
