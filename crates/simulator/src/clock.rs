//! GoPay's clock: real time plus an offset.
//!
//! Invariant: the clock only goes forward, until the simulator is reset. The merchant's clock
//! stays at real time; `api::freshness` allows for that.

use jiff::{SignedDuration, Timestamp};

/// Ten years: everything else can count on dates within them.
const MAX_AHEAD: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    ahead: SignedDuration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the clock can be at most ten years ahead: reset it, or move it less")]
pub(crate) struct TooFarAhead;

impl Clock {
    pub(crate) fn now(self) -> Timestamp {
        Timestamp::now() + self.ahead
    }

    pub(crate) fn ahead(self) -> SignedDuration {
        self.ahead
    }

    pub(crate) fn advance(&mut self, by: SignedDuration) -> Result<(), TooFarAhead> {
        let ahead = self.ahead + by;
        if ahead > MAX_AHEAD {
            return Err(TooFarAhead);
        }
        self.ahead = ahead;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_moves_forward_by_at_most_ten_years() {
        let hour = SignedDuration::from_hours(1);
        let mut clock = Clock::default();
        let before = clock.now();
        clock.advance(hour).unwrap();
        assert!(clock.now().duration_since(before) >= hour);
        assert_eq!(clock.advance(MAX_AHEAD), Err(TooFarAhead));
        assert_eq!(clock.ahead(), hour);
    }
}
