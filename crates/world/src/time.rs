//! The world's time: it stands still while anybody has something to do, and then jumps to
//! the next moment at which somebody has.

use jiff::Timestamp;
use merchant::ports::Clock;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Noon in Jakarta, on 2026-11-22.
const BEGINNING: i64 = 1_795_323_600_000;

pub(crate) const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;

/// Counts from the world's beginning.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Time(Instant);

impl Time {
    pub(crate) fn begins() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since the beginning.
    pub(crate) fn elapsed(self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Unix milliseconds.
    pub(crate) fn now(self) -> i64 {
        BEGINNING.saturating_add_unsigned(self.elapsed())
    }

    /// A clock that is so many milliseconds fast.
    pub(crate) fn clock(self, fast: i64) -> Clock {
        Clock::new(move || timestamp(self.now().saturating_add(fast)))
    }
}

pub(crate) fn timestamp(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Lets so many milliseconds pass.
pub(crate) async fn pass(milliseconds: u64) {
    sleep(Duration::from_millis(milliseconds)).await;
}
