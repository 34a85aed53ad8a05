//! What reads bytes of clients and of GoPay, without a server: for `crates/fuzz`.

use super::{
    assets::asset_route::AssetRoute,
    client_address::{ClientAddress, Peer},
    client_report, extract, notification as notifications,
};
use axum::http::{HeaderMap, Request};
use contract::IdempotencyKey;
use gopay_protocol::message::notify::Notification;
use ipnet::IpNet;
use serde_json::Value;
use std::net::{IpAddr, SocketAddr};

/// What a notification says, where it names a payment.
pub fn notification(body: &[u8]) -> Option<Notification> {
    notifications::parse(body)
}

/// The `Idempotency-Key` of a request, where it has one that counts.
pub fn idempotency_key(headers: &HeaderMap) -> Option<IdempotencyKey> {
    extract::idempotency_key(headers)
}

/// What the log says of the reports in a body: kind, place, engine and build.
pub fn reports(body: &Value, agent: &str) -> Vec<[String; 4]> {
    let reports = client_report::read(body, agent).into_iter();
    reports.map(client_report::Report::into_texts).collect()
}

/// Whether a path is looked for on disk: `None` for a page of the app and for what is not served.
pub fn file(path: &str) -> Option<&str> {
    matches!(
        AssetRoute::parse(path),
        AssetRoute::File | AssetRoute::Hashed
    )
    .then_some(path)
}

/// The client behind these proxies, by its connection and its headers.
pub fn client_address(
    peer: SocketAddr,
    headers: HeaderMap,
    trusted_proxies: &[IpNet],
) -> Option<IpAddr> {
    let (mut parts, ()) = Request::new(()).into_parts();
    parts.headers = headers;
    parts.extensions.insert(Peer(peer));
    ClientAddress::of(&parts, trusted_proxies).0
}
