//! Requests to the merchant's own API. In the first line `order`, `session` or `report` for a body, `key`, `path`
//! or `forwarded` for the value of a header or a path.

use crate::split_line;
use contract::{IDEMPOTENCY_KEY, MAX_QUANTITY, OpenSession, PlaceOrder, Rupiah};
use merchant::{
    adapters::http::parsers,
    domain::{
        catalogue::{Catalogue, QuoteError},
        time::Timestamp,
    },
};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::{net::IpAddr, sync::OnceLock};

const SHOP: &str = include_str!("../../../tests/fixtures/shop.toml");

pub(crate) fn run(input: &[u8]) {
    let Some((kind, rest)) = split_line(input) else {
        return;
    };
    match kind {
        "order" => check_order(rest),
        "session" => check_session(rest),
        "report" => check_report(rest),
        "key" => check_key(rest),
        "path" => check_path(rest),
        "forwarded" => check_forwarded(rest),
        _ => {}
    }
}

/// What an order costs comes from the catalogue, whatever the request says.
fn check_order(body: &[u8]) {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    let catalogue = CATALOGUE.get_or_init(|| Catalogue::parse(SHOP).unwrap());
    let Ok(mut order) = serde_json::from_slice::<PlaceOrder>(body) else {
        return;
    };
    let written = serde_json::to_vec(&order).unwrap();
    assert_eq!(
        serde_json::from_slice::<PlaceOrder>(&written).unwrap(),
        order
    );
    // A later app sends the total that it is answered with.
    if let Err(QuoteError::PriceChanged { now }) = catalogue.quote(&order, Timestamp::EPOCH) {
        order.expected_total = now;
    }
    let Ok(quote) = catalogue.quote(&order, Timestamp::EPOCH) else {
        return;
    };
    let lines = quote.lines.iter().map(|line| {
        let mut products = catalogue.products().iter();
        let product = products.find(|it| it.id == line.product).unwrap();
        assert_eq!(line.price, product.price);
        assert!(!product.sold_out && line.quantity.get() <= MAX_QUANTITY);
        line.price.times(line.quantity).unwrap()
    });
    let full = Rupiah::sum(lines).unwrap();
    let off = quote.discount.map_or(0, |discount| discount.amount.get());
    assert_eq!(quote.total.get() + off, full.get());
    assert!((1..=Rupiah::MAX_PAYMENT.get()).contains(&quote.total.get()));
    assert_eq!(quote.total, order.expected_total);
}

fn check_session(body: &[u8]) {
    if let Ok(session) = serde_json::from_slice::<OpenSession>(body) {
        let written = serde_json::to_vec(&session).unwrap();
        assert!(serde_json::from_slice::<OpenSession>(&written).unwrap() == session);
        assert_eq!(
            format!("{session:?}"),
            "OpenSession { auth_code: [redacted] }"
        );
    }
}

/// A report is a few short words in the log. Its first line is the browser's name for itself.
fn check_report(input: &[u8]) {
    let Some((agent, body)) = split_line(input) else {
        return;
    };
    let Ok(body) = serde_json::from_slice(body) else {
        return;
    };
    let reports = parsers::reports(&body, agent);
    assert!(reports.len() <= 8);
    for text in reports.iter().flatten() {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:/_-".contains(&byte);
        assert!(text.len() <= 80 && text.bytes().all(is_plain), "{text:?}");
        assert!(!text.contains('?') && !text.contains('@'), "{text:?}");
    }
}

/// Each line is a header of its own.
fn headers(name: &'static str, input: &[u8]) -> Option<HeaderMap> {
    let name = HeaderName::from_static(name);
    let mut headers = HeaderMap::new();
    for line in input.split(|byte| *byte == b'\n') {
        headers.append(&name, HeaderValue::from_bytes(line).ok()?);
    }
    Some(headers)
}

/// A key is the header as it came.
fn check_key(input: &[u8]) {
    let Some(headers) = headers(IDEMPOTENCY_KEY, input) else {
        return;
    };
    let key = parsers::idempotency_key(&headers);
    if let Some(key) = &key {
        assert_eq!(key.as_str().as_bytes(), input);
        assert!((1..=128).contains(&input.len()));
        assert!(input.iter().all(u8::is_ascii_graphic));
    }
}

/// A file that is looked for is below the bundle, and is one that a page may load.
fn check_path(input: &[u8]) {
    let Ok(path) = std::str::from_utf8(input) else {
        return;
    };
    if let Some(file) = parsers::file(path) {
        assert!(file.split('/').all(|part| !part.starts_with('.')), "{file}");
        // The folder is served without the slashes before a path.
        assert_ne!(file.trim_start_matches('/'), "sizes.json");
        assert!(!file.contains('%'), "{file}");
        assert!(!file.ends_with(".br") && !file.ends_with(".gz"), "{file}");
    }
}

/// Only what a trusted proxy writes names a client, and a client is one machine or network of the internet.
fn check_forwarded(input: &[u8]) {
    let Some(headers) = headers("x-forwarded-for", input) else {
        return;
    };
    let proxies = ["192.0.2.0/24".parse().unwrap()];
    let client =
        parsers::client_address("198.51.100.7:1".parse().unwrap(), headers.clone(), &proxies);
    assert_eq!(
        client,
        Some("198.51.100.7".parse().unwrap()),
        "a client named itself"
    );
    let client = parsers::client_address("192.0.2.1:1".parse().unwrap(), headers, &proxies);
    if let Some(client) = client {
        assert!(!client.is_loopback());
        let is_private = match client {
            IpAddr::V4(client) => client.is_private() || client.octets()[..3] == [192, 0, 2],
            IpAddr::V6(client) => client.to_bits() << 64 != 0,
        };
        assert!(!is_private, "{client}");
    }
}
