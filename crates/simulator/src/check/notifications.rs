//! The notifications that attacks send: GoPay's own, changed in one way each.

use crate::{
    app_state::AppState,
    gopay_state::GoPayState,
    merchants::Merchant,
    notification::{self, Message, Style},
    payments::Payment,
};
use gopay_protocol::{
    KeyError, LatestTransactionStatus, SigningKey, header,
    message::{notify::RETRY_MINUTES, status},
};
use jiff::{SignedDuration, Timestamp};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};

pub(super) type Build = fn(&MessageBuilder<'_>) -> Result<Vec<Message>, KeyError>;

/// Makes notifications of one payment.
pub(super) struct MessageBuilder<'a> {
    state: &'a AppState,
    merchant: Merchant,
    pub(super) payment: Payment,
    now: Timestamp,
}

impl<'a> MessageBuilder<'a> {
    pub(super) fn new(state: &'a AppState, gopay: &GoPayState, payment: Payment) -> Self {
        Self {
            state,
            merchant: gopay.merchants.of(payment.merchant).clone(),
            payment,
            now: gopay.now(),
        }
    }

    fn fields(&self, status: &LatestTransactionStatus) -> Value {
        notification::body(Style::default(), &self.payment, status)
    }

    fn body(&self, status: &LatestTransactionStatus) -> String {
        self.fields(status).to_string()
    }

    fn message(&self, body: String, timestamp: &str, signature: Option<&str>) -> Message {
        let style = Style::default();
        let new_id = |gopay: &GoPayState| style.external_id(&gopay.ids, &self.payment);
        let external_id = self.state.read(new_id);
        notification::message(
            &self.merchant,
            style,
            &external_id,
            body,
            timestamp,
            signature,
        )
    }

    /// The `X-TIMESTAMP` of now, and GoPay's signature.
    fn sign(&self, merchant: &Merchant, body: &str) -> Result<(String, String), KeyError> {
        let key = self.state.gopay_key()?;
        notification::sign(key, merchant, Style::default(), body, self.now)
    }

    fn signed_with(
        &self,
        key: &SigningKey,
        body: String,
        at: Timestamp,
    ) -> Result<Message, KeyError> {
        let (timestamp, signature) =
            notification::sign(key, &self.merchant, Style::default(), &body, at)?;
        Ok(self.message(body, &timestamp, Some(&signature)))
    }

    /// Signed by GoPay now.
    pub(super) fn signed(&self, body: String) -> Result<Message, KeyError> {
        self.signed_with(self.state.gopay_key()?, body, self.now)
    }

    pub(super) fn genuine(&self, status: &LatestTransactionStatus) -> Result<Message, KeyError> {
        self.signed(self.body(status))
    }

    /// As old as the last repetition of a notification.
    pub(super) fn old(&self, status: &LatestTransactionStatus) -> Result<Message, KeyError> {
        let minutes = RETRY_MINUTES.last().copied().unwrap_or_default();
        let at = self.now - SignedDuration::from_mins(minutes.into());
        self.signed_with(self.state.gopay_key()?, self.body(status), at)
    }

    /// With other values in these fields, signed by GoPay.
    pub(super) fn with_fields(
        &self,
        status: &LatestTransactionStatus,
        fields: &[(&str, Value)],
    ) -> Result<Message, KeyError> {
        let mut body = self.fields(status);
        for (name, value) in fields {
            body[*name] = value.clone();
        }
        self.signed(body.to_string())
    }

    pub(super) fn without(
        &self,
        status: &LatestTransactionStatus,
        field: &str,
    ) -> Result<Message, KeyError> {
        let mut body = self.fields(status);
        if let Some(fields) = body.as_object_mut() {
            fields.remove(field);
        }
        self.signed(body.to_string())
    }

    pub(super) fn with_charset(
        &self,
        status: &LatestTransactionStatus,
    ) -> Result<Message, KeyError> {
        let mut message = self.genuine(status)?;
        let value = HeaderValue::from_static("application/json; charset=utf-8");
        message.headers.insert(CONTENT_TYPE, value);
        Ok(message)
    }

    pub(super) fn with_duplicate_status(
        &self,
        status: &LatestTransactionStatus,
    ) -> Result<Message, KeyError> {
        let again = format!("{{\"latestTransactionStatus\":{},", json!(status.code()));
        self.signed(self.body(status).replacen('{', &again, 1))
    }

    pub(super) fn deep(&self, depth: usize) -> Result<Message, KeyError> {
        let nested = ["[".repeat(depth), "]".repeat(depth)].concat();
        self.signed(format!("{{\"additionalInfo\":{nested}}}"))
    }

    /// The genuine one with another signature, or none.
    pub(super) fn with_signature(
        &self,
        status: &LatestTransactionStatus,
        change: fn(&str) -> Option<String>,
    ) -> Result<Message, KeyError> {
        let body = self.body(status);
        let (timestamp, signature) = self.sign(&self.merchant, &body)?;
        Ok(self.message(body, &timestamp, change(&signature).as_deref()))
    }

    pub(super) fn signed_by_another(
        &self,
        status: &LatestTransactionStatus,
    ) -> Result<Message, KeyError> {
        self.signed_with(self.state.foreign_key()?, self.body(status), self.now)
    }

    /// Signed with one status, and sent with another.
    pub(super) fn changed(
        &self,
        signed: &LatestTransactionStatus,
        sent: &LatestTransactionStatus,
    ) -> Result<Message, KeyError> {
        let (timestamp, signature) = self.sign(&self.merchant, &self.body(signed))?;
        Ok(self.message(self.body(sent), &timestamp, Some(&signature)))
    }

    pub(super) fn signed_for_another_path(
        &self,
        status: &LatestTransactionStatus,
    ) -> Result<Message, KeyError> {
        let mut other = self.merchant.clone();
        other.notify.set_path(status::PATH);
        let body = self.body(status);
        let (timestamp, signature) = self.sign(&other, &body)?;
        Ok(self.message(body, &timestamp, Some(&signature)))
    }

    /// Signed a day ago, and sent with the time of now.
    pub(super) fn redated(&self, status: &LatestTransactionStatus) -> Result<Message, KeyError> {
        let at = self.now - SignedDuration::from_hours(24);
        let mut message = self.signed_with(self.state.gopay_key()?, self.body(status), at)?;
        let now = self.genuine(status)?;
        if let Some(timestamp) = now.headers.get(header::TIMESTAMP) {
            message.headers.insert(header::TIMESTAMP, timestamp.clone());
        }
        Ok(message)
    }
}
