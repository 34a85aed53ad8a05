//! A notification about a payment that is not in this database.

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
    pub notification: UnmatchedNotification,
    /// The first time; unix milliseconds.
    pub first_at: i64,
    /// The last time; unix milliseconds.
    pub last_at: i64,
    pub times: i64,
}
