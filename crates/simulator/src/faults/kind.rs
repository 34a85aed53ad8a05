//! The kinds of fault.

use super::{Api, Endpoint};
use serde::{Deserialize, Serialize};
use std::fmt;
use strum::{EnumIter, EnumMessage};

/// What goes wrong. The panel shows these comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, EnumMessage, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// Connection cut, nothing done
    ResetBefore,
    /// Done, connection cut before the answer
    AnswerLost,
    /// Done, the answer waits until it is released
    Hold,
    /// Done, answered three seconds later
    Slow,
    /// Done, the answer comes byte by byte, one a second
    Drip,
    /// Done, the answer never ends
    Endless,
    /// Done, half an answer
    Truncate,
    /// Done, answered with a web page
    Html,
    /// Nothing done, 302 to another host
    Redirect,
    /// Done, answered: in progress
    #[serde(rename = "pending_202")]
    Pending202,
    /// Nothing done, 401 case 01
    TokenInvalid,
    /// Nothing done, 401 case 00; 401 in Snap
    SignatureInvalid,
    /// Nothing done, 403 case 15
    Forbidden,
    /// Nothing done, 403 case 00: the transaction has expired
    #[serde(rename = "expired_403")]
    Expired403,
    /// Nothing done, 404 case 01
    #[serde(rename = "not_found_404")]
    NotFound404,
    /// Nothing done, 404 case 18
    #[serde(rename = "inconsistent_404")]
    Inconsistent404,
    /// Nothing done, 405 case 01
    #[serde(rename = "not_allowed_405")]
    NotAllowed405,
    /// Nothing done, 409 case 00
    #[serde(rename = "conflict_409")]
    Conflict409,
    /// Done; a repeated X-EXTERNAL-ID is answered 409, as in most of SNAP
    RepeatRefused,
    /// Nothing done, 429 case 00
    #[serde(rename = "throttle_429")]
    Throttle429,
    /// Nothing done, 500
    #[serde(rename = "error_500")]
    Error500,
    /// Nothing done, 504
    #[serde(rename = "timeout_504")]
    Timeout504,
    /// Nothing done, refused with a code of the mini-app API or the Core API
    ErrorCode,
    /// Done, the answer names another order
    OtherOrder,
    /// Done, the answer names another payment
    OtherReference,
    /// Done, the answer has another amount
    OtherAmount,
    /// Done, the answer's amount is in dollars
    OtherCurrency,
    /// Done, the payment's address is not GoPay's
    BadUrl,
    /// Done, the payment's address is a script
    ScriptUrl,
    /// Answered that there is no such payment (07)
    NotFound,
    /// Answered with fraudStatus deny
    FraudDeny,
    /// Answered without the amount
    NoAmount,
    /// Done, the ids beside the reference are in other fields and spellings
    OddIds,
    /// Done, the ids beside the reference are empty texts
    EmptyIds,
    /// Done, amounts have one decimal: 25000.0
    OneDecimal,
    /// Answered with one more refund in the history, which has no amount
    OddHistory,
    /// Done, the answer has numbers for text, null and [] for what is empty
    OddForms,
    /// Done, fields of the answer are replaced
    Replace,
    /// Answered with an odd lifetime, or none
    ExpiresIn,
    /// Answered with success and no token
    NoToken,
    /// Answered with another buyer's account
    OtherAccount,
}

/// The name in the control API.
impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl FaultKind {
    /// Whether this kind can happen on this endpoint.
    pub(crate) fn applies_to(self, endpoint: Endpoint) -> bool {
        use Endpoint::{
            Authorization, Cancel, Payment, Profile, Refund, Snap, SnapCancel, SnapExpire,
            SnapRefund, SnapStatus, Status, Token,
        };
        let endpoints: &[Endpoint] = match self {
            Self::ResetBefore
            | Self::AnswerLost
            | Self::Hold
            | Self::Slow
            | Self::Drip
            | Self::Endless
            | Self::Truncate
            | Self::Html
            | Self::Redirect
            | Self::Throttle429
            | Self::Error500
            | Self::Timeout504 => return true,
            Self::SignatureInvalid => return endpoint.api() != Api::MiniApp,
            Self::Forbidden => return matches!(endpoint.api(), Api::BiSnap(_)),
            Self::ErrorCode => return matches!(endpoint.api(), Api::MiniApp | Api::Core),
            Self::Replace => return endpoint != Profile,
            Self::TokenInvalid
            | Self::Inconsistent404
            | Self::NotAllowed405
            | Self::Conflict409 => &[Payment, Status, Cancel, Refund],
            Self::OddForms => &[
                Token, Payment, Status, Cancel, Refund, SnapStatus, SnapCancel, SnapExpire,
                SnapRefund,
            ],
            Self::Pending202 | Self::RepeatRefused => &[Payment, Cancel, Refund],
            Self::NotFound404 => &[
                Status,
                Cancel,
                Refund,
                Authorization,
                SnapStatus,
                SnapCancel,
                SnapExpire,
                SnapRefund,
            ],
            Self::OtherOrder | Self::OtherReference | Self::OtherAmount | Self::OtherCurrency => {
                &[Payment, Status, SnapStatus]
            }
            Self::OddIds => &[Payment, Status],
            Self::EmptyIds | Self::OneDecimal => &[Payment, Status, Refund],
            Self::Expired403 => &[Status, Cancel, Refund],
            Self::BadUrl | Self::ScriptUrl => &[Payment, Snap],
            Self::NotFound | Self::OddHistory => &[Status],
            Self::FraudDeny | Self::NoAmount => &[Status, SnapStatus],
            Self::ExpiresIn => &[Token],
            Self::NoToken => &[Token, Authorization, Snap],
            Self::OtherAccount => &[Authorization],
        };
        endpoints.contains(&endpoint)
    }

    /// HTTP status and case, of a kind that replaces the whole response by a response code.
    pub(crate) fn response_code(self) -> Option<(u16, u8)> {
        match self {
            Self::Pending202 => Some((202, 0)),
            Self::TokenInvalid => Some((401, 1)),
            Self::SignatureInvalid => Some((401, 0)),
            Self::Forbidden => Some((403, 15)),
            Self::Expired403 => Some((403, 0)),
            Self::NotFound404 => Some((404, 1)),
            Self::Inconsistent404 => Some((404, 18)),
            Self::NotAllowed405 => Some((405, 1)),
            Self::Conflict409 => Some((409, 0)),
            Self::Throttle429 => Some((429, 0)),
            Self::Error500 => Some((500, 1)),
            Self::Timeout504 => Some((504, 0)),
            Self::ErrorCode => Some((400, 0)),
            _ => None,
        }
    }

    /// Whether GoPay carries out the request, unless the plan says otherwise.
    pub(super) fn carries_out(self) -> bool {
        match self.response_code() {
            Some(_) => self == Self::Pending202,
            None => !matches!(self, Self::ResetBefore | Self::Redirect),
        }
    }
}
