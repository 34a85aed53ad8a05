//! Simulated time: it stands still while a task can run, and then jumps to the next timer.

use jiff::Timestamp;
use merchant::ports::Clock;
use std::time::Duration;
use tokio::time::Instant;

/// Noon in Jakarta on 2026-11-22, in Unix milliseconds.
const START: i64 = 1_795_323_600_000;

/// In milliseconds, as are all times here.
pub(crate) const SECOND: u64 = 1_000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;

/// Counts from the start of the run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Time(Instant);

impl Time {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Unix milliseconds.
    pub(crate) fn now(self) -> i64 {
        START.saturating_add_unsigned(self.elapsed())
    }

    /// A clock that is `ahead` milliseconds fast.
    pub(crate) fn clock(self, ahead: i64) -> Clock {
        Clock::new(move || timestamp(self.now().saturating_add(ahead)))
    }
}

pub(crate) fn timestamp(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(crate) async fn sleep(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}
