//! The line to the merchant's own systems: tells them of paid orders, as
//! [Standard Webhooks](https://www.standardwebhooks.com) describes it.
//!
//! `webhook-id` is the fulfilment's id and the same on every try: whoever receives it acts on
//! the first one and answers any later one with a 2xx as well.
//!
//! Invariant: nothing here names the buyer. Redirects are not followed, answers not read.
//!
//! Not here: when to try.

use crate::{config::ProxyUrl, outbox, store::Errand};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use contract::{OrderLine, Rupiah, UnixTime};
use gopay_protocol::Confidential;
use reqwest::{Client, StatusCode, redirect::Policy};
use serde::Serialize;
use std::{fmt, time::Duration};
use url::Url;
use zeroize::Zeroizing;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = Duration::from_millis(outbox::PATIENCE.unsigned_abs());

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// Signs what is said to the merchant's own systems.
pub struct HookKey(hmac::Key);

/// Not a secret of the form that Standard Webhooks asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not `whsec_` and 24 to 64 bytes in base64; `openssl rand -base64 32` makes such bytes")]
pub struct HookKeyError;

impl HookKey {
    /// Reads `whsec_...`.
    pub fn parse(secret: &Confidential) -> Result<Self, HookKeyError> {
        let text = secret.expose().trim().strip_prefix(PREFIX);
        text.and_then(|text| STANDARD.decode(text).map(Zeroizing::new).ok())
            .filter(|bytes| (24..=64).contains(&bytes.len()))
            .map(|bytes| Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
            .ok_or(HookKeyError)
    }

    /// The value of `webhook-signature`. `timestamp` is in unix seconds.
    pub fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let signed = hmac::sign(&self.0, format!("{id}.{timestamp}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(signed))
    }
}

impl fmt::Debug for HookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HookKey([redacted])")
    }
}

/// Why the merchant's own systems may not know of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nobody is there.
    #[error("not reached")]
    NotReached,
    /// It may have been heard.
    #[error("no answer")]
    NoAnswer,
    /// Not a 2xx.
    #[error("{}", .0.as_u16())]
    Refused(StatusCode),
    /// It cannot be put into words.
    #[error("not sent")]
    NotSent,
}

/// Speaks to one address.
#[derive(Debug)]
pub struct Hook {
    http: Client,
    url: Url,
    key: HookKey,
}

/// What is said, as Standard Webhooks lays it out.
#[derive(Serialize)]
struct Message<'a> {
    r#type: &'static str,
    timestamp: String,
    data: PaidOrder<'a>,
}

#[derive(Serialize)]
struct PaidOrder<'a> {
    fulfilment_id: &'a str,
    order_id: &'a str,
    pickup_code: &'a str,
    lines: &'a [OrderLine],
    total: Rupiah,
    paid_at: UnixTime,
}

impl Hook {
    /// A line that follows no redirect and gives up in time.
    pub fn new(
        url: Url,
        key: HookKey,
        proxy_url: Option<&ProxyUrl>,
    ) -> Result<Self, reqwest::Error> {
        let builder = Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .no_proxy();
        let builder = match proxy_url {
            Some(url) => builder.proxy(url.proxy()?),
            None => builder,
        };
        Ok(Self {
            http: builder.build()?,
            url,
            key,
        })
    }

    /// Tells of a paid order; any 2xx is its receipt. `now` is in unix milliseconds.
    pub async fn tell(&self, errand: &Errand, now: i64) -> Result<StatusCode, Error> {
        let id = &errand.fulfilment_id;
        let body = body(errand).ok_or(Error::NotSent)?;
        let timestamp = now.div_euclid(1000);
        let answer = self
            .http
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", self.key.sign(id, timestamp, &body))
            .body(body)
            .send()
            .await
            .map_err(|error| match error.is_connect() {
                true => Error::NotReached,
                false => Error::NoAnswer,
            })?;
        match answer.status() {
            status if status.is_success() => Ok(status),
            status => Err(Error::Refused(status)),
        }
    }
}

/// The same on every try.
fn body(errand: &Errand) -> Option<String> {
    let paid_at = jiff::Timestamp::from_millisecond(errand.paid_at).ok()?;
    let message = Message {
        r#type: "order.paid",
        timestamp: paid_at.to_string(),
        data: PaidOrder {
            fulfilment_id: &errand.fulfilment_id,
            order_id: &errand.order.id,
            pickup_code: &errand.pickup_code,
            lines: &errand.order.lines,
            total: errand.order.total,
            paid_at: UnixTime(errand.paid_at.div_euclid(1000)),
        },
    };
    serde_json::to_string(&message).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str) -> Result<HookKey, HookKeyError> {
        HookKey::parse(&Confidential::new(secret))
    }

    /// The example that the implementations of Standard Webhooks share, confirmed with OpenSSL.
    #[test]
    fn a_signature_is_what_others_make_of_the_same() {
        let signature = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n")
            .unwrap()
            .sign(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#,
            );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_of_another_form_is_refused_and_never_shown() {
        for wrong in [
            "",
            "whsec_",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_MfKQ9r8GKYqrTwjU",
            "whsec_not base64 but long enough to be a secret",
        ] {
            assert_eq!(key(wrong).err(), Some(HookKeyError), "{wrong}");
        }
        let shown = format!("{:?}", key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
        assert!(!shown.contains("MfKQ"), "{shown}");
    }
}
