//! HTTP clients of other hosts, and the proxy on their way.

use reqwest::{Client, ClientBuilder, Proxy, redirect::Policy};
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
}

/// A client that follows no redirect, and sends all its requests through the proxy, where there is one.
/// Variables such as `HTTPS_PROXY` are not read.
pub(crate) fn client(proxy_url: Option<&ProxyUrl>) -> Result<ClientBuilder, reqwest::Error> {
    let builder = Client::builder().redirect(Policy::none()).no_proxy();
    Ok(match proxy_url {
        Some(ProxyUrl(url)) => builder.proxy(Proxy::all(url.clone())?),
        None => builder,
    })
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyUrl([redacted])")
    }
}
