//! What the operator of a merchant sees of it.

use super::section::Section;
use serde::Deserialize;
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operations {
    /// Where metrics and readiness are served, to the operator only.
    pub admin_listen: Option<SocketAddr>,
    /// `None`: text on a terminal, JSON elsewhere.
    pub log_format: Option<LogFormat>,
    /// Of an OpenTelemetry collector that takes traces as JSON over HTTP.
    pub otlp_endpoint: Option<Url>,
    /// For how long due work may wait before the merchant is not ready.
    pub queue_max_age: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line that people read.
    Text,
    /// An object in each line.
    Json,
}

impl Default for Operations {
    fn default() -> Self {
        Self {
            admin_listen: None,
            log_format: None,
            otlp_endpoint: None,
            queue_max_age: Duration::from_mins(5),
        }
    }
}

pub(super) fn read(root: &mut Section<'_>) -> Option<Operations> {
    let admin_listen = admin_listen(root);
    let log_format = root.optional_or_absent("log_format");
    let otlp_endpoint = root.optional_url("otlp_endpoint");
    if otlp_endpoint.is_some() && !cfg!(feature = "otel") {
        root.wrong(
            "otlp_endpoint",
            "is for a merchant that is built with `--features otel`: leave it out, or build it so",
        );
        return None;
    }
    let key = "queue_max_age_seconds";
    let queue_max_age = match root.number(key) {
        None => Some(Operations::default().queue_max_age),
        Some(seconds @ 10..=86_400) => Some(Duration::from_secs(seconds)),
        Some(_) => {
            root.wrong(key, "must be 10 to 86400");
            None
        }
    };
    Some(Operations {
        admin_listen: admin_listen?,
        log_format: log_format?,
        otlp_endpoint,
        queue_max_age: queue_max_age?,
    })
}

/// `Some(None)` where nothing is served to operators.
fn admin_listen(root: &mut Section<'_>) -> Option<Option<SocketAddr>> {
    let is_public_meant = root.flag("admin_listen_publicly").unwrap_or_default();
    let key = "admin_listen";
    let address: Option<SocketAddr> = root.optional_or_absent(key)?;
    if let Some(address) = address
        && !is_public_meant
        && !is_inward(address.ip())
    {
        root.wrong(
            key,
            "can be reached from outside, and shows how the shop runs to whoever asks: write an \
             address of this machine or its network, such as 127.0.0.1:9091, or \
             admin_listen_publicly = true where a firewall keeps others away",
        );
        return None;
    }
    Some(address)
}

/// Whether an address is of this machine or of a private network only. 0.0.0.0 is every address there is.
fn is_inward(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback() || address.is_private() || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_others_reach_is_not_inward() {
        for (address, inward) in [
            ("127.0.0.1", true),
            ("10.1.2.3", true),
            ("192.168.0.1", true),
            ("::1", true),
            ("fd00::1", true),
            ("::ffff:10.0.0.1", true),
            ("0.0.0.0", false),
            ("::", false),
            ("203.0.113.7", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_inward(address.parse().unwrap()), inward, "{address}");
        }
    }
}
