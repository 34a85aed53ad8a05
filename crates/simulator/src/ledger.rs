//! What happened, in order: the oracle of every test about money.
//!
//! Invariant: no secret, code or token in it; auth codes go by their number.

use crate::{
    faults::{Call, Harm},
    refunds::Ending,
};
use gopay_protocol::{ResponseCode, timestamp::format_wib};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// One thing that happened.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Entry {
    /// By the simulator's clock, ISO 8601 in Jakarta's time, whole seconds.
    pub(crate) at: String,
    #[serde(flatten)]
    pub(crate) event: Event,
}

/// What happened. `outcome` is a response code wherever BI-SNAP gives one.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Event {
    /// A request met a fault of the plan; whether anything else came of it is in the entries
    /// before and after.
    FaultMet {
        on: Call,
        r#do: Harm,
        /// `X-EXTERNAL-ID`, or `Request-Id`.
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<String>,
    },
    /// The signature of a request is right, and over other bytes than those that came: `minified`,
    /// or `compact`, written anew without an escape that is not needed.
    SignedOverOtherBytes {
        external_id: String,
        form: &'static str,
    },
    AuthCodeIssued {
        auth_code: usize,
        buyer: String,
    },
    AuthCodeExchanged {
        #[serde(skip_serializing_if = "Option::is_none")]
        auth_code: Option<usize>,
        outcome: String,
        repeated: bool,
    },
    AccessTokenRequested {
        outcome: ResponseCode,
    },
    PaymentRequested {
        external_id: String,
        partner_reference_no: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        reference_no: Option<String>,
        outcome: ResponseCode,
        message: String,
        /// Answered before under this external id; nothing new was made.
        repeated: bool,
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
    /// A page called the SDK. `outcome` is `done` or the error's code; `noted` says what it came
    /// to, where that is not an entry of its own.
    ContainerCalled {
        method: String,
        outcome: String,
        noted: Value,
    },
    ConsentDecided {
        buyer: String,
        scope: String,
        allowed: bool,
    },
    ProfileRequested {
        outcome: &'static str,
    },
    /// `GP.launchPayment` opened the sheet.
    SheetOpened {
        reference_no: String,
    },
    /// The buyer went back without deciding.
    SheetLeft {
        reference_no: String,
    },
    PaymentSettled {
        reference_no: String,
        partner_reference_no: String,
        state: &'static str,
        by: By,
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
        /// Answered before under this id or number; nothing new went back.
        repeated: bool,
    },
    /// GoPay took a refund on; where it `failed` no money moved.
    PaymentRefunded {
        reference_no: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        partner_refund_no: Option<String>,
        rupiah: u64,
        ending: Ending,
        by: By,
    },
    NotificationTried {
        reference_no: String,
        /// 1 to 6; 0 for one sent by hand.
        attempt: usize,
        latest_transaction_status: String,
        nature: Nature,
        answer: Answer,
    },
    NotificationWithheld {
        reference_no: String,
        attempt: usize,
        latest_transaction_status: String,
    },
}

/// Who settled a payment, or gave it back.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum By {
    /// In the payment sheet.
    Buyer,
    /// By the cancel or the refund API.
    Merchant,
    /// By the control API.
    Control,
    /// Its time ran out.
    Time,
}

/// What a notification is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Nature {
    Genuine,
    Repeated,
    Forged,
}

/// What the merchant answered.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    HttpStatus(u16),
    None(String),
}

/// Everything since the start, or the last reset.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Vec<Entry>);

impl Ledger {
    pub(crate) fn record(&mut self, now: Timestamp, event: Event) {
        self.0.push(Entry {
            at: format_wib(now),
            event,
        });
    }

    /// The last so many, oldest first.
    pub(crate) fn last(&self, count: usize) -> &[Entry] {
        self.0
            .get(self.0.len().saturating_sub(count)..)
            .unwrap_or_default()
    }
}
