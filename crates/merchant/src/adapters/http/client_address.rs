//! Which client a request comes from.
//!
//! Invariant: an address that a client writes itself is never believed.

use axum::http::request::Parts;
use ipnet::IpNet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Where a connection comes from: a client, or a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peer(pub(super) SocketAddr);

/// `None` where it is not known: behind a proxy of this network that is not named in the
/// configuration, or before any network. Such a request is limited as part of all only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClientAddress(pub(super) Option<IpAddr>);

impl ClientAddress {
    pub(super) fn of(parts: &Parts, trusted_proxies: &[IpNet]) -> Self {
        let Some(Peer(peer)) = parts.extensions.get::<Peer>() else {
            return Self(None);
        };
        let forwarded = parts.headers.get_all("x-forwarded-for").iter();
        // The last entry is the proxy's own word.
        let forwarded: Vec<&str> = forwarded
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        let client = client(peer.ip(), &forwarded, trusted_proxies);
        Self(client.filter(|address| is_single(*address)).map(network_of))
    }
}

/// The nearest address that no trusted proxy has.
fn client(peer: IpAddr, forwarded: &[&str], trusted_proxies: &[IpNet]) -> Option<IpAddr> {
    let is_trusted = |address: IpAddr| {
        let address = address.to_canonical();
        trusted_proxies.iter().any(|net| net.contains(&address))
    };
    let mut address = peer;
    for entry in forwarded.iter().rev() {
        if !is_trusted(address) {
            break;
        }
        address = entry.parse().ok()?;
    }
    (!is_trusted(address)).then_some(address)
}

/// Whether an address counts as one client. Others are of this machine or this network, where a
/// proxy stands for everybody.
pub(super) fn is_single(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            !(address.is_loopback() || address.is_private() || address.is_link_local())
        }
        IpAddr::V6(address) => {
            !(address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local())
        }
    }
}

/// A client of IPv6 has a whole network of addresses.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let bits = address.to_bits() & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from_bits(bits))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> Option<String> {
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        let client = client(peer.parse().unwrap(), forwarded, &trusted);
        client.map(|address| address.to_string())
    }

    #[test]
    fn only_a_trusted_proxy_says_who_the_client_is() {
        let proxy = ["10.0.0.0/8"];
        for (peer, forwarded, trusted, client) in [
            // Without a proxy the header is the client's own.
            (
                "203.0.113.7",
                &["198.51.100.1"][..],
                &[][..],
                Some("203.0.113.7"),
            ),
            (
                "203.0.113.7",
                &["198.51.100.1"],
                &proxy,
                Some("203.0.113.7"),
            ),
            ("10.0.0.7", &["198.51.100.1"], &proxy, Some("198.51.100.1")),
            // What the client wrote before it reached the proxy.
            (
                "10.0.0.7",
                &["9.9.9.9", "198.51.100.1"],
                &proxy,
                Some("198.51.100.1"),
            ),
            (
                "10.0.0.7",
                &["198.51.100.1", "10.9.9.9"],
                &proxy,
                Some("198.51.100.1"),
            ),
            ("10.0.0.7", &[], &proxy, None),
            ("10.0.0.7", &["10.0.0.8"], &proxy, None),
            ("10.0.0.7", &["unknown"], &proxy, None),
            (
                "::ffff:10.0.0.7",
                &["2001:db8::1"],
                &proxy,
                Some("2001:db8::1"),
            ),
            ("10.0.0.7", &["198.51.100.1"], &[], Some("10.0.0.7")),
        ] {
            let seen = seen(peer, forwarded, trusted);
            assert_eq!(seen.as_deref(), client, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn a_proxy_of_this_machine_or_network_is_no_single_client() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.2",
            "::1",
            "fd00::1",
            "fe80::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(!is_single(address.parse().unwrap()), "{address}");
        }
        for address in [
            "203.0.113.7",
            "100.64.0.1",
            "2001:db8::1",
            "::ffff:203.0.113.7",
        ] {
            assert!(is_single(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_are_one_client() {
        let network = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2:3::4"), network("2001:db8:1:2::"));
        assert_ne!(network("2001:db8:1:3::4"), network("2001:db8:1:2::"));
        assert_eq!(network("::ffff:203.0.113.7"), network("203.0.113.7"));
    }
}
