//! `transaction_status` `[transaction-status]` `[transaction-status-cycle]`.

use crate::LatestTransactionStatus;
use std::fmt;

/// The state of a transaction at Midtrans.
///
/// | | for the order | may become |
/// | --- | --- | --- |
/// | `pending` | waits for the buyer | `settlement`, `deny`, `cancel`, `expire` |
/// | `settlement` | paid | `refund`, `partial_refund` |
/// | `refund`, `partial_refund` | refunded, in full or in part | `partial_refund`: `refund` |
/// | `deny` | rejected by GoPay or Midtrans | |
/// | `cancel`, `expire`, `failure` | ended unpaid | |
///
/// Exhaustive on purpose, as [`LatestTransactionStatus`] is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TransactionStatus {
    /// `pending`
    Pending,
    /// `settlement`: the money moved.
    Settlement,
    /// `deny`
    Deny,
    /// `cancel`: by the merchant or by Midtrans.
    Cancel,
    /// `expire`
    Expire,
    /// `failure`
    Failure,
    /// `refund`: in full.
    Refund,
    /// `partial_refund`
    PartialRefund,
    /// `authorize`, `capture`, `chargeback` and `partial_chargeback`, which cards have, and any word
    /// that this crate does not know. Conclude nothing from it.
    Other(String),
}

impl TransactionStatus {
    /// The wire's spelling.
    pub fn word(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::Settlement => "settlement",
            Self::Deny => "deny",
            Self::Cancel => "cancel",
            Self::Expire => "expire",
            Self::Failure => "failure",
            Self::Refund => "refund",
            Self::PartialRefund => "partial_refund",
            Self::Other(word) => word,
        }
    }
}

/// Docs disagree: `PENDING` in capitals in one sample of `[get-transaction-status]`, and `expired`
/// for `expire` on `[js-callback]`. All are read.
impl From<String> for TransactionStatus {
    fn from(word: String) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "pending" => Self::Pending,
            "settlement" => Self::Settlement,
            "deny" => Self::Deny,
            "cancel" => Self::Cancel,
            "expire" | "expired" => Self::Expire,
            "failure" => Self::Failure,
            "refund" => Self::Refund,
            "partial_refund" => Self::PartialRefund,
            _ => Self::Other(word),
        }
    }
}

impl fmt::Display for TransactionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The table of legacy names on `[core-api-snap-open-api-overview]`.
impl From<&TransactionStatus> for LatestTransactionStatus {
    fn from(status: &TransactionStatus) -> Self {
        match status {
            TransactionStatus::Pending => Self::Pending,
            TransactionStatus::Settlement => Self::Success,
            TransactionStatus::Deny => Self::Rejected,
            TransactionStatus::Cancel => Self::Canceled,
            TransactionStatus::Expire => Self::Expired,
            TransactionStatus::Failure => Self::Failed,
            TransactionStatus::Refund | TransactionStatus::PartialRefund => Self::Refunded,
            // No word of Midtrans' may be read as one of BI-SNAP's codes later.
            TransactionStatus::Other(word) => Self::Other(format!("transaction_status {word}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_table_has_its_status_in_bi_snap() {
        for (word, code) in [
            ("pending", "03"),
            ("settlement", "00"),
            ("deny", "09"),
            ("cancel", "05"),
            ("expire", "08"),
            ("failure", "06"),
            ("refund", "04"),
            ("partial_refund", "04"),
            ("capture", "transaction_status capture"),
            ("00", "transaction_status 00"),
        ] {
            let status = TransactionStatus::from(word.to_owned());
            assert_eq!(status.word(), word);
            let latest = LatestTransactionStatus::from(&status);
            assert_eq!(latest.code(), code, "{word}");
        }
        assert_eq!(
            TransactionStatus::from("PENDING".to_owned()),
            TransactionStatus::Pending
        );
    }
}
