//! A Snap transaction as the Core API, its notifications and `snap.js` describe it
//! `[get-transaction-status]` `[gopay-1]` `[js-callback]`.

use crate::{
    payments::{Payment, PaymentState},
    refunds::{self, Refund, RefundOutcome},
};
use gopay_protocol::{
    Amount, LatestTransactionStatus, ServerKey, message::core_api::TransactionStatus,
    timestamp::format_midtrans,
};
use serde_json::{Value, json};

/// The fields of the status page; `status` may differ from the transaction's own.
///
/// Unverified: the status codes of what ended unpaid. Notifications have 202 for it
/// `[cancel-transaction]` `[gopay-1]`, and the status is "the same as the notification"
/// `[handle-notifications]`.
pub(crate) fn transaction(payment: &Payment, status: &LatestTransactionStatus) -> Value {
    let word = word(payment, status);
    let (code, message) = match word {
        TransactionStatus::Pending => (201, "Success, transaction is found"),
        TransactionStatus::Settlement => (200, "Success, transaction is found"),
        TransactionStatus::Refund | TransactionStatus::PartialRefund => {
            (200, "Success, refund request is approved by the bank")
        }
        _ => (202, "Success, transaction is found"),
    };
    let created_at = payment.transaction_at().unwrap_or(payment.created_at);
    let mut fields = json!({
        "status_code": code.to_string(),
        "status_message": message,
        "transaction_id": payment.reference_no,
        "order_id": payment.partner_reference_no,
        "merchant_id": payment.merchant_id,
        "gross_amount": payment.amount.value,
        "currency": "IDR",
        "payment_type": "gopay",
        "transaction_time": format_midtrans(created_at),
        "transaction_status": word.word(),
        "fraud_status": "accept",
        "expiry_time": format_midtrans(payment.valid_until),
    });
    if let (200, PaymentState::Settled { at, .. }) = (code, payment.state) {
        fields["settlement_time"] = json!(format_midtrans(at));
        fields["payment_option_type"] = json!(payment.paid_with);
    }
    if matches!(
        word,
        TransactionStatus::Refund | TransactionStatus::PartialRefund
    ) {
        let total = refunds::total(&payment.refunds);
        fields["refund_amount"] = json!(Amount::idr(total).value);
        fields["refunds"] = payment.refunds.iter().filter_map(entry).collect();
    }
    fields
}

/// The HTTP notification `[handle-notifications]`.
pub(crate) fn notification(
    payment: &Payment,
    status: &LatestTransactionStatus,
    key: &ServerKey,
) -> Value {
    let mut fields = transaction(payment, status);
    fields["status_message"] = json!("midtrans payment notification");
    let text = |name: &str| fields[name].as_str().unwrap_or_default();
    let signature = key.signature(text("order_id"), text("status_code"), text("gross_amount"));
    fields["signature_key"] = json!(signature);
    fields
}

/// The table of legacy names on `[core-api-snap-open-api-overview]`, read from the right.
fn word(payment: &Payment, status: &LatestTransactionStatus) -> TransactionStatus {
    let refunded = refunds::total(&payment.refunds);
    match status {
        LatestTransactionStatus::Success => TransactionStatus::Settlement,
        LatestTransactionStatus::Pending => TransactionStatus::Pending,
        LatestTransactionStatus::Refunded if payment.amount.rupiah() == Ok(refunded) => {
            TransactionStatus::Refund
        }
        LatestTransactionStatus::Refunded => TransactionStatus::PartialRefund,
        LatestTransactionStatus::Canceled => TransactionStatus::Cancel,
        LatestTransactionStatus::Failed => TransactionStatus::Failure,
        LatestTransactionStatus::Expired => TransactionStatus::Expire,
        LatestTransactionStatus::Rejected => TransactionStatus::Deny,
        LatestTransactionStatus::Initiated
        | LatestTransactionStatus::NotFound
        | LatestTransactionStatus::Other(_) => TransactionStatus::Other(status.code().to_owned()),
    }
}

/// A refund in the dashboard has a key of Midtrans' own. A refund that failed is none.
fn entry(refund: &Refund) -> Option<Value> {
    (refund.outcome == RefundOutcome::Done).then(|| {
        json!({
            "refund_chargeback_id": refund.chargeback_id(),
            "refund_amount": Amount::idr(refund.rupiah).value,
            "created_at": format_midtrans(refund.at),
            "reason": refund.reason.as_deref().unwrap_or_default(),
            "refund_key": refund.partner_refund_no.as_ref().unwrap_or(&refund.refund_no),
            "refund_method": "online",
            "bank_confirmed_at": format_midtrans(refund.at),
        })
    })
}
