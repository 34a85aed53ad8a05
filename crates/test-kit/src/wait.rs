//! Waits with an end.

use std::{fmt::Debug, panic::Location, time::Duration};
use tokio::time::{sleep, timeout};

/// Far more than anything in a test takes, on a busy machine too.
pub const WAIT_TIMEOUT: Duration = Duration::from_secs(60);

/// A condition that is asked for all the time would take the processor from what is to happen.
pub const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Asks again at each `interval` until `condition` is met, and returns what it then gives. Its error
/// says what was seen instead.
///
/// # Panics
///
/// After `limit`, with the caller's place and what was seen last.
#[track_caller]
pub fn eventually<T, S: Debug>(
    limit: Duration,
    interval: Duration,
    mut condition: impl AsyncFnMut() -> Result<T, S>,
) -> impl Future<Output = T> {
    let caller = Location::caller();
    async move {
        let mut seen = None;
        let met = async {
            loop {
                match condition().await {
                    Ok(met) => return met,
                    Err(instead) => seen = Some(instead),
                }
                sleep(interval).await;
            }
        };
        match timeout(limit, met).await {
            Ok(met) => met,
            Err(_) => panic!("{caller}: not met within {limit:?}; seen last: {seen:?}"),
        }
    }
}

/// Waits for one thing.
///
/// # Panics
///
/// After `limit`, with what was `awaited`.
pub async fn within<T>(limit: Duration, awaited: &str, future: impl Future<Output = T>) -> T {
    match timeout(limit, future).await {
        Ok(output) => output,
        Err(_) => panic!("{awaited}: not within {limit:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_condition_is_asked_until_it_is_met() {
        let mut asked = 0;
        let met = eventually(WAIT_TIMEOUT, Duration::ZERO, async || {
            asked += 1;
            (asked == 3).then_some("met").ok_or(asked)
        });
        assert_eq!(met.await, "met");
        assert_eq!(asked, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "not met within 20ms; seen last: Some(\"no order\")")]
    async fn a_condition_that_is_never_met_fails_with_what_was_seen() {
        eventually(LIMIT, Duration::ZERO, async || Err::<(), _>("no order")).await;
    }

    #[tokio::test]
    #[should_panic(expected = "not met within 20ms; seen last: None")]
    async fn a_condition_that_never_answers_has_an_end() {
        let hangs = async || std::future::pending::<Result<(), ()>>().await;
        eventually(LIMIT, Duration::ZERO, hangs).await;
    }

    #[tokio::test]
    #[should_panic(expected = "a notification: not within 20ms")]
    async fn a_wait_fails_with_what_was_awaited() {
        within(LIMIT, "a notification", std::future::pending::<()>()).await;
    }
}
