//! `latestTransactionStatus` `[core-api-snap-open-api-overview]`.

use serde::{Deserialize, Serialize};

/// The state of a payment at GoPay.
///
/// Exhaustive on purpose: a new variant is a decision about money, and a major release.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum LatestTransactionStatus {
    /// 00: the money moved.
    Success,
    /// 01: pre-authorised; not documented for mini apps.
    Initiated,
    /// 03: the buyer has not paid yet.
    Pending,
    /// 04: in full or in part.
    Refunded,
    /// 05
    Canceled,
    /// 06
    Failed,
    /// 07: inquiry only.
    NotFound,
    /// 08
    Expired,
    /// 09
    Rejected,
    /// A code that this crate does not know. Conclude nothing from it.
    Other(String),
}

impl LatestTransactionStatus {
    /// The wire's spelling.
    pub fn code(&self) -> &str {
        match self {
            Self::Success => "00",
            Self::Initiated => "01",
            Self::Pending => "03",
            Self::Refunded => "04",
            Self::Canceled => "05",
            Self::Failed => "06",
            Self::NotFound => "07",
            Self::Expired => "08",
            Self::Rejected => "09",
            Self::Other(code) => code,
        }
    }
}

impl From<String> for LatestTransactionStatus {
    fn from(code: String) -> Self {
        match code.as_str() {
            "00" => Self::Success,
            "01" => Self::Initiated,
            "03" => Self::Pending,
            "04" => Self::Refunded,
            "05" => Self::Canceled,
            "06" => Self::Failed,
            "07" => Self::NotFound,
            "08" => Self::Expired,
            "09" => Self::Rejected,
            _ => Self::Other(code),
        }
    }
}

impl From<LatestTransactionStatus> for String {
    fn from(status: LatestTransactionStatus) -> Self {
        match status {
            LatestTransactionStatus::Other(code) => code,
            known => known.code().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_survives_the_wire_and_unknown_ones_are_kept() {
        for code in [
            "00", "01", "03", "04", "05", "06", "07", "08", "09", "10", "0", "00 ",
        ] {
            let status = LatestTransactionStatus::from(code.to_owned());
            assert_eq!(status.code(), code);
            assert_eq!(String::from(status), code);
        }
    }

    #[test]
    fn only_the_exact_code_means_success() {
        for code in ["0", "00 ", "000", ""] {
            assert_ne!(
                LatestTransactionStatus::from(code.to_owned()),
                LatestTransactionStatus::Success
            );
        }
    }
}
