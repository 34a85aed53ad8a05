//! Refunds of a payment. Pure: the time is an argument.

use gopay_protocol::{Amount, timestamp::format_wib};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub(crate) struct Refund {
    pub(crate) refund_no: String,
    /// The merchant's number; `None` for a refund in GoPay's dashboard.
    pub(crate) partner_refund_no: Option<String>,
    pub(crate) rupiah: u64,
    pub(crate) reason: Option<String>,
    pub(crate) at: Timestamp,
    pub(crate) outcome: RefundOutcome,
}

impl Refund {
    /// Midtrans' id of a refund of a Snap transaction, a number `[get-transaction-status]`.
    pub(crate) fn chargeback_id(&self) -> u64 {
        self.refund_no.parse().unwrap_or_default()
    }
}

/// How a refund ends that GoPay has accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundOutcome {
    #[default]
    Done,
    /// No money went back, although the request was answered with 200.
    Failed,
}

/// How refunds end, and how a payment shows them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RefundBehaviour {
    #[serde(rename = "ending")]
    pub(crate) outcome: RefundOutcome,
    #[serde(rename = "history")]
    pub(crate) spelling: HistorySpelling,
    pub(crate) status: RefundedStatus,
}

/// Docs disagree: 04 is of refunds in full and in part `[core-api-snap-open-api-overview]`; the sample of
/// `[payment-notification-api]` has 00 beside a refund.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundedStatus {
    #[default]
    Refunded,
    Success,
}

/// Docs disagree: the table of `[payment-notification-api]` has one pair of names, its sample
/// and `[get-transaction-status-api]` have the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HistorySpelling {
    /// `partnerRefundNo` and `refundTime`.
    #[default]
    Table,
    /// `partnerReferenceNo` and `refundDate`.
    Sample,
}

/// `refundHistory`. A refund in the dashboard has GoPay's number in the place of the merchant's
/// `[refund-api]`.
pub(crate) fn history(refunds: &[Refund], spelling: HistorySpelling) -> Value {
    let (number, time) = match spelling {
        HistorySpelling::Table => ("partnerRefundNo", "refundTime"),
        HistorySpelling::Sample => ("partnerReferenceNo", "refundDate"),
    };
    refunds
        .iter()
        .map(|refund| {
            json!({
                "refundNo": refund.refund_no,
                number: refund.partner_refund_no.as_ref().unwrap_or(&refund.refund_no),
                "refundStatus": match refund.outcome {
                    RefundOutcome::Done => "00",
                    RefundOutcome::Failed => "06",
                },
                "refundAmount": Amount::idr(refund.rupiah),
                time: format_wib(refund.at),
                "reason": refund.reason.as_deref().unwrap_or_default(),
            })
        })
        .collect()
}

/// The sum of the refunds that are done, in rupiah.
pub(crate) fn total(refunds: &[Refund]) -> u64 {
    let done = |refund: &&Refund| refund.outcome == RefundOutcome::Done;
    refunds
        .iter()
        .filter(done)
        .map(|refund| refund.rupiah)
        .sum()
}
