//! Holding, repeating and forging notifications.

use super::ControlError;
use crate::{
    app_state::AppState,
    faults::{FaultError, FaultKind},
    gopay_state::GoPayState,
    host::Host,
    input::{Input, PathParameters},
    ledger::{Event, Nature},
    notification::{self, Message, Style},
    notifier::{self, MerchantAnswer},
    outbox::NotificationMode,
    payments::Payment,
    transaction,
};
use axum::{Json, extract::State};
use gopay_protocol::{Amount, LatestTransactionStatus, header};
use jiff::SignedDuration;
use reqwest::header::{HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModeChoice {
    mode: NotificationMode,
}

/// `PUT /control/notifications {"mode": "send" | "withhold" | "delay"}`
pub(crate) async fn mode(State(state): State<Arc<AppState>>, Input(choice): Input<ModeChoice>) {
    state.write(|gopay| gopay.notification_mode = choice.mode);
    state.notifications_settled().await;
}

/// `POST /control/notifications/release`: sends what was delayed.
pub(crate) async fn release(State(state): State<Arc<AppState>>) {
    state.write(|gopay| gopay.outbox.release());
    state.notifications_settled().await;
}

/// How a genuine notification differs from the one that GoPay would send now.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Repeat {
    /// A status other than the payment's, as if out of order.
    status: Option<LatestTransactionStatus>,
    /// The amount, in rupiah, of a refund that is in the refund history only.
    refunded: Option<u64>,
    /// The amount is optional `[payment-notification-api]`.
    without_amount: bool,
    /// The age of the signature.
    seconds_old: u32,
    /// The MID of another merchant.
    merchant_id: Option<String>,
    /// Another `X-PARTNER-ID`; no signature covers it.
    partner_id: Option<String>,
    /// The ids of a payment that does not exist.
    unknown_order: bool,
    /// An odd shape, by the name of its fault.
    #[serde(rename = "do")]
    shape: Option<FaultKind>,
    key: KeyChoice,
}

/// The key of GoPay's that signs a notification.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeyChoice {
    #[default]
    Current,
    /// Announced, and not in use yet.
    Next,
}

impl Repeat {
    /// Whether it changes what only BI-SNAP's form has.
    fn is_bi_snap(&self) -> bool {
        let plain = Self {
            status: self.status.clone(),
            ..Self::default()
        };
        *self != plain
    }

    fn body(
        &self,
        gopay: &GoPayState,
        payment: &Payment,
        status: &LatestTransactionStatus,
    ) -> Value {
        let mut body = notification::body(Style::of(gopay), payment, status);
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
        if let Some(shape) = self.shape {
            shape.reshape(&mut body);
        }
        body
    }
}

/// `POST /control/notifications/{id}/repeat [{"status": "03", ...}]`: sends a genuine
/// notification once, whatever the mode. Returns the merchant's answer.
pub(crate) async fn repeat(
    State(state): State<Arc<AppState>>,
    PathParameters(id): PathParameters<String>,
    Input(repeat): Input<Repeat>,
) -> Result<Json<Value>, ControlError> {
    if let Some(shape) = repeat.shape.filter(|shape| !shape.is_shape()) {
        return Err(FaultError::Shape(shape).into());
    }
    let key = match repeat.key {
        KeyChoice::Current => state.first_key(),
        KeyChoice::Next => state.next_key().map_err(|_| ControlError::Unsigned)?,
    };
    let (reference_no, message, status) = state.read(|gopay| {
        let payment = gopay.payments.find(&id)?;
        let reference_no = payment.reference_no.clone();
        let status = repeat
            .status
            .clone()
            .unwrap_or_else(|| payment.status_shown(gopay.refund_behaviour.status));
        if notification::is_classic(gopay, payment) {
            if repeat.is_bi_snap() {
                return Err(ControlError::ClassicForm);
            }
            let message = notification::genuine(&state, gopay, payment, &status)
                .map_err(|_| ControlError::Unsigned)?;
            return Ok((reference_no, message, status));
        }
        let body = repeat.body(gopay, payment, &status);
        let signed_at = gopay.now() - SignedDuration::from_secs(repeat.seconds_old.into());
        let merchant = gopay.merchants.of(payment.merchant);
        let style = Style::of(gopay);
        let (timestamp, signature) =
            notification::sign(key, merchant, style, &style.signed(&body), signed_at)
                .map_err(|_| ControlError::Unsigned)?;
        let body = style.sent(&body);
        let external_id = style.external_id(&gopay.ids, payment);
        let mut message = notification::message(
            merchant,
            style,
            &external_id,
            body,
            &timestamp,
            Some(&signature),
        );
        if let Some(partner_id) = &repeat.partner_id {
            let partner_id =
                HeaderValue::from_str(partner_id).map_err(|_| ControlError::PartnerId)?;
            message.headers.insert(header::PARTNER_ID, partner_id);
        }
        Ok::<_, ControlError>((reference_no, message, status))
    })?;
    Ok(send(&state, reference_no, status, Nature::Repeated, message).await)
}

/// An exchange of `GET /control/exchanges?secrets=show`, as far as it is sent again.
#[derive(Debug, Deserialize)]
pub(crate) struct Recorded {
    line: String,
    request: RecordedRequest,
    response: Option<RecordedResponse>,
}

#[derive(Debug, Deserialize)]
struct RecordedRequest {
    headers: Vec<(String, String)>,
    body: String,
}

#[derive(Debug, Deserialize)]
struct RecordedResponse {
    status: u16,
}

/// `POST /control/notifications/replay [...]`: sends the notifications among recorded exchanges again, byte for byte and
/// one after the other. Returns what the merchant answers to each, and what it answered then.
pub(crate) async fn replay(
    State(state): State<Arc<AppState>>,
    Input(recorded): Input<Vec<Recorded>>,
) -> Json<Value> {
    let mut answers = Vec::new();
    for Recorded {
        request, response, ..
    } in recorded.into_iter().filter(|it| it.line == "notification")
    {
        let message = state.read(|gopay| {
            let headers = request.headers.iter().filter_map(|(name, value)| {
                let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
                Some((name, HeaderValue::from_str(value).ok()?))
            });
            let headers: reqwest::header::HeaderMap = headers.collect();
            let merchant = merchant_in(&request.body);
            let merchant = gopay
                .merchants
                .named(merchant.as_deref())
                .unwrap_or_default();
            Message {
                url: notification::url(gopay.merchants.of(merchant)),
                headers,
                body: request.body.clone(),
            }
        });
        let (_, answer) = notifier::post(&state, message).await;
        answers.push(json!({
            "then": response.map(|response| response.status),
            "now": answer.outcome(),
        }));
    }
    Json(answers.into())
}

/// The merchant id of a notification in any of its forms.
fn merchant_in(body: &str) -> Option<String> {
    let mut fields: Value = serde_json::from_str(body).ok()?;
    if let Value::String(text) = &fields {
        fields = serde_json::from_str(text).ok()?;
    }
    let names = ["merchantId", "merchant_id"];
    let id = names.iter().find_map(|name| fields[*name].as_str())?;
    Some(id.to_owned())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forge {
    r#ref: String,
    how: Forgery,
    /// The claimed status; `00` without it.
    status: Option<LatestTransactionStatus>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Forgery {
    Unsigned,
    /// Signed with a key that is not GoPay's.
    ForeignKey,
    /// Signed by GoPay, then given another status.
    Tampered,
}

/// `POST /control/notifications/forge {"ref": ..., "how": "unsigned" | "foreign_key" |
/// "tampered", "status": "00"}`: sends a notification that is not GoPay's. Returns the merchant's
/// answer.
pub(crate) async fn forge(
    State(state): State<Arc<AppState>>,
    Input(forge): Input<Forge>,
) -> Result<Json<Value>, ControlError> {
    let status = forge.status.unwrap_or(LatestTransactionStatus::Success);
    let foreign_key = state.foreign_key().map_err(|_| ControlError::Unsigned)?;
    let (reference_no, message) = state.read(|gopay| {
        let payment = gopay.payments.find(&forge.r#ref)?;
        let reference_no = payment.reference_no.clone();
        if notification::is_classic(gopay, payment) {
            let message = forge_classic(&state, gopay, payment, forge.how, &status);
            return Ok((reference_no, message));
        }
        let merchant = gopay.merchants.of(payment.merchant);
        let style = Style::of(gopay);
        let body = notification::body(style, payment, &status);
        let (key, signed) = match forge.how {
            Forgery::Tampered => {
                let key = state.gopay_key().map_err(|_| ControlError::Unsigned)?;
                (key, original(gopay, payment, &status))
            }
            Forgery::Unsigned | Forgery::ForeignKey => (foreign_key, body.clone()),
        };
        let (timestamp, signature) =
            notification::sign(key, merchant, style, &style.signed(&signed), gopay.now())
                .map_err(|_| ControlError::Unsigned)?;
        let signature = (forge.how != Forgery::Unsigned).then_some(signature.as_str());
        let body = style.sent(&body);
        let external_id = style.external_id(&gopay.ids, payment);
        let message =
            notification::message(merchant, style, &external_id, body, &timestamp, signature);
        Ok::<_, ControlError>((reference_no, message))
    })?;
    Ok(send(&state, reference_no, status, Nature::Forged, message).await)
}

/// A tampered notification has a genuine signature that verifies: it does not cover the status.
fn forge_classic(
    state: &AppState,
    gopay: &GoPayState,
    payment: &Payment,
    how: Forgery,
    claimed: &LatestTransactionStatus,
) -> Message {
    let keys = state.exchanged();
    let server_keys = &keys.of(payment.merchant).server_keys;
    let own = server_keys.of(payment.host);
    let other = match payment.host {
        Host::Production => server_keys.of(Host::Sandbox),
        Host::Sandbox => server_keys.of(Host::Production),
    };
    let mut body = match how {
        Forgery::Tampered => transaction::notification(payment, &other_than(claimed), own),
        Forgery::Unsigned | Forgery::ForeignKey => {
            transaction::notification(payment, claimed, other)
        }
    };
    match how {
        Forgery::Tampered => {
            let claimed = transaction::transaction(payment, claimed);
            body["transaction_status"] = claimed["transaction_status"].clone();
        }
        Forgery::Unsigned => body["signature_key"] = Value::Null,
        Forgery::ForeignKey => {}
    }
    notification::classic_message(gopay.merchants.of(payment.merchant), &body)
}

fn other_than(claimed: &LatestTransactionStatus) -> LatestTransactionStatus {
    match claimed {
        LatestTransactionStatus::Pending => LatestTransactionStatus::Canceled,
        _ => LatestTransactionStatus::Pending,
    }
}

/// The body that GoPay signed before its status was replaced by `claimed`.
fn original(gopay: &GoPayState, payment: &Payment, claimed: &LatestTransactionStatus) -> Value {
    notification::body(Style::of(gopay), payment, &other_than(claimed))
}

async fn send(
    state: &Arc<AppState>,
    reference_no: String,
    status: LatestTransactionStatus,
    nature: Nature,
    message: Message,
) -> Json<Value> {
    let (_, answer) = notifier::post(state, message).await;
    state.write(|gopay| {
        gopay.record(Event::NotificationTried {
            reference_no,
            attempt: 0,
            latest_transaction_status: status.into(),
            nature,
            answer: answer.outcome(),
        });
    });
    Json(match answer {
        MerchantAnswer::Answered { http_status, body } => {
            json!({"http_status": http_status, "body": body})
        }
        MerchantAnswer::None(why) => json!({"error": why}),
    })
}
