//! What went back of a payment. Pure: the time is an argument.
//!
//! Invariant: never more than was paid, whoever asks.

use gopay_protocol::{Amount, timestamp::format_wib};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One refund of a payment.
#[derive(Debug, Clone)]
pub(crate) struct Refund {
    pub(crate) refund_no: String,
    /// The merchant's; none of one that was made in the dashboard.
    pub(crate) partner_refund_no: Option<String>,
    pub(crate) rupiah: u64,
    pub(crate) reason: Option<String>,
    pub(crate) at: Timestamp,
    pub(crate) ending: Ending,
}

/// What becomes of a refund that GoPay took on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ending {
    /// The money went back.
    #[default]
    Done,
    /// It did not, though the request was answered with 200.
    Failed,
}

/// How refunds go, and how the history tells of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Manner {
    pub(crate) ending: Ending,
    pub(crate) history: Spelling,
}

/// Docs disagree: the table of `[payment-notification-api]` has one pair of names, its sample
/// and `[get-transaction-status-api]` have the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Spelling {
    /// `partnerRefundNo` and `refundTime`.
    #[default]
    Table,
    /// `partnerReferenceNo` and `refundDate`.
    Sample,
}

/// `refundHistory`. One that was made in the dashboard gets a number of GoPay's making
/// `[refund-api]`.
pub(crate) fn history(refunds: &[Refund], spelling: Spelling) -> Value {
    let (number, time) = match spelling {
        Spelling::Table => ("partnerRefundNo", "refundTime"),
        Spelling::Sample => ("partnerReferenceNo", "refundDate"),
    };
    refunds
        .iter()
        .map(|refund| {
            json!({
                "refundNo": refund.refund_no,
                number: refund.partner_refund_no.as_ref().unwrap_or(&refund.refund_no),
                "refundStatus": match refund.ending {
                    Ending::Done => "00",
                    Ending::Failed => "06",
                },
                "refundAmount": Amount::idr(refund.rupiah),
                time: format_wib(refund.at),
                "reason": refund.reason.as_deref().unwrap_or_default(),
            })
        })
        .collect()
}

/// How much went back.
pub(crate) fn total(refunds: &[Refund]) -> u64 {
    let done = |refund: &&Refund| refund.ending == Ending::Done;
    refunds
        .iter()
        .filter(done)
        .map(|refund| refund.rupiah)
        .sum()
}
