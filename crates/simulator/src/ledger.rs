//! All events in order: the oracle of every test about money.
//!
//! Invariant: the ledger has no secret, code or token; an auth code stands there by its number.

use crate::{
    faults::{Endpoint, FaultKind},
    host::Host,
    mini_apps::{MiniAppId, MiniAppUser},
    payments::DeliveryOutcome,
    refunds::RefundOutcome,
    sdk_faults::SdkFaultKind,
};
use gopay_protocol::{ResponseCode, timestamp::format_wib};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

#[derive(Debug, Serialize)]
struct Entry<'a> {
    /// By the simulator's clock: ISO 8601 in Jakarta's time, whole seconds.
    at: String,
    #[serde(flatten)]
    event: &'a Event,
}

/// `outcome` is a response code wherever BI-SNAP gives one.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Event {
    /// A request met a fault of the plan; its own effects are entries of their own.
    FaultMet {
        on: Endpoint,
        #[serde(rename = "do")]
        fault: FaultKind,
        /// `X-EXTERNAL-ID`, or `Request-Id`.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// The signature of a request is right, but over other bytes than the received ones:
    /// `minified`, or `compact`, rewritten without needless escapes.
    SignedOverOtherBytes {
        external_id: String,
        form: &'static str,
    },
    /// The signature of a request does not verify. `mistake` is the likeliest of those that are known, and
    /// `string_to_sign` the right string, without the access token.
    SignatureRefused {
        #[serde(skip_serializing_if = "Option::is_none")]
        external_id: Option<String>,
        string_to_sign: String,
        mistake: String,
    },
    /// A request to what the simulator does not play.
    UnknownRequested {
        host: Host,
        method: String,
        path: String,
        message: String,
    },
    AuthCodeIssued {
        auth_code: usize,
        #[serde(flatten)]
        user: MiniAppUser,
    },
    /// `mini_app` is that of the AuthCredentials.
    AuthCodeExchanged {
        #[serde(skip_serializing_if = "Option::is_none")]
        mini_app: Option<MiniAppId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        auth_code: Option<usize>,
        outcome: String,
        repeated: bool,
    },
    AccessTokenRequested {
        outcome: ResponseCode,
        message: String,
    },
    PaymentRequested {
        external_id: String,
        partner_reference_no: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        reference_no: Option<String>,
        outcome: ResponseCode,
        message: String,
        /// Answered from the idempotency cache; no payment was made.
        repeated: bool,
    },
    /// `outcome` is the HTTP status.
    SnapRequested {
        host: Host,
        order_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        reference_no: Option<String>,
        outcome: u16,
        message: String,
    },
    /// `outcome` is the HTTP status.
    SnapSessionCanceled {
        host: Host,
        order_id: String,
        outcome: u16,
    },
    /// A call of the Core API on a Snap transaction. `outcome` is its status code.
    CoreApiRequested {
        on: Endpoint,
        host: Host,
        /// The order id or the transaction id.
        id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        reference_no: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        partner_refund_no: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        amount: Option<Value>,
        outcome: String,
        message: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        transaction_status: Option<String>,
    },
    StatusRequested {
        #[serde(skip_serializing_if = "Option::is_none")]
        reference_no: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        external_id: Option<String>,
        outcome: ResponseCode,
        message: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        latest_transaction_status: Option<String>,
    },
    CancelRequested {
        #[serde(skip_serializing_if = "Option::is_none")]
        reference_no: Option<String>,
        outcome: ResponseCode,
        message: String,
        repeated: bool,
    },
    /// A page called the SDK. `outcome` is `done` or the error's code; `noted` has details that
    /// are not an entry of their own.
    ContainerCalled {
        mini_app: MiniAppId,
        method: String,
        outcome: String,
        noted: Value,
    },
    /// A call met a hostile reply of the plan or of its page's address. `on` is `*` where a load of the SDK
    /// met a fault of the page.
    SdkFaultMet {
        on: String,
        #[serde(rename = "do")]
        fault: SdkFaultKind,
        #[serde(skip_serializing_if = "Option::is_none")]
        mini_app: Option<MiniAppId>,
    },
    ConsentDecided {
        #[serde(flatten)]
        user: MiniAppUser,
        scope: String,
        allowed: bool,
    },
    ProfileRequested {
        #[serde(skip_serializing_if = "Option::is_none")]
        mini_app: Option<MiniAppId>,
        outcome: String,
    },
    /// Rewards, gems, reminders and pushes. `outcome` is `done`, or the description of the error;
    /// `request` and `data`, the response's, are there when it is done.
    MiniAppRequested {
        on: Endpoint,
        #[serde(flatten)]
        user: Option<MiniAppUser>,
        #[serde(skip_serializing_if = "Value::is_null")]
        request: Value,
        #[serde(skip_serializing_if = "Value::is_null")]
        data: Value,
        outcome: String,
        /// Answered from the idempotency cache.
        repeated: bool,
    },
    /// `GP.launchPayment`, `snap.pay` or a web page opened the payment.
    SheetOpened { reference_no: String },
    /// The buyer closed the sheet without deciding.
    SheetLeft { reference_no: String },
    PaymentSettled {
        reference_no: String,
        partner_reference_no: String,
        state: &'static str,
        by: Actor,
    },
    RefundRequested {
        external_id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        reference_no: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        partner_refund_no: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        amount: Option<String>,
        outcome: ResponseCode,
        message: String,
        /// Answered as before under this id or number; no money moved.
        repeated: bool,
    },
    /// GoPay accepted a refund; where it `failed` no money moved.
    PaymentRefunded {
        reference_no: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        partner_refund_no: Option<String>,
        rupiah: u64,
        #[serde(rename = "ending")]
        outcome: RefundOutcome,
        by: Actor,
    },
    NotificationTried {
        reference_no: String,
        /// 1 to 6; 0 for one sent by the control API.
        attempt: usize,
        latest_transaction_status: String,
        nature: Nature,
        answer: DeliveryOutcome,
    },
    NotificationWithheld {
        reference_no: String,
        attempt: usize,
        latest_transaction_status: String,
    },
}

/// Who settled or refunded a payment.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Actor {
    Buyer,
    /// By the cancel or the refund API.
    Merchant,
    Control,
    Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Nature {
    Genuine,
    Repeated,
    Forged,
}

/// All events since the start or the last reset, as JSON: an [`Event`] takes several times the memory of its text.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Vec<Box<str>>);

impl Ledger {
    pub(crate) fn record(&mut self, now: Timestamp, event: &Event) {
        let at = format_wib(now);
        // All keys are texts, so this does not fail.
        let entry = serde_json::to_string(&Entry { at, event }).unwrap_or_default();
        self.0.push(entry.into());
    }

    /// The last `count` entries, oldest first.
    pub(crate) fn last(&self, count: usize) -> Value {
        let from = self.0.len().saturating_sub(count);
        let entries = self.0.iter().skip(from);
        entries
            .map(|entry| serde_json::from_str::<Value>(entry).unwrap_or_default())
            .collect()
    }
}
