//! GoPay's clock: real time plus an offset.
//!
//! The merchant's clock stays at real time; `api::freshness` allows for that. What has happened stays so where
//! the clock goes back: an expired payment is expired.

use jiff::{SignedDuration, Timestamp};

/// Ten years, forward and back: everything else can count on dates within them.
const MAX_AHEAD: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    ahead: SignedDuration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the clock can be at most ten years away from real time: move it less")]
pub(crate) struct TooFarAway;

impl Clock {
    pub(crate) fn now(self) -> Timestamp {
        Timestamp::now() + self.ahead
    }

    pub(crate) fn ahead(self) -> SignedDuration {
        self.ahead
    }

    /// Moves it, forward or back.
    pub(crate) fn advance(&mut self, by: SignedDuration) -> Result<(), TooFarAway> {
        self.set(self.ahead.saturating_add(by))
    }

    /// Puts it ahead of real time, or behind it.
    pub(crate) fn set(&mut self, ahead: SignedDuration) -> Result<(), TooFarAway> {
        if ahead > MAX_AHEAD || ahead < -MAX_AHEAD {
            return Err(TooFarAway);
        }
        self.ahead = ahead;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_both_ways_by_at_most_ten_years() {
        let hour = SignedDuration::from_hours(1);
        let mut clock = Clock::default();
        let before = clock.now();
        clock.advance(hour).unwrap();
        assert!(clock.now().duration_since(before) >= hour);
        assert_eq!(clock.advance(MAX_AHEAD), Err(TooFarAway));
        assert_eq!(clock.ahead(), hour);
        clock.advance(hour * -3).unwrap();
        assert!(clock.now() < before);
        assert_eq!(clock.set(MAX_AHEAD * -2), Err(TooFarAway));
        assert_eq!(clock.set(SignedDuration::MIN), Err(TooFarAway));
        assert_eq!(clock.advance(SignedDuration::MIN), Err(TooFarAway));
        clock.set(SignedDuration::ZERO).unwrap();
        assert_eq!(clock.ahead(), SignedDuration::ZERO);
    }
}
