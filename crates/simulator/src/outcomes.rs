//! What becomes of payments without a buyer who decides: the plan of a test. Pure.

use crate::{
    payments::PaymentAction,
    target::{Subject, Target},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outcome {
    #[serde(rename = "do")]
    action: PaymentAction,
    #[serde(default, rename = "for", skip_serializing_if = "Target::is_all")]
    target: Target,
    /// After the request of the payment; of a target with a buyer, after the buyer has opened it.
    #[serde(default)]
    after_seconds: u32,
    /// By how much its notification is late.
    #[serde(default)]
    notify_after_seconds: u32,
}

/// The outcomes, of which a payment takes the first that is for it, and those that are to happen.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    pub(crate) plan: Vec<Outcome>,
    /// By payment: an outcome is never planned twice.
    due: BTreeMap<String, (Timestamp, PaymentAction)>,
}

impl Outcomes {
    /// Plans the outcome of a payment. Returns by how much its notifications are late.
    pub(crate) fn plan(
        &mut self,
        reference_no: &str,
        subject: &Subject,
        now: Timestamp,
    ) -> Option<SignedDuration> {
        if self.due.contains_key(reference_no) {
            return None;
        }
        let outcome = self.plan.iter().find(|it| it.target.has(subject))?;
        let at = now + SignedDuration::from_secs(outcome.after_seconds.into());
        let due = (at, outcome.action);
        self.due.insert(reference_no.to_owned(), due);
        Some(SignedDuration::from_secs(
            outcome.notify_after_seconds.into(),
        ))
    }

    /// Takes one that has to happen by now.
    pub(crate) fn take(&mut self, now: Timestamp) -> Option<(String, PaymentAction)> {
        let due = self.due.iter().find(|(_, (at, _))| *at <= now);
        let reference_no = due.map(|(reference_no, _)| reference_no.clone())?;
        let (_, action) = self.due.remove(&reference_no)?;
        Some((reference_no, action))
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.due.values().map(|(at, _)| *at).min()
    }
}
