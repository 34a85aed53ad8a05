//! The rate of requests that no buyer waits for.
//!
//! Invariant: five times in a second at most, by all of them in this process together.

use super::GoPay;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// A fifth of a second would do, were it not for what happens between a turn and its request:
/// no second shall have more than five on the line.
const MIN_INTERVAL: Duration = Duration::from_millis(250);

/// When the next request may be sent.
#[derive(Debug, Default)]
pub(super) struct RateLimiter(Mutex<Option<Instant>>);

impl RateLimiter {
    /// Takes the next moment that is free.
    fn acquire(&self, now: Instant) -> Instant {
        let mut next = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = next.map_or(now, |next| next.max(now));
        *next = Some(at + MIN_INTERVAL);
        at
    }
}

impl GoPay {
    /// Waits until a request that no buyer waits for may be sent.
    pub async fn acquire_slot(&self) {
        // With a token at hand: those who wait for one together would all ask in the same
        // moment. What is wrong where there is none, the request itself will say.
        let _ = self.access_token(None).await;
        tokio::time::sleep_until(self.rate_limiter.acquire(Instant::now())).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// I-30
    #[test]
    fn no_second_has_more_than_five_turns() {
        let rate_limiter = RateLimiter::default();
        let began = Instant::now();
        let turns: Vec<_> = (0..50)
            .map(|asked| rate_limiter.acquire(began + Duration::from_millis(asked * 70)))
            .collect();
        for five in turns.windows(6) {
            assert!(five[5] - five[0] >= Duration::from_secs(1));
        }
        let later = began + Duration::from_secs(60);
        assert_eq!(rate_limiter.acquire(later), later);
    }
}
