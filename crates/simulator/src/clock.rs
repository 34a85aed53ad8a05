//! GoPay's clock: real time, plus as much as somebody has moved it forward.
//!
//! Invariant: it only goes forward, except when the whole simulator is reset. Nobody moves
//! the merchant's clock; what the merchant dates is judged accordingly, see
//! `api::freshness`.

use jiff::{SignedDuration, Timestamp};

/// Furthest that the clock can be moved in all: ten years, in seconds.
const FURTHEST: i64 = 10 * 365 * 86_400;

/// Real time plus an offset.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    ahead: SignedDuration,
}

/// The clock would leave the ten years within which everything else can count on dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the clock can be at most ten years ahead: reset it, or move it less")]
pub(crate) struct TooFar;

impl Clock {
    pub(crate) fn now(self) -> Timestamp {
        Timestamp::now() + self.ahead
    }

    pub(crate) fn ahead_seconds(self) -> i64 {
        self.ahead.as_secs()
    }

    pub(crate) fn advance(&mut self, seconds: u32) -> Result<(), TooFar> {
        let ahead = self.ahead + SignedDuration::from_secs(seconds.into());
        if ahead.as_secs() > FURTHEST {
            return Err(TooFar);
        }
        self.ahead = ahead;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_forward_and_no_further_than_ten_years() {
        let mut clock = Clock::default();
        let before = clock.now();
        clock.advance(3_600).unwrap();
        assert!(clock.now().duration_since(before) >= SignedDuration::from_hours(1));
        assert_eq!(clock.advance(u32::MAX), Err(TooFar));
        assert_eq!(clock.ahead_seconds(), 3_600);
    }
}
