//! The kinds of fault.

use super::Call;
use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Harm {
    ResetBefore,
    AnswerLost,
    Hold,
    Slow,
    Drip,
    Endless,
    Truncate,
    Html,
    Redirect,
    #[serde(rename = "pending_202")]
    Pending202,
    TokenInvalid,
    SignatureInvalid,
    Forbidden,
    #[serde(rename = "not_found_404")]
    NotFound404,
    #[serde(rename = "inconsistent_404")]
    Inconsistent404,
    #[serde(rename = "not_allowed_405")]
    NotAllowed405,
    #[serde(rename = "conflict_409")]
    Conflict409,
    RepeatRefused,
    #[serde(rename = "throttle_429")]
    Throttle429,
    #[serde(rename = "error_500")]
    Error500,
    #[serde(rename = "timeout_504")]
    Timeout504,
    OtherOrder,
    OtherReference,
    OtherAmount,
    OtherCurrency,
    BadUrl,
    ScriptUrl,
    NotFound,
    FraudDeny,
    NoAmount,
    OddIds,
    OddForms,
    Replace,
    ExpiresIn,
    NoToken,
    OtherAccount,
}

impl Harm {
    /// All of them, with what to say about each.
    pub(crate) const ALL: [(Self, &'static str); 36] = [
        (Self::ResetBefore, "Connection cut, nothing done"),
        (Self::AnswerLost, "Done, connection cut before the answer"),
        (Self::Hold, "Done, the answer waits until it is released"),
        (Self::Slow, "Done, answered three seconds later"),
        (
            Self::Drip,
            "Done, the answer comes byte by byte, one a second",
        ),
        (Self::Endless, "Done, the answer never ends"),
        (Self::Truncate, "Done, half an answer"),
        (Self::Html, "Done, answered with a web page"),
        (Self::Redirect, "Nothing done, 302 to another host"),
        (Self::Pending202, "Done, answered: in progress"),
        (Self::TokenInvalid, "Nothing done, 401 case 01"),
        (Self::SignatureInvalid, "Nothing done, 401 case 00"),
        (Self::Forbidden, "Nothing done, 403 case 15"),
        (Self::NotFound404, "Nothing done, 404 case 01"),
        (Self::Inconsistent404, "Nothing done, 404 case 18"),
        (Self::NotAllowed405, "Nothing done, 405 case 01"),
        (Self::Conflict409, "Nothing done, 409 case 00"),
        (
            Self::RepeatRefused,
            "Done; a repeated X-EXTERNAL-ID is answered 409, as in most of SNAP",
        ),
        (Self::Throttle429, "Nothing done, 429 case 00"),
        (Self::Error500, "Nothing done, 500"),
        (Self::Timeout504, "Nothing done, 504"),
        (Self::OtherOrder, "Done, the answer names another order"),
        (
            Self::OtherReference,
            "Done, the answer names another payment",
        ),
        (Self::OtherAmount, "Done, the answer has another amount"),
        (
            Self::OtherCurrency,
            "Done, the answer's amount is in dollars",
        ),
        (Self::BadUrl, "Done, the payment's address is not GoPay's"),
        (Self::ScriptUrl, "Done, the payment's address is a script"),
        (
            Self::NotFound,
            "Answered that there is no such payment (07)",
        ),
        (Self::FraudDeny, "Answered with fraudStatus deny"),
        (Self::NoAmount, "Answered without the amount"),
        (
            Self::OddIds,
            "Done, the ids beside the reference are in other fields and spellings",
        ),
        (
            Self::OddForms,
            "Done, the answer has numbers for text, null and [] for what is empty",
        ),
        (Self::Replace, "Done, fields of the answer are replaced"),
        (Self::ExpiresIn, "Answered with an odd lifetime, or none"),
        (Self::NoToken, "Answered with success and no token"),
        (Self::OtherAccount, "Answered with another buyer's account"),
    ];

    /// Whether it can happen on this call.
    pub(crate) fn fits(self, call: Call) -> bool {
        match self {
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
            | Self::Timeout504 => true,
            Self::Pending202 => matches!(call, Call::Payment | Call::Cancel | Call::Refund),
            Self::TokenInvalid
            | Self::Inconsistent404
            | Self::NotAllowed405
            | Self::Conflict409
            | Self::OddForms => {
                matches!(
                    call,
                    Call::Payment | Call::Status | Call::Cancel | Call::Refund
                )
            }
            Self::SignatureInvalid | Self::Forbidden => call.service().is_some(),
            Self::NotFound404 => {
                matches!(
                    call,
                    Call::Status | Call::Cancel | Call::Refund | Call::Authorization
                )
            }
            Self::OtherOrder | Self::OtherReference | Self::OtherAmount | Self::OtherCurrency => {
                matches!(call, Call::Payment | Call::Status)
            }
            Self::RepeatRefused => {
                matches!(call, Call::Payment | Call::Cancel | Call::Refund)
            }
            Self::OddIds => matches!(call, Call::Payment | Call::Status),
            Self::Replace => call != Call::Profile,
            Self::BadUrl | Self::ScriptUrl => call == Call::Payment,
            Self::NotFound | Self::FraudDeny | Self::NoAmount => call == Call::Status,
            Self::ExpiresIn => call == Call::Token,
            Self::NoToken => matches!(call, Call::Token | Call::Authorization),
            Self::OtherAccount => call == Call::Authorization,
        }
    }

    /// The HTTP status and case of an answer that is nothing but its code.
    pub(crate) fn code(self) -> Option<(u16, u8)> {
        match self {
            Self::Pending202 => Some((202, 0)),
            Self::TokenInvalid => Some((401, 1)),
            Self::SignatureInvalid => Some((401, 0)),
            Self::Forbidden => Some((403, 15)),
            Self::NotFound404 => Some((404, 1)),
            Self::Inconsistent404 => Some((404, 18)),
            Self::NotAllowed405 => Some((405, 1)),
            Self::Conflict409 => Some((409, 0)),
            Self::Throttle429 => Some((429, 0)),
            Self::Error500 => Some((500, 1)),
            Self::Timeout504 => Some((504, 0)),
            _ => None,
        }
    }

    /// Whether GoPay does what it was asked, where the plan does not say.
    pub(super) fn is_done(self) -> bool {
        match self.code() {
            Some(_) => self == Self::Pending202,
            None => !matches!(self, Self::ResetBefore | Self::Redirect),
        }
    }

    /// As the control API has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ResetBefore => "reset_before",
            Self::AnswerLost => "answer_lost",
            Self::Hold => "hold",
            Self::Slow => "slow",
            Self::Drip => "drip",
            Self::Endless => "endless",
            Self::Truncate => "truncate",
            Self::Html => "html",
            Self::Redirect => "redirect",
            Self::Pending202 => "pending_202",
            Self::TokenInvalid => "token_invalid",
            Self::SignatureInvalid => "signature_invalid",
            Self::Forbidden => "forbidden",
            Self::NotFound404 => "not_found_404",
            Self::Inconsistent404 => "inconsistent_404",
            Self::NotAllowed405 => "not_allowed_405",
            Self::Conflict409 => "conflict_409",
            Self::RepeatRefused => "repeat_refused",
            Self::Throttle429 => "throttle_429",
            Self::Error500 => "error_500",
            Self::Timeout504 => "timeout_504",
            Self::OtherOrder => "other_order",
            Self::OtherReference => "other_reference",
            Self::OtherAmount => "other_amount",
            Self::OtherCurrency => "other_currency",
            Self::BadUrl => "bad_url",
            Self::ScriptUrl => "script_url",
            Self::NotFound => "not_found",
            Self::FraudDeny => "fraud_deny",
            Self::NoAmount => "no_amount",
            Self::OddIds => "odd_ids",
            Self::OddForms => "odd_forms",
            Self::Replace => "replace",
            Self::ExpiresIn => "expires_in",
            Self::NoToken => "no_token",
            Self::OtherAccount => "other_account",
        }
    }
}
