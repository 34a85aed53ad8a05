//! The webhook to the shop's own systems about a paid order, as
//! [Standard Webhooks](https://www.standardwebhooks.com) describes it.
//!
//! `webhook-id` is the fulfilment's id and the same on every try: the receiver acts on the first one and
//! answers any later one with a 2xx as well.
//!
//! Invariant: nothing here names the buyer. Redirects are not followed, answers not read.
//!
//! Not here: when to try.

mod signing_secret;

pub use signing_secret::{SigningSecret, SigningSecretError};

use crate::{
    domain::{fulfilment::LeasedFulfilment, retry, time::Timestamp},
    key_ring::KeyRing,
    outbound_proxy::{self, ProxyUrl},
};
use contract::{Discount, OrderId, OrderLine, Rupiah, UnixTime};
use reqwest::{Client, StatusCode};
use serde::Serialize;
use std::time::Duration;
use url::Url;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const TIMEOUT: Duration = retry::TRY_TIMEOUT;

/// Why a webhook may not have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("not reached")]
    NotReached,
    /// It may have arrived.
    #[error("no answer")]
    NoAnswer,
    #[error("{}", .0.as_u16())]
    Refused(StatusCode),
    /// Its body cannot be written.
    #[error("not sent")]
    NotSent,
}

/// Speaks to one address.
#[derive(Debug)]
pub struct WebhookClient {
    http: Client,
    url: Url,
    keys: KeyRing<SigningSecret>,
}

/// The body, as Standard Webhooks lays it out.
#[derive(Serialize)]
struct Message<'a> {
    r#type: &'static str,
    timestamp: String,
    data: PaidOrder<'a>,
}

#[derive(Serialize)]
struct PaidOrder<'a> {
    fulfilment_id: &'a str,
    order_id: &'a OrderId,
    mini_app: &'a str,
    pickup_code: &'a str,
    lines: &'a [OrderLine],
    total: Rupiah,
    /// The lines cost as much more.
    #[serde(skip_serializing_if = "Option::is_none")]
    discount: Option<&'a Discount>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<&'a str>,
    paid_at: UnixTime,
}

impl WebhookClient {
    /// A client that follows no redirect and gives up in time.
    pub fn new(
        url: Url,
        keys: KeyRing<SigningSecret>,
        proxy_url: Option<&ProxyUrl>,
    ) -> Result<Self, reqwest::Error> {
        let builder = outbound_proxy::client(proxy_url)?
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT);
        Ok(Self {
            http: builder.build()?,
            url,
            keys,
        })
    }

    /// Sends the webhook of a paid order; any 2xx acknowledges it.
    pub async fn send(
        &self,
        fulfilment: &LeasedFulfilment,
        now: Timestamp,
    ) -> Result<StatusCode, Error> {
        let id = &fulfilment.fulfilment_id;
        let body = body(fulfilment).ok_or(Error::NotSent)?;
        let timestamp = now.as_seconds().0;
        let keys = self.keys.iter();
        let signatures: Vec<String> = keys
            .map(|key| key.sign(id.as_str(), timestamp, &body))
            .collect();
        let answer = self
            .http
            .post(self.url.clone())
            .header("content-type", "application/json")
            .header("webhook-id", id.as_str())
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures.join(" "))
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
fn body(fulfilment: &LeasedFulfilment) -> Option<String> {
    let paid_at = jiff::Timestamp::try_from(fulfilment.paid_at).ok()?;
    let message = Message {
        r#type: "order.paid",
        timestamp: paid_at.to_string(),
        data: PaidOrder {
            fulfilment_id: fulfilment.fulfilment_id.as_str(),
            order_id: &fulfilment.order.id,
            mini_app: fulfilment.order.mini_app.as_str(),
            pickup_code: &fulfilment.pickup_code,
            lines: &fulfilment.order.lines,
            total: fulfilment.order.total,
            discount: fulfilment.order.discount.as_ref(),
            table: fulfilment.order.table.as_deref(),
            paid_at: fulfilment.paid_at.as_seconds(),
        },
    };
    serde_json::to_string(&message).ok()
}
