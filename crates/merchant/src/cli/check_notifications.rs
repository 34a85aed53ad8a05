//! Whether what GoPay sends to the merchant's public address comes through, with all that the
//! signature needs: proxies, firewalls and typing errors stand between.
//!
//! Only GoPay can sign as GoPay, so the probe has a false signature. Its proof is that it is refused
//! in the words in which only this merchant refuses one: it was read whole. Nothing is kept of it.
//!
//! Not here: what stands between GoPay and this network's own entrance. A probe from inside may
//! pass where one from outside does not.

use crate::adapters::http::notification::PROBE_SIGNATURE;
use gopay_protocol::{Meaning, ResponseCode, ServiceCode, header, message::Outcome, timestamp};
use jiff::Timestamp;
use reqwest::{Client, StatusCode, redirect::Policy};
use std::{error::Error as _, iter, time::Duration};
use url::Url;

/// User agents of senders of notifications, some of which firewalls refuse.
///
/// Unverified: which of them GoPay is; no page says it.
const USER_AGENTS: [&str; 3] = [
    "Jakarta Commons-HttpClient/3.1",
    "Go-http-client/1.1",
    "Java/17",
];

/// GoPay's own `[best-practices-to-handle-notification]`.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Why GoPay's notifications do not come through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is nowhere said what the merchant is called.
    #[error("public_url: is missing; without it nobody knows where GoPay should call")]
    NoAddress,
    #[error("nobody answers at {url}")]
    Silence { url: Url, source: reqwest::Error },
    /// Browsers and GoPay would refuse it too.
    #[error(
        "{url} has a certificate that is not accepted: renew it, serve the whole chain, and see that its name fits"
    )]
    Certificate { url: Url, source: reqwest::Error },
    /// Some senders do not come through.
    #[error(
        "at {url} this merchant answers, but something on the way refuses senders by what they call themselves: {refused}; let every User-Agent through to this path"
    )]
    Senders {
        url: Url,
        /// Which, and with what.
        refused: String,
    },
    /// A header that GoPay sends is lost on the way.
    #[error(
        "at {0} this merchant answers, but a header is lost on the way: let X-TIMESTAMP and X-SIGNATURE through"
    )]
    Header(Url),
    #[error(
        "at {url} somebody else answers, with {status}: send it on to the merchant, and set notify_path to the path that GoPay calls"
    )]
    Elsewhere { url: Url, status: StatusCode },
}

/// Sends it under the user agent of each sender.
pub async fn probe(url: &Url) -> Result<(), Error> {
    probe_as(url, None).await?;
    let mut refused = Vec::new();
    for agent in USER_AGENTS {
        if let Err(error) = probe_as(url, Some(agent)).await {
            refused.push(match error {
                Error::Elsewhere { status, .. } => format!("{agent} with {}", status.as_u16()),
                Error::Silence { .. } => format!("{agent} with no answer"),
                error => format!("{agent}: {error}"),
            });
        }
    }
    match refused.as_slice() {
        [] => Ok(()),
        refused => Err(Error::Senders {
            url: url.clone(),
            refused: refused.join(", "),
        }),
    }
}

/// Sends the form of a notification and reads the answer.
async fn probe_as(url: &Url, agent: Option<&'static str>) -> Result<(), Error> {
    let silence = |source: reqwest::Error| match is_about_certificate(&source) {
        true => Error::Certificate {
            url: url.clone(),
            source,
        },
        false => Error::Silence {
            url: url.clone(),
            source,
        },
    };
    let http = Client::builder()
        .timeout(TIMEOUT)
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .map_err(silence)?;
    let request = http
        .post(url.clone())
        .header("content-type", "application/json")
        .header(header::TIMESTAMP, timestamp::format_wib(Timestamp::now()))
        .header(header::SIGNATURE, PROBE_SIGNATURE)
        .body("{}");
    let request = match agent {
        Some(agent) => request.header("user-agent", agent),
        None => request,
    };
    let answer = request.send().await.map_err(silence)?;
    let status = answer.status();
    let outcome: Option<Outcome> = answer.json().await.ok();
    let code = outcome.map(|outcome| outcome.response_code);
    let of_ours = code.filter(|code| code.service == ServiceCode::Notify);
    match of_ours.map(ResponseCode::meaning) {
        Some(Meaning::Unauthorized) => Ok(()),
        Some(Meaning::InvalidField) => Err(Error::Header(url.clone())),
        _ => Err(Error::Elsewhere {
            url: url.clone(),
            status,
        }),
    }
}

/// The TLS library's errors are not ours to name; its words are.
fn is_about_certificate(error: &reqwest::Error) -> bool {
    let causes = iter::successors(error.source(), |&cause| cause.source());
    causes
        .map(ToString::to_string)
        .any(|cause| cause.contains("certificate"))
}
