//! Which client a request comes from.
//!
//! Invariant: an address that a client writes itself is never believed.

use axum::http::{Extensions, request::Parts};
use ipnet::IpNet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Where a connection comes from: a client, or a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peer(pub(super) SocketAddr);

/// `None` where it is not known: behind a proxy of this network that is not named in the
/// configuration, or where a trusted one says nothing that can be read. Such a request is limited as part of
/// all only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClientAddress(pub(super) Option<IpAddr>);

impl ClientAddress {
    pub(super) fn of(parts: &Parts, trusted_proxies: &[IpNet]) -> Self {
        let Some(Peer(peer)) = parts.extensions.get::<Peer>() else {
            return Self(None);
        };
        let lines = parts.headers.get_all("x-forwarded-for").iter();
        // The last entry is the proxy's own word.
        let entries = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
        let client = client(peer.ip(), entries.collect(), trusted_proxies);
        Self(client.and_then(|address| single_client(address, trusted_proxies)))
    }
}

/// The nearest address that no trusted proxy has.
fn client(peer: IpAddr, forwarded: Vec<&[u8]>, trusted_proxies: &[IpNet]) -> Option<IpAddr> {
    let mut address = peer;
    for entry in forwarded.into_iter().rev() {
        if !is_trusted(address, trusted_proxies) {
            break;
        }
        address = read(entry)?;
    }
    (!is_trusted(address, trusted_proxies)).then_some(address)
}

fn is_trusted(address: IpAddr, trusted_proxies: &[IpNet]) -> bool {
    let address = address.to_canonical();
    trusted_proxies.iter().any(|net| net.contains(&address))
}

/// An address as proxies write it, some of them with its port.
fn read(entry: &[u8]) -> Option<IpAddr> {
    let entry = std::str::from_utf8(entry).ok()?.trim();
    let bare = entry
        .strip_prefix('[')
        .and_then(|entry| entry.strip_suffix(']'));
    let address = bare.unwrap_or(entry).parse();
    address
        .ok()
        .or_else(|| Some(entry.parse::<SocketAddr>().ok()?.ip()))
}

/// Whether the connection is one of a proxy that the configuration names.
pub(super) fn is_from_trusted_proxy(extensions: &Extensions, trusted_proxies: &[IpNet]) -> bool {
    let peer = extensions.get::<Peer>();
    peer.is_some_and(|Peer(peer)| is_trusted(peer.ip(), trusted_proxies))
}

/// The client that an address stands for, if it stands for one.
pub(super) fn single_client(address: IpAddr, trusted_proxies: &[IpNet]) -> Option<IpAddr> {
    let is_one = is_single(address) && !is_trusted(address, trusted_proxies);
    is_one.then(|| network_of(address))
}

/// Whether an address counts as one client. Others are of this machine or this network, where a
/// proxy stands for everybody.
fn is_single(address: IpAddr) -> bool {
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
        let forwarded = forwarded.iter().map(|entry| entry.as_bytes()).collect();
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
            // With a port, as some proxies write it.
            (
                "10.0.0.7",
                &[" 198.51.100.1:5000"],
                &proxy,
                Some("198.51.100.1"),
            ),
            (
                "10.0.0.7",
                &["[2001:db8::1]:443"],
                &proxy,
                Some("2001:db8::1"),
            ),
            ("10.0.0.7", &["[2001:db8::1]"], &proxy, Some("2001:db8::1")),
        ] {
            let seen = seen(peer, forwarded, trusted);
            assert_eq!(seen.as_deref(), client, "{peer} {forwarded:?}");
        }
    }

    /// Whatever a client writes before it.
    #[test]
    fn a_proxys_own_word_counts_beside_what_cannot_be_read() {
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let peer = "10.0.0.7".parse().unwrap();
        let entries: Vec<&[u8]> = vec![b"9.9.9.9", b"\xff", b" 198.51.100.1"];
        let seen = client(peer, entries, &trusted);
        assert_eq!(seen, Some("198.51.100.1".parse().unwrap()));
        assert_eq!(client(peer, vec![b"9.9.9.9", b"\xff"], &trusted), None);
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
