//! The messages of `POST {merchant}/v1.0/debit/notify` `[payment-notification-api]`, and Midtrans' HTTP
//! notification of a Snap transaction `[handle-notifications]`.

use crate::{
    app_state::AppState,
    checkout::SnapNotification,
    gopay_state::{GoPayState, Merchant},
    id,
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

/// The notification's documented fields; `status` may differ from the payment's own.
pub(crate) fn body(
    payment: &Payment,
    status: &LatestTransactionStatus,
    spelling: HistorySpelling,
) -> Value {
    let mut additional_info = json!({"refundHistory": history(&payment.refunds, spelling)});
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
    body
}

/// The notification of a payment as GoPay sends it now.
pub(crate) fn genuine(
    state: &AppState,
    gopay: &GoPayState,
    payment: &Payment,
    status: &LatestTransactionStatus,
) -> Result<Message, KeyError> {
    let merchant = &gopay.merchant;
    if is_classic(gopay, payment) {
        let keys = state.exchanged();
        let body = transaction::notification(payment, status, keys.server_keys.of(payment.host));
        return Ok(classic_message(merchant, &body));
    }
    let body = body(payment, status, gopay.refund_behaviour.spelling).to_string();
    let (timestamp, signature) = sign(state.gopay_key()?, merchant, &body, gopay.now())?;
    Ok(message(merchant, body, &timestamp, Some(&signature)))
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

/// The text of `now`, and the signature over it, `body` and the path of the merchant's address.
pub(crate) fn sign(
    key: &SigningKey,
    merchant: &Merchant,
    body: &str,
    now: Timestamp,
) -> Result<(String, String), KeyError> {
    let timestamp = format_wib(now);
    let string = notification_string_to_sign(
        url(merchant).path(),
        &body_hash(body.as_bytes()),
        &timestamp,
    );
    Ok((timestamp, key.sign(&string)?))
}

/// Unverified: `X-PARTNER-ID` is the merchant's choice at GoPay, and empty in the sample;
/// `CHANNEL-ID` is in the sample only.
pub(crate) fn message(
    merchant: &Merchant,
    body: String,
    timestamp: &str,
    signature: Option<&str>,
) -> Message {
    let external_id = id::numeric();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, text) in [
        (header::TIMESTAMP, Some(timestamp)),
        (header::SIGNATURE, signature),
        (
            header::PARTNER_ID,
            Some(merchant.account.partner_id.as_str()),
        ),
        (header::EXTERNAL_ID, Some(external_id.as_str())),
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
