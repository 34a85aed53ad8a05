//! Log lines about what strangers can repeat as often as they like: one in a while, which counts.

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicU64, Ordering},
};

#[derive(Debug)]
pub(super) struct CountedLog {
    lines: DefaultDirectRateLimiter,
    /// Since the last line.
    count: AtomicU64,
}

/// One line a second.
impl Default for CountedLog {
    fn default() -> Self {
        Self::new(Quota::per_second(NonZeroU32::MIN))
    }
}

impl CountedLog {
    pub(super) fn new(lines: Quota) -> Self {
        Self {
            lines: RateLimiter::direct(lines),
            count: AtomicU64::default(),
        }
    }

    /// Counts once more; how often it was, where another line may be logged.
    pub(super) fn count(&self) -> Option<u64> {
        self.count.fetch_add(1, Ordering::Relaxed);
        self.take()
    }

    /// What no line has counted yet, where another line may be logged.
    pub(super) fn take(&self) -> Option<u64> {
        let may_log = self.lines.check().is_ok();
        may_log.then(|| self.count.swap(0, Ordering::Relaxed))
    }

    /// As it is a while after its last line.
    #[cfg(test)]
    pub(super) fn of_a_while_ago(lines: Quota, waiting: u64) -> Self {
        Self {
            count: waiting.into(),
            ..Self::new(lines)
        }
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_counts_what_came_since_the_last() {
        let log = CountedLog::default();
        let logged: Vec<u64> = (0..1_000).filter_map(|_| log.count()).collect();
        assert_eq!(logged[0], 1);
        assert!(logged.len() < 100, "{}", logged.len());
        assert_eq!(logged.iter().sum::<u64>() + log.waiting(), 1_000);
    }
}
