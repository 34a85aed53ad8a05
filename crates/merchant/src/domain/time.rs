//! Moments, to the millisecond.
//!
//! Not here: what time it is.

use contract::UnixTime;
use std::{
    ops::{Add, Sub},
    time::Duration,
};

/// A moment. Arithmetic ends at the first and the last one there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// `milliseconds` after [`EPOCH`](Self::EPOCH).
    pub const fn from_millis(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    /// Milliseconds since [`EPOCH`](Self::EPOCH).
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The whole second it lies in.
    pub const fn as_seconds(self) -> UnixTime {
        UnixTime(self.0.div_euclid(1000))
    }

    /// The milliseconds since [`as_seconds`](Self::as_seconds).
    pub fn subsec_millis(self) -> u32 {
        u32::try_from(self.0.rem_euclid(1000)).unwrap_or_default()
    }

    /// The time that passed since `earlier`; none where that is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0).max(0).unsigned_abs())
    }
}

impl From<UnixTime> for Timestamp {
    fn from(at: UnixTime) -> Self {
        Self(at.0.saturating_mul(1000))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(milliseconds(duration)))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(milliseconds(duration)))
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
