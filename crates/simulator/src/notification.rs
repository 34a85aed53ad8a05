//! The messages of `POST {merchant}/v1.0/debit/notify` `[payment-notification-api]`, and Midtrans' HTTP
//! notification of a Snap transaction `[handle-notifications]`.

use crate::{
    app_state::AppState,
    checkout::{
        CheckoutSettings, NotificationBody, NotificationFields, NotificationId, NotificationTime,
        SnapNotification,
    },
    gopay_state::GoPayState,
    id::Ids,
    merchants::Merchant,
    payments::{Payment, PaymentState},
    refunds::{self, HistorySpelling, history},
    transaction,
};
use gopay_protocol::{
    Amount, KeyError, LatestTransactionStatus, SigningKey, header,
    message::notify::PATH,
    signature::{body_hash, notification_string_to_sign},
    timestamp::format_wib,
};
use jiff::Timestamp;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use url::Url;

/// A request to the merchant, ready to send.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// How notifications are written, where GoPay's pages disagree.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Style {
    checkout: CheckoutSettings,
    spelling: HistorySpelling,
}

impl Style {
    /// As the switches say.
    pub(crate) fn of(gopay: &GoPayState) -> Self {
        Self {
            checkout: gopay.checkout,
            spelling: gopay.refund_behaviour.spelling,
        }
    }

    /// The body as it is sent.
    pub(crate) fn sent(self, body: &Value) -> String {
        written(body, self.checkout.notification_body)
    }

    /// A new `X-EXTERNAL-ID`, of a notification of this payment.
    pub(crate) fn external_id(self, ids: &Ids, payment: &Payment) -> String {
        match self.checkout.notification_id {
            NotificationId::Numeric => ids.numeric_notification_id(&payment.reference_no),
            NotificationId::Uuid => ids.uuid_notification_id(&payment.reference_no),
        }
    }

    /// The body as it is hashed for the signature.
    pub(crate) fn signed(self, body: &Value) -> String {
        let form = match self.checkout.notification_body {
            NotificationBody::Compact | NotificationBody::Pretty | NotificationBody::Escaped => {
                NotificationBody::Compact
            }
            NotificationBody::Text => NotificationBody::Text,
        };
        written(body, form)
    }
}

/// The notification's documented fields; `status` may differ from the payment's own.
pub(crate) fn body(style: Style, payment: &Payment, status: &LatestTransactionStatus) -> Value {
    let history = history(&payment.refunds, style.spelling);
    let mut additional_info = json!({"refundHistory": history});
    if !payment.refunds.is_empty() {
        let total = refunds::total(&payment.refunds);
        additional_info["totalRefundAmount"] = json!(Amount::idr(total));
    }
    if *status != LatestTransactionStatus::Pending {
        additional_info["userPaymentDetails"] = user_payment_details(payment);
    }
    let mut body = json!({
        "createdTime": format_wib(payment.created_at),
        "latestTransactionStatus": status.code(),
        "transactionStatusDesc": description(status),
        "originalReferenceNo": payment.reference_no,
        "originalPartnerReferenceNo": payment.partner_reference_no,
        "originalExternalId": payment.external_id,
        "merchantId": payment.merchant_id,
        "amount": payment.amount,
        "additionalInfo": additional_info,
    });
    if let (LatestTransactionStatus::Success, PaymentState::Settled { at, .. }) =
        (status, payment.state)
    {
        body["finishedTime"] = json!(format_wib(at));
    }
    if style.checkout.notification_fields == NotificationFields::Sample
        && let Some(fields) = body.as_object_mut()
    {
        fields.remove("amount");
        let order = json!(payment.partner_reference_no);
        fields.insert("originalExternalId".to_owned(), order);
    }
    body
}

fn written(body: &Value, form: NotificationBody) -> String {
    match form {
        NotificationBody::Compact => body.to_string(),
        NotificationBody::Pretty => format!("{body:#}"),
        NotificationBody::Escaped => escaped(&body.to_string()),
        NotificationBody::Text => Value::String(body.to_string()).to_string(),
    }
}

/// The escapes of PHP and of .NET: of slashes, plus signs, and all beyond ASCII. None of these is part of JSON's own
/// syntax but the plus sign of an exponent, which no body has.
fn escaped(body: &str) -> String {
    let mut escaped = String::with_capacity(body.len());
    for character in body.chars() {
        match character {
            '/' => escaped.push_str("\\/"),
            character if character == '+' || !character.is_ascii() => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    escaped.push_str(&format!("\\u{unit:04x}"));
                }
            }
            character => escaped.push(character),
        }
    }
    escaped
}

/// The notification of a payment as GoPay sends it now.
pub(crate) fn genuine(
    state: &AppState,
    gopay: &GoPayState,
    payment: &Payment,
    status: &LatestTransactionStatus,
) -> Result<Message, KeyError> {
    let merchant = gopay.merchants.of(payment.merchant);
    if is_classic(gopay, payment) {
        let keys = state.exchanged();
        let server_key = keys.of(payment.merchant).server_keys.of(payment.host);
        let body = transaction::notification(payment, status, server_key);
        return Ok(classic_message(merchant, &body));
    }
    let style = Style::of(gopay);
    let body = body(style, payment, status);
    let (key, signed) = (state.gopay_key()?, style.signed(&body));
    let (timestamp, signature) = sign(key, merchant, style, &signed, gopay.now())?;
    let body = style.sent(&body);
    let external_id = style.external_id(&gopay.ids, payment);
    Ok(message(
        merchant,
        style,
        &external_id,
        body,
        &timestamp,
        Some(&signature),
    ))
}

/// Whether this payment is notified in the form of Snap's other pages.
pub(crate) fn is_classic(gopay: &GoPayState, payment: &Payment) -> bool {
    let is_chosen = gopay.checkout.snap_notification == SnapNotification::Classic;
    is_chosen && payment.snap().is_some()
}

/// Unverified: the path where the merchant has given an origin; the mini-app page names it for Snap.
pub(crate) fn classic_message(merchant: &Merchant, body: &Value) -> Message {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Message {
        url: url(merchant),
        headers,
        body: body.to_string(),
    }
}

/// Docs disagree: the dashboard has the whole address `[https-notification-webhooks]`, or a base to which the
/// path is appended `[payment-notification-api]`, which on one page ends in `/1.0`. An address with a path is
/// whole here; an origin gets the path.
pub(crate) fn url(merchant: &Merchant) -> Url {
    let mut url = merchant.notify.clone();
    if url.path() == "/" {
        url.set_path(PATH);
    }
    url
}

/// `userPaymentDetails` `[payment-notification-api]`.
pub(crate) fn user_payment_details(payment: &Payment) -> Value {
    json!([{"payMethod": "GOPAY", "payOption": payment.paid_with}])
}

/// `SUCCESS` is from the documented sample; Unverified: the other words.
fn description(status: &LatestTransactionStatus) -> &'static str {
    match status {
        LatestTransactionStatus::Success => "SUCCESS",
        LatestTransactionStatus::Initiated => "INITIATED",
        LatestTransactionStatus::Pending => "PENDING",
        LatestTransactionStatus::Refunded => "REFUNDED",
        LatestTransactionStatus::Canceled => "CANCELED",
        LatestTransactionStatus::Failed => "FAILED",
        LatestTransactionStatus::NotFound => "NOT FOUND",
        LatestTransactionStatus::Expired => "EXPIRED",
        LatestTransactionStatus::Rejected => "REJECTED",
        LatestTransactionStatus::Other(_) => "UNKNOWN",
    }
}

/// The text of `now`, and the signature over it, `signed` and the path of the merchant's address.
pub(crate) fn sign(
    key: &SigningKey,
    merchant: &Merchant,
    style: Style,
    signed: &str,
    now: Timestamp,
) -> Result<(String, String), KeyError> {
    let timestamp = match style.checkout.notification_time {
        NotificationTime::Jakarta => format_wib(now),
        NotificationTime::Utc => format!("{now:.3}"),
        NotificationTime::Epoch => now.as_millisecond().to_string(),
    };
    let hash = body_hash(signed.as_bytes());
    let string = notification_string_to_sign(url(merchant).path(), &hash, &timestamp);
    Ok((timestamp, key.sign(&string)?))
}

/// Unverified: `X-PARTNER-ID` is the merchant's choice at GoPay, and empty in the sample;
/// `CHANNEL-ID` is in the sample only.
pub(crate) fn message(
    merchant: &Merchant,
    style: Style,
    external_id: &str,
    body: String,
    timestamp: &str,
    signature: Option<&str>,
) -> Message {
    let partner_id = match style.checkout.notification_fields {
        NotificationFields::Table => merchant.account.partner_id.as_str(),
        NotificationFields::Sample => "",
    };
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, text) in [
        (header::TIMESTAMP, Some(timestamp)),
        (header::SIGNATURE, signature),
        (header::PARTNER_ID, Some(partner_id)),
        (header::EXTERNAL_ID, Some(external_id)),
        (header::CHANNEL_ID, Some("12345")),
    ] {
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(text).ok()) {
            headers.insert(name, value);
        }
    }
    Message {
        url: url(merchant),
        headers,
        body,
    }
}
