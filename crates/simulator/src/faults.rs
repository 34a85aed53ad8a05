//! The fault plan: what goes wrong with which endpoint of GoPay's APIs, and how often. Pure.
//!
//! Invariant: nothing is random. A request meets the first fault on its endpoint; a fault is
//! removed once it was met `times` times.
//!
//! Not here: what a fault does to a request and its response.

mod kind;
mod shape;

pub(crate) use kind::FaultKind;

use crate::target::{Subject, Target};
use gopay_protocol::{ServiceCode, message};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use std::{fmt, num::NonZeroU32};
use strum::EnumIter;
use url::Url;

/// Docs disagree: the address of the balance on an older page `[gopay-gems]`.
pub(crate) const OLDER_GEMS_BALANCE_PATH: &str = "/v1/mini-apps/users/gems/balance";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Endpoint {
    Payment,
    Status,
    Cancel,
    Refund,
    Token,
    Authorization,
    Profile,
    Rewards,
    GemsBalance,
    GemsCollect,
    Reminder,
    Push,
    Snap,
    SnapSession,
    SnapStatus,
    SnapCancel,
    SnapExpire,
    SnapRefund,
}

/// The API that an endpoint belongs to, and so the form of its errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Api {
    BiSnap(ServiceCode),
    MiniApp,
    Snap,
    Core,
}

/// The name in the control API.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl Endpoint {
    pub(crate) fn at(path: &str) -> Option<Self> {
        match path {
            message::payment::PATH => Some(Self::Payment),
            message::status::PATH => Some(Self::Status),
            message::cancel::PATH => Some(Self::Cancel),
            message::refund::PATH => Some(Self::Refund),
            message::access_token::PATH => Some(Self::Token),
            message::authorization::PATH => Some(Self::Authorization),
            message::profile::PATH => Some(Self::Profile),
            message::rewards::PATH => Some(Self::Rewards),
            message::gems::BALANCE_PATH | OLDER_GEMS_BALANCE_PATH => Some(Self::GemsBalance),
            message::gems::COLLECT_PATH => Some(Self::GemsCollect),
            message::push::PATH => Some(Self::Push),
            message::snap::PATH => Some(Self::Snap),
            _ => Self::of_one(path),
        }
    }

    /// An endpoint whose path has an id.
    fn of_one(path: &str) -> Option<Self> {
        let parts: Vec<_> = path.split('/').collect();
        match parts.as_slice() {
            ["", "v2", _, "status"] => Some(Self::SnapStatus),
            ["", "v2", _, "cancel"] => Some(Self::SnapCancel),
            ["", "v2", _, "expire"] => Some(Self::SnapExpire),
            ["", "v2", _, "refund", "online", "direct"] => Some(Self::SnapRefund),
            ["", "snap", "v1", "transactions", _, "cancel"] => Some(Self::SnapSession),
            _ => path
                .strip_prefix(message::reminder::PATH)
                .filter(|rest| rest.is_empty() || rest.starts_with('/'))
                .map(|_| Self::Reminder),
        }
    }

    pub(crate) fn api(self) -> Api {
        match self {
            Self::Payment => Api::BiSnap(ServiceCode::Payment),
            Self::Status => Api::BiSnap(ServiceCode::Status),
            Self::Cancel => Api::BiSnap(ServiceCode::Cancel),
            Self::Refund => Api::BiSnap(ServiceCode::Refund),
            Self::Token => Api::BiSnap(ServiceCode::AccessToken),
            Self::Snap | Self::SnapSession => Api::Snap,
            Self::SnapStatus | Self::SnapCancel | Self::SnapExpire | Self::SnapRefund => Api::Core,
            Self::Authorization
            | Self::Profile
            | Self::Rewards
            | Self::GemsBalance
            | Self::GemsCollect
            | Self::Reminder
            | Self::Push => Api::MiniApp,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    pub(crate) on: Endpoint,
    #[serde(rename = "do")]
    pub(crate) kind: FaultKind,
    /// How many requests meet it; `null` is every request, and so is `always`, since TOML has no `null`.
    #[serde(default = "once", deserialize_with = "times")]
    pub(crate) times: Option<NonZeroU32>,
    #[serde(default, rename = "for", skip_serializing_if = "Target::is_all")]
    pub(crate) target: Target,
    /// Whether GoPay carries out the request although the response is an error.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) done: bool,
    /// The case of the response code, if not the usual one: `14` makes 403xx14.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) case: Option<u8>,
    /// Seconds, for `throttle_429`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Url>,
    /// For `expires_in`: any JSON; without it the field is left out. For `replace`: the fields
    /// that replace the response's own. For `error_code`: the code; without it 900.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Value>,
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the default of a field that can be null"
)]
pub(crate) const fn once() -> Option<NonZeroU32> {
    Some(NonZeroU32::MIN)
}

/// A number, `null`, or `always`.
pub(crate) fn times<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NonZeroU32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "times is a number from 1 on, null or always")]
    enum Times {
        Count(NonZeroU32),
        Word(Always),
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Always {
        Always,
    }
    Ok(match Option::<Times>::deserialize(deserializer)? {
        Some(Times::Count(count)) => Some(count),
        Some(Times::Word(Always::Always)) | None => None,
    })
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is serde's"
)]
const fn is_false(it: &bool) -> bool {
    !*it
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FaultError {
    #[error("{kind} cannot happen on {endpoint}")]
    Endpoint { kind: FaultKind, endpoint: Endpoint },
    #[error("a notification has no shape {0}")]
    Shape(FaultKind),
    #[error("{field} means nothing for {kind}")]
    Field {
        kind: FaultKind,
        field: &'static str,
    },
    #[error("case is a number from 0 to 99")]
    Case,
    #[error("value is a code as text: \"4060\" of the mini-app API, \"412\" of the Core API")]
    Code,
}

impl Fault {
    pub(crate) fn validate(&self) -> Result<(), FaultError> {
        let (kind, endpoint) = (self.kind, self.on);
        if !kind.applies_to(endpoint) {
            return Err(FaultError::Endpoint { kind, endpoint });
        }
        let code = kind.response_code().is_some();
        for (field, is_set, allowed) in [
            ("done", self.done, code && kind != FaultKind::Pending202),
            (
                "case",
                self.case.is_some(),
                code && kind != FaultKind::ErrorCode,
            ),
            (
                "retry_after",
                self.retry_after.is_some(),
                kind == FaultKind::Throttle429,
            ),
            ("to", self.to.is_some(), kind == FaultKind::Redirect),
            (
                "value",
                self.value.is_some(),
                matches!(
                    kind,
                    FaultKind::ExpiresIn | FaultKind::Replace | FaultKind::ErrorCode
                ),
            ),
        ] {
            if is_set && !allowed {
                return Err(FaultError::Field { kind, field });
            }
        }
        let is_text = self.value.as_ref().is_none_or(Value::is_string);
        if kind == FaultKind::ErrorCode && !is_text {
            return Err(FaultError::Code);
        }
        if self.case.is_some_and(|case| case > 99) {
            return Err(FaultError::Case);
        }
        Ok(())
    }

    /// Whether GoPay carries out the request.
    pub(crate) fn carries_out(&self) -> bool {
        self.done || self.kind.carries_out()
    }
}

/// The planned faults, in the order in which requests meet them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct FaultPlan(Vec<Fault>);

impl FaultPlan {
    /// One fault, which one request meets.
    pub(crate) fn once(on: Endpoint, kind: FaultKind) -> Self {
        Self(vec![Fault {
            on,
            kind,
            times: once(),
            target: Target::default(),
            done: false,
            case: None,
            retry_after: None,
            to: None,
            value: None,
        }])
    }

    pub(crate) fn validate(&self) -> Result<(), FaultError> {
        self.0.iter().try_for_each(Fault::validate)
    }

    pub(crate) fn has_fault_on(&self, endpoint: Endpoint) -> bool {
        self.0.iter().any(|fault| fault.on == endpoint)
    }

    /// The fault that a request to this endpoint meets.
    pub(crate) fn take(&mut self, endpoint: Endpoint, subject: &Subject) -> Option<Fault> {
        let fits = |fault: &Fault| fault.on == endpoint && fault.target.has(subject);
        take_first(&mut self.0, fits, |fault| &mut fault.times)
    }
}

/// The first fault that fits; it is removed once it was taken `times` times.
pub(crate) fn take_first<F: Clone>(
    plan: &mut Vec<F>,
    fits: impl Fn(&F) -> bool,
    times: impl Fn(&mut F) -> &mut Option<NonZeroU32>,
) -> Option<F> {
    let index = plan.iter().position(fits)?;
    let fault = plan.get_mut(index)?;
    let met = fault.clone();
    let times = times(fault);
    if let Some(before) = *times {
        *times = NonZeroU32::new(before.get() - 1);
        if times.is_none() {
            plan.remove(index);
        }
    }
    Some(met)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use strum::{EnumMessage, IntoEnumIterator};

    fn plan(faults: Value) -> FaultPlan {
        serde_json::from_value(faults).unwrap()
    }

    fn taken(plan: &mut FaultPlan, endpoint: Endpoint) -> Option<String> {
        plan.take(endpoint, &Subject::default())
            .map(|fault| fault.kind.to_string())
    }

    #[test]
    fn the_first_fault_on_an_endpoint_is_met_and_used_up() {
        let mut plan = plan(json!([
            {"on": "status", "do": "html"},
            {"on": "payment", "do": "answer_lost", "times": 2},
            {"on": "payment", "do": "error_500", "times": null},
        ]));
        for met in ["answer_lost", "answer_lost", "error_500", "error_500"] {
            assert_eq!(taken(&mut plan, Endpoint::Payment).as_deref(), Some(met));
        }
        assert_eq!(taken(&mut plan, Endpoint::Status).as_deref(), Some("html"));
        assert_eq!(taken(&mut plan, Endpoint::Status), None);
        assert_eq!(taken(&mut plan, Endpoint::Cancel), None);
        assert!(plan.has_fault_on(Endpoint::Payment));
    }

    #[test]
    fn every_kind_applies_to_an_endpoint_and_has_a_meaning() {
        for kind in FaultKind::iter() {
            assert!(
                Endpoint::iter().any(|endpoint| kind.applies_to(endpoint)),
                "{kind}"
            );
            assert!(kind.get_documentation().is_some(), "{kind}");
        }
    }

    #[test]
    fn an_invalid_fault_is_refused_with_its_reason() {
        for (fault, why) in [
            (
                json!({"on": "token", "do": "bad_url"}),
                "bad_url cannot happen on token",
            ),
            (
                json!({"on": "payment", "do": "html", "retry_after": 1}),
                "retry_after means nothing for html",
            ),
            (
                json!({"on": "payment", "do": "other_amount", "done": true}),
                "done means nothing for other_amount",
            ),
            (
                json!({"on": "payment", "do": "forbidden", "case": 100}),
                "case is a number from 0 to 99",
            ),
        ] {
            let error = plan(json!([fault])).validate().unwrap_err();
            assert_eq!(error.to_string(), why);
        }
        let fine = json!([{"on": "payment", "do": "forbidden", "case": 14, "done": true}]);
        assert_eq!(plan(fine).validate(), Ok(()));
    }
}
