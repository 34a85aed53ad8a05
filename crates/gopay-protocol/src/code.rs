//! Response codes: three digits HTTP status, two digits service, two digits case
//! `[core-api-snap-open-api-overview]`.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The service part of a response code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceCode {
    /// 73 `[access-token-api]`
    AccessToken,
    /// 54 `[direct-debit-api-gopay]`
    Payment,
    /// 55 `[get-transaction-status-api]`
    Status,
    /// 56 `[payment-notification-api]`
    Notify,
    /// 57 `[cancel-api]`
    Cancel,
    /// 58 `[refund-api]`
    Refund,
    /// 88 `[account-linking-unlinking-notification]`
    LinkingNotify,
    /// A service this crate does not know.
    Other(u8),
}

impl ServiceCode {
    /// The two digits.
    pub const fn digits(self) -> u8 {
        match self {
            Self::AccessToken => 73,
            Self::Payment => 54,
            Self::Status => 55,
            Self::Notify => 56,
            Self::Cancel => 57,
            Self::Refund => 58,
            Self::LinkingNotify => 88,
            Self::Other(digits) => digits,
        }
    }

    const fn from_digits(digits: u8) -> Self {
        match digits {
            73 => Self::AccessToken,
            54 => Self::Payment,
            55 => Self::Status,
            56 => Self::Notify,
            57 => Self::Cancel,
            58 => Self::Refund,
            88 => Self::LinkingNotify,
            other => Self::Other(other),
        }
    }
}

/// `responseCode`, in its parts.
///
/// ```
/// use gopay_protocol::{ResponseCode, ServiceCode};
///
/// let code: ResponseCode = "4015401".parse()?;
/// assert_eq!(code, ResponseCode::new(401, ServiceCode::Payment, 1));
/// # Ok::<(), gopay_protocol::ResponseCodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseCode {
    /// The HTTP status.
    pub http: u16,
    /// Which API answered.
    pub service: ServiceCode,
    /// What happened, within the HTTP status.
    pub case: u8,
}

impl ResponseCode {
    /// A code of its parts.
    pub const fn new(http: u16, service: ServiceCode, case: u8) -> Self {
        Self {
            http,
            service,
            case,
        }
    }

    /// Whether the request was carried out. 202 is no success: the request is unfinished.
    pub const fn is_success(self) -> bool {
        matches!(self.meaning(), Meaning::Success)
    }

    /// What HTTP status and case say. A pair means the same in each service that lists it.
    ///
    /// An unlisted code is [`Meaning::Unknown`]: its HTTP status alone then says whether the
    /// request may have been carried out.
    ///
    /// ```
    /// use gopay_protocol::{Meaning, ResponseCode, ServiceCode};
    ///
    /// let code = ResponseCode::new(403, ServiceCode::Refund, 14);
    /// assert_eq!(code.meaning(), Meaning::InsufficientFunds);
    /// ```
    pub const fn meaning(self) -> Meaning {
        match (self.http, self.case) {
            (200, 0) => Meaning::Success,
            (202, 0) => Meaning::InProgress,
            (400, 2) => Meaning::InvalidField,
            (401, 0) => Meaning::Unauthorized,
            (401, 1) => Meaning::InvalidToken,
            (401, 2) => Meaning::InvalidCustomerToken,
            (403, 0) => Meaning::Expired,
            (403, 2) => Meaning::ExceedsLimit,
            (403, 3) => Meaning::SuspectedFraud,
            (403, 14) => Meaning::InsufficientFunds,
            (403, 15) => Meaning::NotPermitted,
            (403, 23) => Meaning::AccountLimit,
            (404, 1) => Meaning::NotFound,
            (404, 18) => Meaning::Inconsistent,
            (405, 1) => Meaning::NotAllowed,
            (409, 0) => Meaning::Conflict,
            (409, 1) => Meaning::AlreadyDone,
            (429, 0) => Meaning::Throttled,
            (500, 0 | 1) => Meaning::InternalError,
            (504, 0) => Meaning::Timeout,
            _ => Meaning::Unknown,
        }
    }
}

/// What a [`ResponseCode`] says.
///
/// Pages: `[access-token-api]` lists the codes of service 73, `[direct-debit-api-gopay]` of 54,
/// `[get-transaction-status-api]` of 55, `[cancel-api]` of 57, `[refund-api]` of 58. Service 56 has
/// only its success, on `[payment-notification-api]`.
///
/// `Unverified:` where a meaning is "of the SNAP standard", none of these pages lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Meaning {
    /// 200 case 00, each service: carried out.
    Success,
    /// 202 case 00, of the SNAP standard: unfinished.
    InProgress,
    /// 400 case 02, services 54, 55, 57, 58: "Invalid Mandatory Field".
    InvalidField,
    /// 401 case 00, services 54, 55, 57, 58, 73: "Unauthorized", by its signature or its token.
    Unauthorized,
    /// 401 case 01, services 54, 55, 57, 58: "Invalid Token (B2B)".
    InvalidToken,
    /// 401 case 02, service 54: "Invalid Customer Token", of a linked account.
    InvalidCustomerToken,
    /// 403 case 00, of the SNAP standard: the transaction has expired.
    ///
    /// Docs disagree: `[get-transaction-status-api]` has status 08 for this.
    Expired,
    /// 403 case 02, service 58: "Exceeds Transaction Amount Limit".
    ExceedsLimit,
    /// 403 case 03, service 54: "Suspected Fraud".
    SuspectedFraud,
    /// 403 case 14, services 54 and 58: "Insufficient Funds".
    ///
    /// Unverified: of the buyer for a payment, of the merchant for a refund.
    InsufficientFunds,
    /// 403 case 15, services 54, 57, 58: "Transaction Not Permitted", with a reason in words.
    NotPermitted,
    /// 403 case 23, service 58: "Account Limit Exceed".
    ///
    /// Unverified: whose account.
    AccountLimit,
    /// 404 case 01, service 58: "Transaction Not Found".
    ///
    /// Docs disagree: `[get-transaction-status-api]` has status 07 for this, and `[cancel-api]`
    /// nothing; the SNAP standard has this code for both.
    NotFound,
    /// 404 case 18, of the SNAP standard: an inconsistent request.
    Inconsistent,
    /// 405 case 01, of the SNAP standard: not allowed in the transaction's state.
    NotAllowed,
    /// 409 case 00, of the SNAP standard: the `X-EXTERNAL-ID` was used that day.
    Conflict,
    /// 409 case 01, of the SNAP standard: the `partnerReferenceNo` was carried out before.
    AlreadyDone,
    /// 429 case 00, of the SNAP standard: too many requests.
    Throttled,
    /// 500 case 00, service 73, or case 01, services 54, 55, 57, 58: "Internal Server Error". Whether
    /// the request was carried out is not said.
    InternalError,
    /// 504 case 00, services 54, 55, 57, 58: "Timeout". Whether the request was carried out is not
    /// said.
    Timeout,
    /// Any other.
    Unknown,
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:03}{:02}{:02}",
            self.http,
            self.service.digits(),
            self.case
        )
    }
}

impl std::str::FromStr for ResponseCode {
    type Err = ResponseCodeError;

    /// Docs disagree: a code has seven digits everywhere but in samples of `[refund-api]` and
    /// `[cancel-api]`, which print eight (`20058000`). The eighth, a zero, is ignored: it
    /// carries nothing.
    fn from_str(text: &str) -> Result<Self, ResponseCodeError> {
        let digits = match text.len() {
            7 => text,
            8 => text.strip_suffix('0').ok_or(ResponseCodeError)?,
            _ => return Err(ResponseCodeError),
        };
        let part = |range: std::ops::Range<usize>| -> Result<u16, ResponseCodeError> {
            let part = digits.get(range).ok_or(ResponseCodeError)?;
            if !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(ResponseCodeError);
            }
            part.parse().map_err(|_| ResponseCodeError)
        };
        let two = |range| part(range).and_then(|n| u8::try_from(n).map_err(|_| ResponseCodeError));
        Ok(Self {
            http: part(0..3)?,
            service: ServiceCode::from_digits(two(3..5)?),
            case: two(5..7)?,
        })
    }
}

/// The text is not a response code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a response code of seven digits")]
pub struct ResponseCodeError;

impl Serialize for ResponseCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ResponseCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As text, or as a number.
        let code = serde_json::Value::deserialize(deserializer)?;
        let code = code
            .as_u64()
            .map(|code| code.to_string())
            .or_else(|| Some(code.as_str()?.trim().to_owned()));
        code.unwrap_or_default()
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_by_its_parts() {
        let code: ResponseCode = "4015401".parse().unwrap();
        assert_eq!(code, ResponseCode::new(401, ServiceCode::Payment, 1));
        assert_eq!(code.to_string(), "4015401");
        assert!("2005600".parse::<ResponseCode>().unwrap().is_success());
        assert!(!"2025400".parse::<ResponseCode>().unwrap().is_success());
    }

    /// The tables of the pages that [`Meaning`] names, whole.
    #[test]
    fn every_code_that_gopays_pages_list_has_its_meaning() {
        let listed = [
            ("2007300", Meaning::Success),
            ("4017300", Meaning::Unauthorized),
            ("5007300", Meaning::InternalError),
            ("2005400", Meaning::Success),
            ("4005402", Meaning::InvalidField),
            ("4015400", Meaning::Unauthorized),
            ("4015401", Meaning::InvalidToken),
            ("4015402", Meaning::InvalidCustomerToken),
            ("4035403", Meaning::SuspectedFraud),
            ("4035414", Meaning::InsufficientFunds),
            ("4035415", Meaning::NotPermitted),
            ("5005401", Meaning::InternalError),
            ("5045400", Meaning::Timeout),
            ("2005500", Meaning::Success),
            ("4005502", Meaning::InvalidField),
            ("4015500", Meaning::Unauthorized),
            ("4015501", Meaning::InvalidToken),
            ("5005501", Meaning::InternalError),
            ("5045500", Meaning::Timeout),
            ("2005600", Meaning::Success),
            ("2005700", Meaning::Success),
            ("4005702", Meaning::InvalidField),
            ("4015700", Meaning::Unauthorized),
            ("4015701", Meaning::InvalidToken),
            ("4035715", Meaning::NotPermitted),
            ("5005701", Meaning::InternalError),
            ("5045700", Meaning::Timeout),
            ("2005800", Meaning::Success),
            ("4005802", Meaning::InvalidField),
            ("4015800", Meaning::Unauthorized),
            ("4015801", Meaning::InvalidToken),
            ("4035802", Meaning::ExceedsLimit),
            ("4035814", Meaning::InsufficientFunds),
            ("4035815", Meaning::NotPermitted),
            ("4035823", Meaning::AccountLimit),
            ("4045801", Meaning::NotFound),
            ("5005801", Meaning::InternalError),
            ("5045800", Meaning::Timeout),
        ];
        for (code, meaning) in listed {
            let read: ResponseCode = code.parse().unwrap();
            assert_eq!(read.meaning(), meaning, "{code}");
        }
    }

    #[test]
    fn a_code_of_the_snap_standard_has_its_meaning_and_any_other_none() {
        for (http, case, meaning) in [
            (202, 0, Meaning::InProgress),
            (403, 0, Meaning::Expired),
            (404, 18, Meaning::Inconsistent),
            (405, 1, Meaning::NotAllowed),
            (409, 0, Meaning::Conflict),
            (409, 1, Meaning::AlreadyDone),
            (429, 0, Meaning::Throttled),
            (200, 1, Meaning::Unknown),
            (403, 99, Meaning::Unknown),
            (418, 0, Meaning::Unknown),
        ] {
            let code = ResponseCode::new(http, ServiceCode::Payment, case);
            assert_eq!(code.meaning(), meaning, "{code}");
        }
    }

    #[test]
    fn the_eight_digits_of_two_samples_mean_the_same() {
        assert_eq!(
            "20058000".parse::<ResponseCode>(),
            "2005800".parse::<ResponseCode>()
        );
    }

    #[test]
    fn any_other_text_is_refused() {
        for wrong in [
            "",
            "200",
            "200540",
            "20054001",
            "2oo5400",
            "+205400",
            "２００５４００",
        ] {
            assert!(wrong.parse::<ResponseCode>().is_err(), "{wrong:?}");
        }
    }
}
