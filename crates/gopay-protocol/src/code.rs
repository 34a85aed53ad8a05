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
        self.http == 200 && self.case == 0
    }
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
