//! Holding, repeating and forging notifications.

use super::Problem;
use crate::{
    ledger::{Event, Nature},
    notification::{self, Message},
    notifier::{self, Reply},
    outbox::Mode,
    payments::{ActError, Payment},
    refunds::Spelling,
    shared::Shared,
    world::World,
};
use axum::{
    Json,
    extract::{Path, State},
};
use gopay_protocol::{Amount, LatestTransactionStatus, header};
use jiff::SignedDuration;
use reqwest::header::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chosen {
    mode: Mode,
}

/// `PUT /control/notifications {"mode": "send" | "withhold" | "delay"}`
pub(crate) async fn mode(State(shared): State<Arc<Shared>>, Json(chosen): Json<Chosen>) {
    shared.write(|world| world.mode = chosen.mode);
    shared.settled().await;
}

/// `POST /control/notifications/release`: what was delayed goes out.
pub(crate) async fn release(State(shared): State<Arc<Shared>>) {
    shared.write(|world| world.outbox.release());
    shared.settled().await;
}

/// A genuine notification, in every respect as GoPay would send it now, or not quite.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Repeat {
    /// Another status than the payment's: it comes out of order.
    status: Option<LatestTransactionStatus>,
    /// So many rupiah went back, of which only the refund history tells.
    refunded: Option<u64>,
    /// The amount is optional `[payment-notification-api]`.
    without_amount: bool,
    /// Signed so long ago.
    seconds_old: u32,
    /// The MID of another merchant.
    merchant_id: Option<String>,
    /// Another `X-PARTNER-ID`; no signature covers it.
    partner_id: Option<String>,
    /// About a payment that nobody asked for.
    unknown_order: bool,
    /// With which of GoPay's keys it is signed.
    key: Key,
}

/// One of GoPay's keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Key {
    #[default]
    Current,
    /// The one that GoPay will sign with some day.
    Next,
}

impl Repeat {
    fn body(
        &self,
        payment: &Payment,
        status: &LatestTransactionStatus,
        spelling: Spelling,
    ) -> Value {
        let mut body = notification::body(payment, status, spelling);
        if self.without_amount
            && let Some(fields) = body.as_object_mut()
        {
            fields.remove("amount");
        }
        if let Some(rupiah) = self.refunded {
            body["additionalInfo"]["refundHistory"] = json!([{
                "refundNo": "1",
                "refundStatus": "00",
                "refundAmount": Amount::idr(rupiah),
            }]);
        }
        if let Some(merchant_id) = &self.merchant_id {
            body["merchantId"] = json!(merchant_id);
        }
        if self.unknown_order {
            for name in [
                "originalReferenceNo",
                "originalPartnerReferenceNo",
                "originalExternalId",
            ] {
                body[name] = json!(format!("unknown-{name}"));
            }
        }
        body
    }
}

/// `POST /control/notifications/{reference_no}/repeat [{"status": "03", ...}]`: sends a genuine
/// notification once, whatever the mode. What the merchant answered.
pub(crate) async fn repeat(
    State(shared): State<Arc<Shared>>,
    Path(reference_no): Path<String>,
    repeat: Option<Json<Repeat>>,
) -> Result<Json<Answered>, Problem> {
    let repeat = repeat.map(|Json(repeat)| repeat).unwrap_or_default();
    let key = match repeat.key {
        Key::Current => &shared.keys.gopay,
        Key::Next => shared.next_key().map_err(|_| Problem::Unsigned)?,
    };
    let (message, status) = shared.read(|world| {
        let payment = find(world, &reference_no)?;
        let status = repeat
            .status
            .clone()
            .unwrap_or_else(|| payment.latest_transaction_status());
        let body = repeat
            .body(payment, &status, world.refunds.history)
            .to_string();
        let signed_at = world.now() - SignedDuration::from_secs(repeat.seconds_old.into());
        let (timestamp, signature) =
            notification::sign(key, &body, signed_at).map_err(|_| Problem::Unsigned)?;
        let notify = &world.merchant.notify;
        let mut message = notification::message(notify, body, &timestamp, Some(&signature));
        if let Some(partner_id) = &repeat.partner_id {
            let partner_id = HeaderValue::from_str(partner_id).map_err(|_| Problem::PartnerId)?;
            message.headers.insert(header::PARTNER_ID, partner_id);
        }
        Ok::<_, Problem>((message, status))
    })?;
    Ok(send(&shared, reference_no, status, Nature::Repeated, message).await)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forge {
    r#ref: String,
    how: How,
    /// What it claims: `00` unless it says otherwise.
    status: Option<LatestTransactionStatus>,
}

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    /// No `X-SIGNATURE`.
    Unsigned,
    /// Signed with a key that is not GoPay's.
    ForeignKey,
    /// Signed by GoPay, then given another status.
    Tampered,
}

/// `POST /control/notifications/forge {"ref": ..., "how": "unsigned" | "foreign_key" |
/// "tampered", "status": "00"}`: sends a notification that GoPay did not make. What the
/// merchant answered.
pub(crate) async fn forge(
    State(shared): State<Arc<Shared>>,
    Json(forge): Json<Forge>,
) -> Result<Json<Answered>, Problem> {
    let status = forge.status.unwrap_or(LatestTransactionStatus::Success);
    let foreign_key = shared.foreign_key().map_err(|_| Problem::Unsigned)?;
    let message = shared.read(|world| {
        let payment = find(world, &forge.r#ref)?;
        let spelling = world.refunds.history;
        let body = notification::body(payment, &status, spelling).to_string();
        let (key, signed) = match forge.how {
            How::Tampered => (&shared.keys.gopay, honest(payment, &status, spelling)),
            How::Unsigned | How::ForeignKey => (foreign_key, body.clone()),
        };
        let (timestamp, signature) =
            notification::sign(key, &signed, world.now()).map_err(|_| Problem::Unsigned)?;
        let signature = (forge.how != How::Unsigned).then_some(signature.as_str());
        let notify = &world.merchant.notify;
        Ok::<_, Problem>(notification::message(notify, body, &timestamp, signature))
    })?;
    Ok(send(&shared, forge.r#ref, status, Nature::Forged, message).await)
}

/// What GoPay signed before somebody put `claimed` into it.
fn honest(payment: &Payment, claimed: &LatestTransactionStatus, spelling: Spelling) -> String {
    let other = match claimed {
        LatestTransactionStatus::Pending => LatestTransactionStatus::Canceled,
        _ => LatestTransactionStatus::Pending,
    };
    notification::body(payment, &other, spelling).to_string()
}

fn find<'a>(world: &'a World, reference_no: &str) -> Result<&'a Payment, ActError> {
    world.payments.get(reference_no).ok_or(ActError::Unknown)
}

/// What the merchant answered.
#[derive(Debug, Serialize)]
pub(crate) struct Answered {
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

async fn send(
    shared: &Shared,
    reference_no: String,
    status: LatestTransactionStatus,
    nature: Nature,
    message: Message,
) -> Json<Answered> {
    let reply = notifier::post(&shared.http, message).await;
    shared.write(|world| {
        world.record(Event::NotificationTried {
            reference_no,
            attempt: 0,
            latest_transaction_status: status.into(),
            nature,
            answer: reply.in_short(),
        });
    });
    Json(match reply {
        Reply::Answered { http_status, body } => Answered {
            http_status: Some(http_status),
            body: Some(body),
            error: None,
        },
        Reply::None(why) => Answered {
            http_status: None,
            body: None,
            error: Some(why),
        },
    })
}
