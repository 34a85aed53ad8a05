//! Addresses, and what is written in the place of one: which of them are safe to use.

use super::{Environment, section::Section};
use crate::outbound_proxy::ProxyUrl;
use axum::http::HeaderValue;
use gopay_protocol::message::notify;
use url::{Host, Url};

/// Further sources for the page's Content-Security-Policy, by directive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CspExtra {
    pub connect: Vec<String>,
    pub frame: Vec<String>,
    pub img: Vec<String>,
    pub script: Vec<String>,
}

impl CspExtra {
    pub(super) fn read(mut section: Section<'_>) -> Self {
        let mut sources = |key| {
            let sources: Vec<String> = section.list(key).unwrap_or_default();
            for source in &sources {
                // A scheme allows every host there is; what scripts may be loaded from is named.
                let is_safe = is_host_source(source) || key != "script" && is_scheme(source);
                if !is_safe {
                    section.wrong(
                        key,
                        format!(
                            "{source:?} is no source: write https://host, https://*.host or, \
                             except for script, a scheme such as data:"
                        ),
                    );
                }
            }
            sources
        };
        let extra = Self {
            connect: sources("connect"),
            frame: sources("frame"),
            img: sources("img"),
            script: sources("script"),
        };
        section.finish();
        extra
    }
}

fn is_scheme(source: &str) -> bool {
    source.strip_suffix(':').is_some_and(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_lowercase())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b))
    })
}

fn is_host_source(source: &str) -> bool {
    let Some(rest) = source
        .strip_prefix("https://")
        .or_else(|| source.strip_prefix("wss://"))
    else {
        return false;
    };
    let (host, port) = match rest.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (rest, None),
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    is_host_name(host.strip_prefix("*.").unwrap_or(host)) && port.is_none_or(is_port)
}

/// A name with a dot, in small letters, as browsers write it.
fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(is_label)
        // Not an address in numbers.
        && text.rsplit('.').next().is_some_and(|last| last.contains(|c: char| c.is_alphabetic()))
}

pub(super) fn host_names(section: &mut Section<'_>, key: &'static str) -> Vec<String> {
    let hosts: Vec<String> = section.list(key).unwrap_or_default();
    for host in &hosts {
        if !is_host_name(host) {
            section.wrong(
                key,
                format!("{host:?} is no host name: write app.gopay.example, without https://"),
            );
        }
    }
    hosts
}

pub(super) fn proxy(section: &mut Section<'_>, key: &'static str) -> Option<ProxyUrl> {
    let url = section.optional_url(key)?;
    let is_proxy = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none();
    if !is_proxy {
        section.wrong(
            key,
            "must be http://host:port or https://host:port, with user:password@ before the host \
             where the proxy asks for them",
        );
        return None;
    }
    Some(ProxyUrl::new(url))
}

/// Which host goes with which environment is fixed, so that the credentials of one cannot reach
/// another; the simulator's hosts are this machine.
pub(super) fn of_gopay(
    section: &mut Section<'_>,
    key: &'static str,
    host: Option<&str>,
) -> Option<Url> {
    let url = section.required_url(key)?;
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
        && url
            .path()
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~/".contains(&b));
    let wrong = match host {
        None if !is_loopback(&url) => {
            "must be on this machine where the simulator is GoPay".to_owned()
        }
        Some(host)
            if url.scheme() != "https" || url.host_str() != Some(host) || url.port().is_some() =>
        {
            format!("must begin with https://{host}/ in this environment")
        }
        // The SDK's stands in a header, where a semicolon would end what it is part of.
        _ if !is_plain => {
            "must be a plain address, without a password, a question mark or anything after one"
                .to_owned()
        }
        _ => return Some(url),
    };
    section.wrong(key, wrong);
    None
}

pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// What the buyer's browser calls the shop; `Some(None)` where it is not said.
pub(super) fn public(
    section: &mut Section<'_>,
    environment: Option<Environment>,
) -> Option<Option<Url>> {
    let key = "public_url";
    if !section.has(key) {
        return Some(None);
    }
    let url = section.optional_url(key)?;
    let may_be_plain = environment != Some(Environment::Production) && is_loopback(&url);
    let wrong = if url.scheme() != "https" && !may_be_plain {
        "must be https"
    } else if !url.username().is_empty() || url.password().is_some() {
        "must not hold a password"
    } else if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        "must end after the host: the shop is at the root of its address"
    } else {
        return Some(Some(url));
    };
    section.wrong(key, wrong);
    None
}

/// GoPay's dashboard takes its beginning, and GoPay appends the rest `[payment-notification-api]`.
pub(super) fn notify_path(section: &mut Section<'_>) -> Option<String> {
    let key = "notify_path";
    let Some(path) = section.optional::<String>(key) else {
        return Some(notify::PATH.to_owned());
    };
    // Other characters mean something to the router, or are written differently by proxies.
    let is_plain = |segment: &str| {
        !matches!(segment, "" | "." | "..")
            && segment
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
    };
    let segments = path.strip_prefix('/').map(|path| path.split('/'));
    let is_path = segments.is_some_and(|mut segments| segments.all(is_plain));
    if !is_path || !path.ends_with("/debit/notify") {
        section.wrong(
            key,
            "must be a path that begins with / and ends with /debit/notify, as GoPay calls it, \
             of letters, digits, -, ., _ and ~",
        );
        return None;
    }
    Some(path)
}

/// `null` is what pages without an address, such as those from files, write into `Origin`, and
/// so can any site. It opens nothing: from a package's origin only a bearer token counts,
/// which no other page has, and never the cookie, which the browser would send by itself.
pub(super) fn package_origin(section: &Section<'_>, text: &str) -> Option<HeaderValue> {
    let is_origin = Url::parse(text).is_ok_and(|url| {
        (url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url))
            && url.origin().ascii_serialization() == text
            // A URL's host may hold a star; here it would look like a pattern and match nothing.
            && !text.contains('*')
    });
    match HeaderValue::from_str(text) {
        Ok(value) if is_origin || text == "null" => Some(value),
        _ => {
            section.wrong(
                "package_origins",
                format!(
                    "{text:?} is no origin: write https://host, as the browser does, without a \
                     path, or null"
                ),
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_scheme_or_a_host_and_nothing_that_ends_a_directive() {
        for source in [
            "https://a.example",
            "https://a.example:8443",
            "https://*.a.example",
            "wss://a.example",
        ] {
            assert!(is_host_source(source), "{source}");
        }
        for source in [
            "",
            "*",
            "https:",
            "https://",
            "https://*",
            "https://a",
            "https://a.example/",
            "https://a.example;script-src",
            "https://a.example https://b.example",
            "https://a.example,b",
            "https://A.example",
            "https://a.example:",
            "https://a.example:0",
            "https://a.example:99999",
            "https://a.*.example",
            "https://a..example",
            "https://-a.example",
            "http://a.example",
            "https://10.0.0.1",
            "'unsafe-inline'",
        ] {
            assert!(!is_host_source(source), "{source}");
        }
        for scheme in ["data:", "blob:", "gopay:"] {
            assert!(is_scheme(scheme), "{scheme}");
        }
        for scheme in [":", "data", "Data:", "1a:", "a b:", "'self':", "data:;"] {
            assert!(!is_scheme(scheme), "{scheme}");
        }
    }
}
