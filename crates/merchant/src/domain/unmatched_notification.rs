//! A notification about a payment that is not in this database.

use super::time::Timestamp;

/// What GoPay said about a payment that is not known here. An absent part is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmatchedNotification {
    /// `originalReferenceNo`.
    pub reference_no: String,
    /// `originalPartnerReferenceNo`.
    pub partner_reference_no: String,
    /// `originalExternalId`.
    pub external_id: String,
    /// `latestTransactionStatus`.
    pub status: String,
    /// As GoPay wrote it, with its currency.
    pub amount: String,
}

/// One of them, with when it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredUnmatchedNotification {
    /// The number of its row.
    pub id: i64,
    pub notification: UnmatchedNotification,
    /// The first time.
    pub first_at: Timestamp,
    /// The last time.
    pub last_at: Timestamp,
    pub times: i64,
}
