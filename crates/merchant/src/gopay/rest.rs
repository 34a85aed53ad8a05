//! GoPay asked for fewer requests, and gets none for a while.
//!
//! Unverified: that GoPay sends `Retry-After`; its pages name the code 429 and no pause.

use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// The pause where GoPay names none that can be read.
const USUAL: Duration = Duration::from_secs(2);

/// Nobody is kept from paying for longer by one answer.
const LONGEST: Duration = Duration::from_secs(60);

/// The pause that GoPay asked for last, if it ever did.
#[derive(Debug, Default)]
pub(super) struct Rest(Mutex<Option<Instant>>);

impl Rest {
    pub(super) fn lasts(&self) -> bool {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    /// From now on, for as long as these headers say.
    pub(super) fn begin(&self, headers: &HeaderMap) {
        let until = Instant::now() + pause(headers);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }
}

fn pause(headers: &HeaderMap) -> Duration {
    headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map_or(USUAL, Duration::from_secs)
        .min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    /// F22
    #[test]
    fn a_pause_is_as_long_as_gopay_says_within_reason() {
        for (said, pauses) in [
            ("7", Duration::from_secs(7)),
            ("0", Duration::ZERO),
            ("3600", LONGEST),
            ("-1", USUAL),
            ("Wed, 21 Oct 2026 07:28:00 GMT", USUAL),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(said))]);
            assert_eq!(pause(&headers), pauses, "{said}");
        }
        assert_eq!(pause(&HeaderMap::new()), USUAL);
    }
}
