//! The pause after GoPay asked for fewer requests. Each API has its own: inquiries that are throttled keep no buyer
//! from paying.
//!
//! Unverified: that GoPay sends `Retry-After`; its pages name the code 429 and no pause. And that it counts
//! by API.

use crate::domain::retry;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use strum::{IntoStaticStr, VariantArray};
use tokio::time::Instant;

/// The pause where GoPay names none that can be read.
const DEFAULT_PAUSE: Duration = Duration::from_secs(2);

/// The longest that one answer keeps buyers from paying.
pub(super) const MAX_PAUSE: Duration = Duration::from_secs(60);

/// What GoPay may throttle, through whichever of its hosts it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Api {
    AccessToken,
    Payment,
    Inquiry,
    Cancellation,
    Refund,
    SignIn,
    Profile,
    /// Rewards, gems, reminders and pushes.
    MiniApp,
}

impl Api {
    pub(super) fn name(self) -> &'static str {
        self.into()
    }

    /// Whether it is one of the mini-app API, which knows `Debug-Id`.
    pub(super) const fn is_mini_app(self) -> bool {
        matches!(self, Self::SignIn | Self::Profile | Self::MiniApp)
    }
}

/// Until when each API is paused, if GoPay ever asked for it.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<BTreeMap<Api, Instant>>);

impl Throttle {
    pub(super) fn is_active(&self, api: Api) -> bool {
        !self.left(api).is_zero()
    }

    /// How long an API's pause goes on.
    pub(super) fn left(&self, api: Api) -> Duration {
        let paused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let until = paused.get(&api);
        until.map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        })
    }

    /// From now on, for as long as these headers say, which is returned.
    pub(super) fn start(&self, api: Api, headers: &HeaderMap) -> Duration {
        let pause = pause(headers);
        self.extend(api, pause);
        pause
    }

    /// What another process was asked for. Nothing, where that was before a clock was set back.
    pub(super) fn follow(&self, api: &str, left: Duration) {
        let known = Api::VARIANTS.iter().find(|it| it.name() == api);
        if let Some(api) = known
            && left <= MAX_PAUSE + retry::CLOCK_TOLERANCE
        {
            self.extend(*api, left.min(MAX_PAUSE));
        }
    }

    /// A pause that ends later stays.
    fn extend(&self, api: Api, pause: Duration) {
        let until = Instant::now() + pause;
        let mut paused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let paused = paused.entry(api).or_insert(until);
        *paused = until.max(*paused);
    }
}

fn pause(headers: &HeaderMap) -> Duration {
    headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map_or(DEFAULT_PAUSE, Duration::from_secs)
        .min(MAX_PAUSE)
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
            ("3600", MAX_PAUSE),
            ("-1", DEFAULT_PAUSE),
            ("Wed, 21 Oct 2026 07:28:00 GMT", DEFAULT_PAUSE),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(said))]);
            assert_eq!(pause(&headers), pauses, "{said}");
        }
        assert_eq!(pause(&HeaderMap::new()), DEFAULT_PAUSE);
    }

    #[test]
    fn a_pause_of_another_process_is_kept_unless_it_makes_no_sense() {
        let throttle = Throttle::default();
        let years = Duration::from_hours(50_000);
        for (api, left) in [
            ("refund", Duration::from_secs(5)),
            ("inquiry", years),
            ("no", years),
        ] {
            throttle.follow(api, left);
        }
        assert!(throttle.is_active(Api::Refund));
        assert!(!throttle.is_active(Api::Inquiry));
    }

    #[test]
    fn one_api_is_paused_and_no_other() {
        let throttle = Throttle::default();
        throttle.start(Api::Inquiry, &HeaderMap::new());
        assert!(throttle.is_active(Api::Inquiry));
        assert!(!throttle.is_active(Api::Payment));
    }
}
