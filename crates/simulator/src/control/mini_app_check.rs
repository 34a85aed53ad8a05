//! `GET /control/mini-apps/{id}/check`: why a mini app does not load in the phone.

use super::ControlError;
use crate::{
    app_state::AppState,
    input::PathParameters,
    notifier::{causes, tls_error},
    origin_guard::is_localhost,
};
use axum::{
    Json,
    extract::State,
    http::{
        HeaderMap,
        header::{ACCEPT, CONTENT_SECURITY_POLICY, HOST, LOCATION, X_FRAME_OPTIONS},
    },
};
use reqwest::{Client, Response};
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use url::{Origin, Url};

/// A developer waits for the answer before an empty frame.
const TIMEOUT: Duration = Duration::from_secs(4);
const MAX_REDIRECTS: usize = 5;
/// The script element of the SDK is among the first of a page.
const MAX_PAGE_BYTES: usize = 1024 * 1024;
/// The path of the SDK, at GoPay and at the simulator.
const SDK: &str = "/sdk/stable/gp-container";
/// GoPay's own SDK does nothing outside GoPay.
const GOPAY_SDK: &str = "gwk.gopayapi.com/sdk/";

/// What the check found first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
enum Finding {
    Fine,
    NoServer,
    UntrustedCertificate {
        reason: String,
    },
    NoResponse {
        reason: String,
    },
    RedirectElsewhere {
        to: String,
    },
    ErrorStatus {
        status: u16,
    },
    FramingForbidden {
        header: String,
    },
    /// The page may still add the script element later.
    NoSdk,
}

#[derive(Debug, Serialize)]
pub(crate) struct Check {
    address: Url,
    /// The origin that frames the mini app.
    phone: String,
    #[serde(flatten)]
    finding: Finding,
}

pub(crate) async fn check(
    State(state): State<Arc<AppState>>,
    PathParameters(id): PathParameters<String>,
    headers: HeaderMap,
) -> Result<Json<Check>, ControlError> {
    let address = state.read(|gopay| {
        let app = gopay.mini_apps.named(Some(&id))?;
        Ok::<_, ControlError>(app.address.clone())
    })?;
    let phone = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .and_then(|host| Url::parse(&format!("http://{host}")).ok())
        .map(|phone| phone.origin())
        .ok_or(ControlError::NoHost)?;
    let finding = match find(&state.http(), &address, &phone).await {
        Ok(finding) | Err(finding) => finding,
    };
    let phone = phone.ascii_serialization();
    Ok(Json(Check {
        address,
        phone,
        finding,
    }))
}

async fn find(http: &Client, address: &Url, phone: &Origin) -> Result<Finding, Finding> {
    let mut page = load(http, address).await?;
    if page.status().is_client_error() || page.status().is_server_error() {
        let status = page.status().as_u16();
        return Err(Finding::ErrorStatus { status });
    }
    if let Some(header) = forbids_framing(page.headers(), &address.origin(), phone) {
        return Err(Finding::FramingForbidden { header });
    }
    let mut body = Vec::new();
    while let Some(part) = page.chunk().await.map_err(|error| failure(&error))? {
        body.extend_from_slice(&part);
        if body.len() > MAX_PAGE_BYTES {
            break;
        }
    }
    let body = String::from_utf8_lossy(&body);
    if body.contains(SDK) && !body.contains(GOPAY_SDK) {
        Ok(Finding::Fine)
    } else {
        Ok(Finding::NoSdk)
    }
}

/// Follows redirects within the origin, the only one that the phone frames.
async fn load(http: &Client, address: &Url) -> Result<Response, Finding> {
    let mut at = address.clone();
    for _ in 0..=MAX_REDIRECTS {
        let response = get(http, &at).await.map_err(|error| failure(&error))?;
        let location = response.headers().get(LOCATION);
        let location = location.and_then(|location| location.to_str().ok());
        let Some(location) = location.filter(|_| response.status().is_redirection()) else {
            return Ok(response);
        };
        at = at.join(location).map_err(|error| Finding::NoResponse {
            reason: format!("{location}: {error}"),
        })?;
        if at.origin() != address.origin() {
            return Err(Finding::RedirectElsewhere { to: at.into() });
        }
    }
    Err(Finding::NoResponse {
        reason: format!("more than {MAX_REDIRECTS} redirects"),
    })
}

async fn get(http: &Client, address: &Url) -> Result<Response, reqwest::Error> {
    let request = match below_localhost(address) {
        // A browser finds each name below localhost on this machine; a resolver may not.
        Some(host) => {
            let mut local = address.clone();
            let _ = local.set_host(Some("localhost"));
            http.get(local).header(HOST, host)
        }
        None => http.get(address.clone()),
    };
    let request = request.header(ACCEPT, "text/html,*/*;q=0.8");
    request.timeout(TIMEOUT).send().await
}

/// The `Host` of such an address; not of https, where the certificate is the name's.
fn below_localhost(address: &Url) -> Option<String> {
    let name = address.host_str()?;
    let is_below = address.scheme() == "http" && name != "localhost" && is_localhost(name);
    is_below.then(|| match address.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_owned(),
    })
}

fn failure(error: &reqwest::Error) -> Finding {
    let tls = tls_error(error);
    if let Some(tls @ rustls::Error::InvalidCertificate(_)) = tls {
        let reason = tls.to_string();
        return Finding::UntrustedCertificate { reason };
    }
    if error.is_connect() && tls.is_none() && !error.is_timeout() {
        return Finding::NoServer;
    }
    let reason = causes(error)
        .last()
        .map_or_else(String::new, ToString::to_string);
    Finding::NoResponse { reason }
}

/// The header that forbids `phone` to frame a page of `app`, with its value. `frame-ancestors` has
/// priority over `X-Frame-Options`.
fn forbids_framing(headers: &HeaderMap, app: &Origin, phone: &Origin) -> Option<String> {
    let values = |name| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|it| it.to_str().ok())
    };
    let mut directives = values(CONTENT_SECURITY_POLICY)
        .flat_map(|value| value.split(','))
        .filter_map(|policy| policy.split(';').find_map(frame_ancestors))
        .peekable();
    if directives.peek().is_some() {
        return directives
            .find(|sources| !sources.split_whitespace().any(|it| allows(it, app, phone)))
            .map(|sources| format!("Content-Security-Policy: frame-ancestors {sources}"));
    }
    values(X_FRAME_OPTIONS)
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .find(|value| {
            value.eq_ignore_ascii_case("deny")
                || value.eq_ignore_ascii_case("sameorigin") && app != phone
        })
        .map(|value| format!("X-Frame-Options: {value}"))
}

/// The sources of the directive, if it is that one.
fn frame_ancestors(directive: &str) -> Option<&str> {
    let directive = directive.trim();
    let (name, sources) = directive
        .split_once(char::is_whitespace)
        .unwrap_or((directive, ""));
    name.eq_ignore_ascii_case("frame-ancestors")
        .then(|| sources.trim())
}

/// Whether a source of `frame-ancestors` matches the phone's origin (CSP level 3, 6.7.2.8).
fn allows(source: &str, app: &Origin, phone: &Origin) -> bool {
    let Origin::Tuple(scheme, host, port) = phone else {
        return false;
    };
    let is_scheme = |wanted: &str| {
        wanted.eq_ignore_ascii_case(scheme)
            || wanted.eq_ignore_ascii_case("http") && scheme == "https"
    };
    match source {
        "*" => return true,
        _ if source.eq_ignore_ascii_case("'self'") => return app == phone,
        _ => {}
    }
    if let Some(wanted) = source.strip_suffix(':') {
        return is_scheme(wanted);
    }
    let (wanted, rest) = match source.split_once("://") {
        Some((wanted, rest)) => (wanted, rest),
        None => match app {
            Origin::Tuple(own, ..) => (own.as_str(), source),
            Origin::Opaque(_) => return false,
        },
    };
    let authority = rest.split('/').next().unwrap_or(rest);
    let (name, wanted_port) = match authority.rsplit_once(':') {
        Some((name, wanted_port)) => (name, Some(wanted_port)),
        None => (authority, None),
    };
    let host = host.to_string();
    let is_host = match name.strip_prefix('*') {
        Some(end) => host.ends_with(&end.to_ascii_lowercase()),
        None => name.eq_ignore_ascii_case(&host),
    };
    let is_port = match wanted_port {
        Some("*") => true,
        Some(wanted) => wanted.parse() == Ok(*port),
        None => *port == if scheme == "https" { 443 } else { 80 },
    };
    is_scheme(wanted) && is_host && is_port
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_of_frame_ancestors_matches_as_in_a_browser() {
        let origin = |address: &str| Url::parse(address).unwrap().origin();
        let (app, phone) = (
            origin("http://localhost:8080"),
            origin("http://localhost:9090"),
        );
        for source in [
            "*",
            "http:",
            "http://localhost:9090",
            "HTTP://LOCALHOST:9090/",
            "localhost:*",
            "localhost:9090",
            "*:9090",
        ] {
            assert!(allows(source, &app, &phone), "{source}");
        }
        for source in [
            "'none'",
            "'self'",
            "https:",
            "localhost",
            "http://localhost",
            "https://localhost:9090",
            "localhost:8080",
            "*.localhost:9090",
            "127.0.0.1:9090",
        ] {
            assert!(!allows(source, &app, &phone), "{source}");
        }
        let kopi = origin("http://kopi.localhost:9090");
        assert!(allows("*.localhost:9090", &app, &kopi));
        assert!(allows("'self'", &kopi, &kopi));
        // A page of http may be framed by one of https.
        let secure = origin("https://localhost:9090");
        assert!(allows("localhost:9090", &app, &secure));
        assert!(!allows("localhost:9090", &secure, &phone));
    }
}
