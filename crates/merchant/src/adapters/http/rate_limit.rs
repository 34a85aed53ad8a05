//! How often a client or a buyer may ask for what makes GoPay or the database work.
//!
//! Invariant: the limiter's memory follows from the clients and buyers of the last minute.

use super::{Context, api_error::ApiError, client_address::ClientAddress};
use crate::{config::Rates, ports::ProcessCount};
use axum::{extract::FromRequestParts, http::request::Parts};
use contract::CustomerId;
use governor::{
    DefaultDirectRateLimiter, DefaultKeyedRateLimiter, InsufficientCapacity, NotUntil, Quota,
    RateLimiter,
    clock::{Clock, DefaultClock, Reference},
};
use std::{
    fmt,
    hash::Hash,
    net::IpAddr,
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

/// After so many checks the keys that are not in use any more are forgotten.
const FORGET_EVERY: u32 = 1_000;

/// How many reports of a client's failures are taken a minute. A phone that fails sends a few, and many phones
/// can have one address.
const REPORTS_PER_MINUTE_PER_CLIENT: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Of all clients together: behind a proxy that is not named, no client is known apart.
const REPORTS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(1_200).unwrap();

/// The rates of a merchant, shared by its mini apps. Those of all clients together are shared by its processes: each
/// takes its part. Those of one client or buyer hold for each process, because a load balancer may send all of a
/// client's requests to one.
#[derive(Debug)]
pub(crate) struct RateLimits {
    sign_ins: DefaultDirectRateLimiter,
    sign_ins_of_client: PerKey<IpAddr>,
    requests_of_buyer: PerKey<CustomerId>,
    orders: DefaultDirectRateLimiter,
    reports: DefaultDirectRateLimiter,
    reports_of_client: PerKey<IpAddr>,
    processes: ProcessCount,
}

struct PerKey<K: Clone + Hash + Eq> {
    limiter: DefaultKeyedRateLimiter<K>,
    checks: AtomicU32,
}

impl<K: Clone + Hash + Eq> fmt::Debug for PerKey<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PerKey")
    }
}

impl<K: Clone + Hash + Eq> PerKey<K> {
    fn new(quota: Quota) -> Self {
        Self {
            limiter: RateLimiter::keyed(quota),
            checks: AtomicU32::default(),
        }
    }

    fn check(&self, key: &K) -> Result<(), ApiError> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(limited)
    }
}

impl RateLimits {
    pub(crate) fn new(rates: Rates, processes: ProcessCount) -> Self {
        Self {
            sign_ins: RateLimiter::direct(Quota::per_second(rates.sign_ins_per_second)),
            sign_ins_of_client: PerKey::new(Quota::per_minute(
                rates.sign_ins_per_minute_per_client,
            )),
            requests_of_buyer: PerKey::new(Quota::per_minute(rates.requests_per_minute_per_buyer)),
            orders: RateLimiter::direct(Quota::per_second(rates.orders_per_second)),
            reports: RateLimiter::direct(Quota::per_minute(REPORTS_PER_MINUTE)),
            reports_of_client: PerKey::new(Quota::per_minute(REPORTS_PER_MINUTE_PER_CLIENT)),
            processes,
        }
    }

    /// A request counts as many as there are processes: the rate holds for all of them.
    fn check_shared(&self, limiter: &DefaultDirectRateLimiter) -> Result<(), ApiError> {
        match limiter.check_n(self.processes.get()) {
            Ok(checked) => checked.map_err(limited),
            // More processes than requests a second.
            Err(InsufficientCapacity(rate)) => {
                let all = NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN);
                limiter.check_n(all).unwrap_or(Ok(())).map_err(limited)
            }
        }
    }

    fn sign_in_of(&self, client: Option<IpAddr>) -> Result<(), ApiError> {
        client.map_or(Ok(()), |client| self.sign_ins_of_client.check(&client))
    }

    fn report_of(&self, client: Option<IpAddr>) -> Result<(), ApiError> {
        client.map_or(Ok(()), |client| self.reports_of_client.check(&client))?;
        self.check_shared(&self.reports)
    }

    /// GoPay is about to be asked who a buyer is.
    pub(super) fn sign_in(&self) -> Result<(), ApiError> {
        self.check_shared(&self.sign_ins)
    }

    pub(super) fn request_of(&self, buyer: &CustomerId) -> Result<(), ApiError> {
        self.requests_of_buyer.check(buyer)
    }

    /// A payment is perhaps about to be asked for.
    pub(super) fn order(&self) -> Result<(), ApiError> {
        self.check_shared(&self.orders)
    }
}

fn limited<P: Reference>(not_until: NotUntil<P>) -> ApiError
where
    DefaultClock: Clock<Instant = P>,
{
    ApiError::rate_limited(wait(&not_until))
}

fn wait<P: Reference>(not_until: &NotUntil<P>) -> Duration
where
    DefaultClock: Clock<Instant = P>,
{
    not_until.wait_time_from(DefaultClock::default().now())
}

/// The client's right to sign in now. It is asked for before the body is read.
pub(super) struct SignInPermit;

impl FromRequestParts<Context> for SignInPermit {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, ApiError> {
        let ClientAddress(client) = ClientAddress::of(parts, &context.trusted_proxies);
        context.rates.sign_in_of(client)?;
        Ok(Self)
    }
}

/// The client's right to report a failure now.
pub(super) struct ReportPermit;

impl FromRequestParts<Context> for ReportPermit {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, context: &Context) -> Result<Self, ApiError> {
        let ClientAddress(client) = ClientAddress::of(parts, &context.trusted_proxies);
        context.rates.report_of(client)?;
        Ok(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two(of: impl FnOnce(&mut Rates, NonZeroU32)) -> RateLimits {
        let mut rates = Rates::default();
        of(&mut rates, NonZeroU32::new(2).unwrap());
        RateLimits::new(rates, ProcessCount::default())
    }

    #[test]
    fn one_client_is_limited_and_others_are_not() {
        let limits = two(|rates, two| rates.sign_ins_per_minute_per_client = two);
        let [one, other] = ["203.0.113.7", "203.0.113.8"].map(|ip| Some(ip.parse().unwrap()));
        for _ in 0..2 {
            assert!(limits.sign_in_of(one).is_ok());
        }
        assert!(limits.sign_in_of(one).is_err());
        assert!(limits.sign_in_of(other).is_ok());
        assert!(limits.sign_in_of(None).is_ok());
    }

    #[test]
    fn all_clients_together_are_limited() {
        let limits = two(|rates, two| rates.sign_ins_per_second = two);
        let signed_in = (0..5).filter(|_| limits.sign_in().is_ok());
        assert_eq!(signed_in.count(), 2);
    }

    #[test]
    fn several_processes_share_a_rate_of_all_clients() {
        // A test that is held up may let one or two more through.
        for (processes, expected) in [(1, 60..), (2, 30..), (4, 15..), (100, 1..)] {
            let rates = Rates {
                orders_per_second: NonZeroU32::new(60).unwrap(),
                ..Rates::default()
            };
            let count = ProcessCount::default();
            count.set(processes);
            let limits = RateLimits::new(rates, count);
            let ordered = (0..100).filter(|_| limits.order().is_ok()).count();
            let expected = expected.start..=expected.start + 9;
            assert!(expected.contains(&ordered), "{processes}: {ordered}");
        }
    }

    #[test]
    fn reports_of_one_client_are_limited_and_of_others_are_not() {
        let limits = RateLimits::new(Rates::default(), ProcessCount::default());
        let [one, other] = ["203.0.113.7", "203.0.113.8"].map(|ip| Some(ip.parse().unwrap()));
        let reported = (0..1_000).filter(|_| limits.report_of(one).is_ok());
        assert!((60..500).contains(&reported.count()));
        assert!(limits.report_of(other).is_ok());
    }

    #[test]
    fn reports_of_clients_that_are_not_known_are_limited_together() {
        let limits = RateLimits::new(Rates::default(), ProcessCount::default());
        let reported = (0..100_000).filter(|_| limits.report_of(None).is_ok());
        assert!(reported.count() < 2_000);
    }

    #[test]
    fn one_buyer_is_limited_and_others_are_not() {
        let limits = two(|rates, two| rates.requests_per_minute_per_buyer = two);
        let [one, other] = ["budi", "siti"].map(CustomerId::from);
        for _ in 0..2 {
            assert!(limits.request_of(&one).is_ok());
        }
        assert!(limits.request_of(&one).is_err());
        assert!(limits.request_of(&other).is_ok());
    }

    #[test]
    fn clients_of_a_while_ago_are_forgotten() {
        let limits = two(|rates, _| {
            rates.sign_ins_per_minute_per_client = NonZeroU32::new(100_000).unwrap();
            rates.sign_ins_per_second = NonZeroU32::new(100_000).unwrap();
        });
        for number in 0..20_000_u32 {
            let client = IpAddr::from(number.to_be_bytes());
            assert!(limits.sign_in_of(Some(client)).is_ok());
        }
        let kept = limits.sign_ins_of_client.limiter.len();
        assert!(kept < 10_000, "{kept}");
    }
}
