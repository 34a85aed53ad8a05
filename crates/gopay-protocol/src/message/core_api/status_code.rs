//! `status_code` of Snap's callbacks, of the Core API and of its notifications `[code-2xx]`
//! `[code-4xx]` `[code-5xx]`.

use super::super::lenient;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use serde_json::Value;
use std::fmt;

/// Three digits, written as a text.
///
/// ```
/// use gopay_protocol::message::core_api::{StatusCode, StatusMeaning};
///
/// let code: StatusCode = "412".parse()?;
/// assert_eq!(code.meaning(), StatusMeaning::NotModifiable);
/// # Ok::<(), gopay_protocol::message::core_api::StatusCodeError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusCode(u16);

/// The text is not three digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a status code of three digits")]
pub struct StatusCodeError;

/// What a [`StatusCode`] says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatusMeaning {
    /// 200: the call was carried out; in a status, the transaction is settled or refunded.
    ///
    /// Docs disagree: the status page's samples also have 200 for a pending transaction. Its
    /// [`TransactionStatus`](super::TransactionStatus) decides.
    Success,
    /// 201: the transaction waits for the buyer.
    Pending,
    /// 202: denied by Midtrans or the provider; in a notification, also cancelled or expired
    /// `[cancel-transaction]` `[gopay-1]`.
    Denied,
    /// 300: moved for good.
    Moved,
    /// 400, 408, 413: a field is missing or wrong.
    InvalidField,
    /// 401: the server key is wrong, or of the other environment.
    Unauthorized,
    /// 402: the merchant has no access to this way to pay. For Midtrans' support.
    NoAccess,
    /// 403, 405: the header `Accept`, or the HTTP method, is not the API's.
    NotAcceptable,
    /// 404: no such transaction. Unverified: nor one whose buyer has not chosen how to pay.
    NotFound,
    /// 406: the order id, or the refund's key, was used before.
    Duplicate,
    /// 407: the transaction has expired; the success of `expire`.
    Expired,
    /// 410: Docs disagree: the merchant's account is deactivated, or the buyer's GoPay is blocked.
    /// For Midtrans' support, or another way to pay.
    Deactivated,
    /// 411: the token is missing, wrong or expired. Of cards; a Snap token has its own errors.
    InvalidToken,
    /// 412: the transaction's state does not allow it: paid when it is to be cancelled, or not paid
    /// when it is to be refunded.
    NotModifiable,
    /// 414: a refund is refused.
    ///
    /// Docs disagree: for "invalid amount" `[direct-refund-transaction]`, or for the merchant's
    /// insufficient funds `[code-4xx]`.
    RefundRefused,
    /// 409, 429: too many requests.
    Throttled,
    /// 5xx: Midtrans or the provider failed. Whether the call was carried out is not said.
    InternalError,
    /// Any other.
    Unknown,
}

impl StatusCode {
    /// A code; `None` where it does not have three digits.
    pub const fn new(code: u16) -> Option<Self> {
        if code < 100 || code > 999 {
            return None;
        }
        Some(Self(code))
    }

    /// The number.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// What it says, to a merchant of GoPay.
    pub const fn meaning(self) -> StatusMeaning {
        match self.0 {
            200 => StatusMeaning::Success,
            201 => StatusMeaning::Pending,
            202 => StatusMeaning::Denied,
            300 => StatusMeaning::Moved,
            400 | 408 | 413 => StatusMeaning::InvalidField,
            401 => StatusMeaning::Unauthorized,
            402 => StatusMeaning::NoAccess,
            403 | 405 => StatusMeaning::NotAcceptable,
            404 => StatusMeaning::NotFound,
            406 => StatusMeaning::Duplicate,
            407 => StatusMeaning::Expired,
            409 | 429 => StatusMeaning::Throttled,
            410 => StatusMeaning::Deactivated,
            411 => StatusMeaning::InvalidToken,
            412 => StatusMeaning::NotModifiable,
            414 => StatusMeaning::RefundRefused,
            500..=599 => StatusMeaning::InternalError,
            _ => StatusMeaning::Unknown,
        }
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for StatusCode {
    type Err = StatusCodeError;

    fn from_str(text: &str) -> Result<Self, StatusCodeError> {
        let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        let code = is_code.then(|| text.parse().ok()).flatten();
        code.and_then(Self::new).ok_or(StatusCodeError)
    }
}

impl Serialize for StatusCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StatusCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As text, or as a number.
        let code = lenient::text_of(&Value::deserialize(deserializer)?);
        code.unwrap_or_default().parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables of the pages, whole.
    #[test]
    fn every_code_that_midtrans_pages_list_has_its_meaning() {
        for (code, meaning) in [
            (200, StatusMeaning::Success),
            (201, StatusMeaning::Pending),
            (202, StatusMeaning::Denied),
            (300, StatusMeaning::Moved),
            (400, StatusMeaning::InvalidField),
            (401, StatusMeaning::Unauthorized),
            (402, StatusMeaning::NoAccess),
            (403, StatusMeaning::NotAcceptable),
            (404, StatusMeaning::NotFound),
            (405, StatusMeaning::NotAcceptable),
            (406, StatusMeaning::Duplicate),
            (407, StatusMeaning::Expired),
            (408, StatusMeaning::InvalidField),
            (409, StatusMeaning::Throttled),
            (410, StatusMeaning::Deactivated),
            (411, StatusMeaning::InvalidToken),
            (412, StatusMeaning::NotModifiable),
            (413, StatusMeaning::InvalidField),
            (414, StatusMeaning::RefundRefused),
            (429, StatusMeaning::Throttled),
            (500, StatusMeaning::InternalError),
            (502, StatusMeaning::InternalError),
            (503, StatusMeaning::InternalError),
            (504, StatusMeaning::InternalError),
            (505, StatusMeaning::InternalError),
            (299, StatusMeaning::Unknown),
            (600, StatusMeaning::Unknown),
        ] {
            assert_eq!(StatusCode::new(code).unwrap().meaning(), meaning, "{code}");
        }
    }

    #[test]
    fn only_three_digits_are_a_code() {
        let read = |json: &str| serde_json::from_str::<StatusCode>(json).ok();
        assert_eq!(read(r#""200""#), StatusCode::new(200));
        assert_eq!(read(r#"" 200 ""#), StatusCode::new(200));
        assert_eq!(read("200"), StatusCode::new(200));
        for wrong in [
            r#""""#,
            r#""20""#,
            r#""2000""#,
            r#""+20""#,
            "99",
            "null",
            "[]",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
