//! The fault plan: what goes wrong with which call to GoPay's APIs, and how often. Pure.
//!
//! Invariant: nothing is left to chance. Of the faults on a call the first one is met, and it
//! is gone once it was met as often as it says.
//!
//! Not here: what a fault does to a request and its answer.

mod harm;

pub(crate) use harm::Harm;

use gopay_protocol::{ServiceCode, message};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::num::NonZeroU32;
use url::Url;

/// One API that a merchant's back end calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Call {
    Payment,
    Status,
    Cancel,
    Refund,
    Token,
    Authorization,
    Profile,
}

impl Call {
    pub(crate) const ALL: [Self; 7] = [
        Self::Payment,
        Self::Status,
        Self::Cancel,
        Self::Refund,
        Self::Token,
        Self::Authorization,
        Self::Profile,
    ];

    /// Whose path this is.
    pub(crate) fn of(path: &str) -> Option<Self> {
        match path {
            message::payment::PATH => Some(Self::Payment),
            message::status::PATH => Some(Self::Status),
            message::cancel::PATH => Some(Self::Cancel),
            message::refund::PATH => Some(Self::Refund),
            message::access_token::PATH => Some(Self::Token),
            message::authorization::PATH => Some(Self::Authorization),
            message::profile::PATH => Some(Self::Profile),
            _ => None,
        }
    }

    /// As the plan writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Status => "status",
            Self::Cancel => "cancel",
            Self::Refund => "refund",
            Self::Token => "token",
            Self::Authorization => "authorization",
            Self::Profile => "profile",
        }
    }

    /// Its number in BI-SNAP; none in the mini-app API.
    pub(crate) fn service(self) -> Option<ServiceCode> {
        match self {
            Self::Payment => Some(ServiceCode::Payment),
            Self::Status => Some(ServiceCode::Status),
            Self::Cancel => Some(ServiceCode::Cancel),
            Self::Refund => Some(ServiceCode::Refund),
            Self::Token => Some(ServiceCode::AccessToken),
            Self::Authorization | Self::Profile => None,
        }
    }
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    pub(crate) on: Call,
    pub(crate) r#do: Harm,
    /// So often; without end where it is `null`.
    #[serde(default = "once")]
    pub(crate) times: Option<NonZeroU32>,
    /// Whether GoPay does what it was asked, where an answer that says no leaves that open.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) done: bool,
    /// Another case of the response code than the usual one: `14` makes 403xx14.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) case: Option<u8>,
    /// Seconds, for `throttle_429`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retry_after: Option<u32>,
    /// Where to, for `redirect`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Url>,
    /// For `expires_in`: any JSON. Without it the field is left out. For `replace`: the fields
    /// that take the place of the answer's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Value>,
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the default of a field that can be null"
)]
const fn once() -> Option<NonZeroU32> {
    Some(NonZeroU32::MIN)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature is serde's"
)]
const fn is_false(it: &bool) -> bool {
    !*it
}

/// Why a fault cannot happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("{harm} cannot happen on {call}")]
    Call {
        harm: &'static str,
        call: &'static str,
    },
    #[error("{field} means nothing for {harm}")]
    Field {
        harm: &'static str,
        field: &'static str,
    },
    #[error("case is a number from 0 to 99")]
    Case,
}

impl Fault {
    /// Whether it can happen as it is described.
    pub(crate) fn check(&self) -> Result<(), Unfit> {
        let harm = self.r#do.name();
        if !self.r#do.fits(self.on) {
            return Err(Unfit::Call {
                harm,
                call: self.on.name(),
            });
        }
        let code = self.r#do.code().is_some();
        for (field, there, allowed) in [
            ("done", self.done, code && self.r#do != Harm::Pending202),
            ("case", self.case.is_some(), code),
            (
                "retry_after",
                self.retry_after.is_some(),
                self.r#do == Harm::Throttle429,
            ),
            ("to", self.to.is_some(), self.r#do == Harm::Redirect),
            (
                "value",
                self.value.is_some(),
                matches!(self.r#do, Harm::ExpiresIn | Harm::Replace),
            ),
        ] {
            if there && !allowed {
                return Err(Unfit::Field { harm, field });
            }
        }
        if self.case.is_some_and(|case| case > 99) {
            return Err(Unfit::Case);
        }
        Ok(())
    }

    /// Whether GoPay does what it was asked.
    pub(crate) fn is_done(&self) -> bool {
        self.done || self.r#do.is_done()
    }
}

/// Everything that goes wrong, first things first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Plan(Vec<Fault>);

impl Plan {
    /// Whether each of them can happen.
    pub(crate) fn check(&self) -> Result<(), Unfit> {
        self.0.iter().try_for_each(Fault::check)
    }

    pub(crate) fn awaits(&self, call: Call) -> bool {
        self.0.iter().any(|fault| fault.on == call)
    }

    /// The fault that a call meets now.
    pub(crate) fn take(&mut self, call: Call) -> Option<Fault> {
        let index = self.0.iter().position(|fault| fault.on == call)?;
        let fault = self.0.get_mut(index)?;
        let met = fault.clone();
        if let Some(times) = fault.times {
            fault.times = NonZeroU32::new(times.get() - 1);
            if fault.times.is_none() {
                self.0.remove(index);
            }
        }
        Some(met)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plan(faults: Value) -> Plan {
        serde_json::from_value(faults).unwrap()
    }

    fn taken(plan: &mut Plan, call: Call) -> Option<&'static str> {
        plan.take(call).map(|fault| fault.r#do.name())
    }

    #[test]
    fn the_first_fault_on_a_call_is_met_and_used_up() {
        let mut plan = plan(json!([
            {"on": "status", "do": "html"},
            {"on": "payment", "do": "answer_lost", "times": 2},
            {"on": "payment", "do": "error_500", "times": null},
        ]));
        for met in ["answer_lost", "answer_lost", "error_500", "error_500"] {
            assert_eq!(taken(&mut plan, Call::Payment), Some(met));
        }
        assert_eq!(taken(&mut plan, Call::Status), Some("html"));
        assert_eq!(taken(&mut plan, Call::Status), None);
        assert_eq!(taken(&mut plan, Call::Cancel), None);
        assert!(plan.awaits(Call::Payment));
    }

    #[test]
    fn every_harm_fits_somewhere_and_is_read_by_its_name() {
        for (harm, _) in Harm::ALL {
            let fit = Call::ALL.into_iter().filter(|call| harm.fits(*call));
            assert!(fit.count() > 0, "{}", harm.name());
            assert_eq!(json!(harm), json!(harm.name()));
        }
        for call in Call::ALL {
            assert_eq!(json!(call), json!(call.name()));
        }
    }

    #[test]
    fn what_cannot_happen_is_said() {
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
            let error = plan(json!([fault])).check().unwrap_err();
            assert_eq!(error.to_string(), why);
        }
        let fine = json!([{"on": "payment", "do": "forbidden", "case": 14, "done": true}]);
        assert_eq!(plan(fine).check(), Ok(()));
    }
}
