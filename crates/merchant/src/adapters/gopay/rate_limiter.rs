//! The rate of requests that no buyer waits for.
//!
//! Invariant: they are at least so far apart that no second has more than one above the rate. Of several processes
//! each takes its part, so that it holds for all together while their number stays.

use super::GoPay;
use crate::ports::ProcessCount;
use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// When the next request may be sent.
#[derive(Debug)]
pub(super) struct RateLimiter {
    interval: Duration,
    next: Mutex<Option<Instant>>,
}

impl RateLimiter {
    pub(super) fn new(per_second: NonZeroU32) -> Self {
        Self {
            interval: Duration::from_secs(1) / per_second.get(),
            next: Mutex::default(),
        }
    }

    /// Takes the next moment that is free for one of so many processes.
    fn acquire(&self, now: Instant, processes: NonZeroU32) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let at = next.map_or(now, |next| next.max(now));
        *next = Some(at + self.interval * processes.get());
        at
    }
}

impl GoPay {
    /// The same, as one of so many processes.
    pub(crate) fn with_processes(self, processes: ProcessCount) -> Self {
        Self { processes, ..self }
    }

    /// Waits until a request that no buyer waits for may be sent.
    pub async fn acquire_slot(&self) {
        // With a token at hand: those who wait for one together would all ask in the same
        // moment. What is wrong where there is none, the request itself will say.
        let _ = self.access_token(None).await;
        let at = self
            .rate_limiter
            .acquire(Instant::now(), self.processes.get());
        tokio::time::sleep_until(at).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I-30
    #[test]
    fn no_second_has_more_than_five_turns() {
        let rate_limiter = RateLimiter::new(NonZeroU32::new(4).unwrap());
        let began = Instant::now();
        let turns: Vec<_> = (0..50)
            .map(|asked| {
                let now = began + Duration::from_millis(asked * 70);
                rate_limiter.acquire(now, NonZeroU32::MIN)
            })
            .collect();
        for five in turns.windows(6) {
            assert!(five[5] - five[0] >= Duration::from_secs(1));
        }
        let later = began + Duration::from_secs(60);
        assert_eq!(rate_limiter.acquire(later, NonZeroU32::MIN), later);
    }

    #[test]
    fn two_processes_send_half_each() {
        let rate_limiter = RateLimiter::new(NonZeroU32::new(4).unwrap());
        let (began, two) = (Instant::now(), NonZeroU32::new(2).unwrap());
        let turns: Vec<_> = (0..3).map(|_| rate_limiter.acquire(began, two)).collect();
        let half = Duration::from_millis(500);
        assert_eq!(turns, [began, began + half, began + 2 * half]);
    }
}
