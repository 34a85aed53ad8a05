//! A proxy on the way out.

use reqwest::Proxy;
use std::fmt;
use url::Url;

/// A proxy on the way out. It may hold a user name and a password, which are never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl(Url);

impl ProxyUrl {
    /// A proxy at this address.
    pub const fn new(url: Url) -> Self {
        Self(url)
    }

    /// For an HTTP client, which sends all its requests through it.
    pub fn proxy(&self) -> Result<Proxy, reqwest::Error> {
        Proxy::all(self.0.clone())
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyUrl([redacted])")
    }
}
