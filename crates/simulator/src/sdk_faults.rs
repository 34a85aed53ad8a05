//! The plan of hostile replies: what goes wrong with which call of the SDK, and how often. Pure.
//!
//! Invariant: nothing is random. A call meets the first fault on its method; a fault is removed once it
//! was met `times` times.
//!
//! Not here: what a callback gets. `assets/sdk-faults.js` has a function for each kind.

mod kind;

pub(crate) use kind::SdkFaultKind;

use crate::faults::{once, take_first, times};
use serde::{Deserialize, Serialize};
use std::num::NonZeroU32;

/// Every method, or the page itself.
pub(crate) const ALL: &str = "*";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SdkFault {
    /// A method, `GP.launchPayment`, or [`ALL`].
    on: String,
    #[serde(rename = "do")]
    kind: SdkFaultKind,
    /// How many calls, or loads of the SDK, meet it; `null` is every one.
    #[serde(default = "once", deserialize_with = "times")]
    times: Option<NonZeroU32>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SdkFaultError {
    #[error("{kind} cannot happen on {method}")]
    Method { kind: SdkFaultKind, method: String },
    #[error("{0} is of the whole page: `on` has to be *")]
    Page(SdkFaultKind),
    #[error("{0}")]
    UnknownMethod(String),
}

impl SdkFault {
    /// `check_method` says why there is no method of a name.
    fn validate(
        &self,
        check_method: impl Fn(&str) -> Result<(), String>,
    ) -> Result<(), SdkFaultError> {
        let (kind, method) = (self.kind, &self.on);
        if method == ALL {
            return Ok(());
        }
        check_method(method).map_err(SdkFaultError::UnknownMethod)?;
        if kind.is_of_page() {
            return Err(SdkFaultError::Page(kind));
        }
        if !kind.applies_to(method) {
            let method = method.clone();
            return Err(SdkFaultError::Method { kind, method });
        }
        Ok(())
    }

    fn is_on(&self, method: &str) -> bool {
        (self.on == ALL || self.on == method) && self.kind.applies_to(method)
    }
}

/// The planned faults, in the order in which calls meet them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct SdkFaultPlan(Vec<SdkFault>);

impl SdkFaultPlan {
    /// `check_method` says why there is no method of a name.
    pub(crate) fn validate(
        &self,
        check_method: impl Fn(&str) -> Result<(), String>,
    ) -> Result<(), SdkFaultError> {
        self.0
            .iter()
            .try_for_each(|fault| fault.validate(&check_method))
    }

    /// The fault that a call of this method meets.
    pub(crate) fn take(&mut self, method: &str) -> Option<SdkFaultKind> {
        self.take_where(|fault| fault.is_on(method))
    }

    /// The fault that a page meets which loads the SDK.
    pub(crate) fn take_of_page(&mut self) -> Option<SdkFaultKind> {
        self.take_where(|fault| fault.kind.is_of_page())
    }

    fn take_where(&mut self, fits: impl Fn(&SdkFault) -> bool) -> Option<SdkFaultKind> {
        take_first(&mut self.0, fits, |fault| &mut fault.times).map(|fault| fault.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::collections::BTreeSet;
    use strum::IntoEnumIterator;

    fn plan(faults: Value) -> SdkFaultPlan {
        serde_json::from_value(faults).unwrap()
    }

    #[test]
    fn a_call_meets_the_first_fault_that_its_method_can_have() {
        let mut plan = plan(json!([
            {"on": "*", "do": "locale_null"},
            {"on": "*", "do": "container_text"},
            {"on": "GP.launchPayment", "do": "called_twice", "times": 2},
            {"on": "*", "do": "number", "times": null},
        ]));
        for kind in ["called_twice", "called_twice", "number", "number"] {
            let met = plan.take("GP.launchPayment").unwrap();
            assert_eq!(met.to_string(), kind);
        }
        let page = plan.take_of_page();
        assert_eq!(page, Some(SdkFaultKind::ContainerText));
        assert_eq!(plan.take_of_page(), None);
        let locale = plan.take("GPBase.getLocale");
        assert_eq!(locale, Some(SdkFaultKind::LocaleNull));
    }

    #[test]
    fn every_hostile_reply_of_the_catalogue_has_a_kind() {
        let ids: BTreeSet<_> = SdkFaultKind::iter()
            .map(|kind| kind.id_and_meaning().0)
            .collect();
        let catalogue: BTreeSet<_> = (1..=49).map(|number| format!("S{number:02}")).collect();
        assert!(ids.iter().eq(&catalogue), "{ids:?}");
    }

    #[test]
    fn the_readme_has_every_kind_under_its_id() {
        let readme = include_str!("../README.md");
        for kind in SdkFaultKind::iter() {
            let start = format!("| {} |", kind.id_and_meaning().0);
            let row = readme.lines().find(|line| line.starts_with(&start));
            assert!(
                row.unwrap_or_default().contains(&format!("`{kind}`")),
                "{kind}"
            );
        }
    }
}
