//! Whether what GoPay sends to the merchant's public address comes through, with all that the
//! signature needs: proxies, firewalls and typing errors stand between.
//!
//! Nothing but GoPay can sign as GoPay, so what is sent has a false signature, and the proof is
//! that it is refused in the words in which only this merchant refuses one: that it was read
//! whole. Nothing is kept of it.

use crate::Config;
use gopay_protocol::{ServiceCode, header, message::Outcome, timestamp};
use jiff::Timestamp;
use reqwest::{Client, StatusCode, redirect::Policy};
use std::time::Duration;
use url::Url;

/// GoPay's own `[best-practices-to-handle-notification]`.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Why GoPay's notifications do not come through.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is nowhere said what the merchant is called.
    #[error("public_url: is missing; without it nobody knows where GoPay should call")]
    NoAddress,
    /// Nobody is there.
    #[error("nobody answers at {url}")]
    Silence {
        /// Where.
        url: Url,
        /// Why.
        source: reqwest::Error,
    },
    /// A header that GoPay sends is lost on the way.
    #[error(
        "at {0} this merchant answers, but a header is lost on the way: let X-TIMESTAMP and X-SIGNATURE through"
    )]
    Header(Url),
    /// Somebody else answers.
    #[error(
        "at {url} somebody else answers, with {status}: send it on to the merchant, and set notify_path to the path that GoPay calls"
    )]
    Elsewhere {
        /// Where.
        url: Url,
        /// What.
        status: StatusCode,
    },
}

/// Where GoPay calls.
pub fn url(config: &Config) -> Option<Url> {
    let mut url = config.public_url.clone()?;
    url.set_path(&config.notify_path);
    Some(url)
}

/// Sends what looks like a notification, and looks at the answer.
pub async fn ring(url: &Url) -> Result<(), Error> {
    let silence = |source| Error::Silence {
        url: url.clone(),
        source,
    };
    let http = Client::builder()
        .timeout(TIMEOUT)
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .map_err(silence)?;
    let answer = http
        .post(url.clone())
        .header("content-type", "application/json")
        .header(header::TIMESTAMP, timestamp::jakarta(Timestamp::now()))
        .header(header::SIGNATURE, "bm90IHNpZ25lZA==")
        .body("{}")
        .send()
        .await
        .map_err(silence)?;
    let status = answer.status();
    let outcome: Option<Outcome> = answer.json().await.ok();
    let code = outcome.map(|outcome| outcome.response_code);
    let of_ours = code.filter(|code| code.service == ServiceCode::Notify);
    match of_ours.map(|code| (code.http, code.case)) {
        Some((401, 0)) => Ok(()),
        Some((400, 2)) => Err(Error::Header(url.clone())),
        _ => Err(Error::Elsewhere {
            url: url.clone(),
            status,
        }),
    }
}
