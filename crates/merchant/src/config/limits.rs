//! What the merchant takes at once, and from one client or buyer.

use super::section::Section;
use crate::domain::operator_policy::OrderLimits;
use ipnet::IpNet;
use std::{net::IpAddr, num::NonZeroU32, time::Duration};

/// Of one merchant process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once; further ones wait to be accepted.
    pub connections: u32,
    /// Connections at once from one address on the internet; further ones are closed.
    pub connections_per_client: u32,
    /// How long a connection may be without a request. Longer than a proxy before the merchant keeps
    /// its connections, which otherwise sends requests into closed ones.
    pub idle: Duration,
    /// Requests of buyers at once; further ones are answered with 503.
    pub requests: u32,
    /// Notifications at once; further ones are answered with 503, after which GoPay repeats them.
    pub notifications: u32,
    pub rates: Rates,
    pub orders: OrderLimits,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

/// How often, at most. Further requests are answered with 429.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Sign-ins in all, in a second: each is a request to GoPay.
    pub sign_ins_per_second: NonZeroU32,
    /// Sign-ins from one address on the internet, in a minute. Many phones of one mobile network share
    /// an address.
    pub sign_ins_per_minute_per_client: NonZeroU32,
    /// Requests of one buyer, in a minute.
    pub requests_per_minute_per_buyer: NonZeroU32,
    /// Orders in all, in a second: each is a request to GoPay.
    pub orders_per_second: NonZeroU32,
}

const fn rate(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(rate) => rate,
        None => NonZeroU32::MIN,
    }
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            sign_ins_per_second: rate(50),
            sign_ins_per_minute_per_client: rate(120),
            requests_per_minute_per_buyer: rate(180),
            orders_per_second: rate(50),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 700,
            connections_per_client: 100,
            idle: Duration::from_secs(75),
            requests: 256,
            notifications: 128,
            rates: Rates::default(),
            orders: OrderLimits::default(),
            trusted_proxies: Vec::new(),
        }
    }
}

/// More than one machine does.
const MAX: u32 = 100_000;

pub(super) fn read(mut section: Section<'_>) -> Option<Limits> {
    let default = Limits::default();
    let mut limit = |key, default: u32| match section.number(key).map(u32::try_from) {
        None => Some(default),
        Some(Ok(number @ 1..=MAX)) => Some(number),
        Some(_) => {
            section.wrong(key, format!("must be 1 to {MAX}"));
            None
        }
    };
    let connections = limit("connections", default.connections);
    let connections_per_client = limit("connections_per_client", default.connections_per_client);
    let requests = limit("requests", default.requests);
    let notifications = limit("notifications", default.notifications);
    let open = limit("open_orders_per_buyer", default.orders.open);
    let per_hour = limit("orders_per_hour_per_buyer", default.orders.per_hour);
    let mut rate = |key, default: NonZeroU32| limit(key, default.get()).and_then(NonZeroU32::new);
    let rates = default.rates;
    let sign_ins_per_second = rate("sign_ins_per_second", rates.sign_ins_per_second);
    let sign_ins_per_minute_per_client = rate(
        "sign_ins_per_minute_per_client",
        rates.sign_ins_per_minute_per_client,
    );
    let requests_per_minute_per_buyer = rate(
        "requests_per_minute_per_buyer",
        rates.requests_per_minute_per_buyer,
    );
    let orders_per_second = rate("orders_per_second", rates.orders_per_second);
    let idle = idle(&mut section, default.idle);
    let trusted_proxies = trusted_proxies(&mut section);
    section.finish();
    Some(Limits {
        connections: connections?,
        connections_per_client: connections_per_client?,
        idle: idle?,
        requests: requests?,
        notifications: notifications?,
        rates: Rates {
            sign_ins_per_second: sign_ins_per_second?,
            sign_ins_per_minute_per_client: sign_ins_per_minute_per_client?,
            requests_per_minute_per_buyer: requests_per_minute_per_buyer?,
            orders_per_second: orders_per_second?,
        },
        orders: OrderLimits {
            open: open?,
            per_hour: per_hour?,
        },
        trusted_proxies: trusted_proxies?,
    })
}

fn idle(section: &mut Section<'_>, default: Duration) -> Option<Duration> {
    let key = "idle_seconds";
    match section.number(key) {
        None => Some(default),
        Some(seconds @ 30..=3_600) => Some(Duration::from_secs(seconds)),
        Some(_) => {
            section.wrong(key, "must be 30 to 3600");
            None
        }
    }
}

fn trusted_proxies(section: &mut Section<'_>) -> Option<Vec<IpNet>> {
    let key = "trusted_proxies";
    let mut nets = Vec::new();
    let texts: Vec<String> = section.list(key).unwrap_or_default();
    for text in texts.iter().filter(|text| !text.is_empty()) {
        let net = (text.parse()).or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        match net {
            Ok(net) if net.prefix_len() == 0 => {
                let wrong = format!("{text:?} is everybody: write the addresses of your proxies");
                section.wrong(key, wrong);
                return None;
            }
            Ok(net) => nets.push(net),
            Err(_) => {
                section.wrong(
                    key,
                    format!("{text:?} is no address: write 10.0.0.7 or 10.0.0.0/8"),
                );
                return None;
            }
        }
    }
    Some(nets)
}
