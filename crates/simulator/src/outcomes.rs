//! What becomes of payments without a buyer who decides: the plan of a test. Pure.

use crate::{
    payments::PaymentAction,
    target::{Subject, Target},
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Outcome {
    #[serde(rename = "do")]
    action: PaymentAction,
    #[serde(default, rename = "for", skip_serializing_if = "Target::is_all")]
    target: Target,
    /// After the moment at which the payment takes it.
    #[serde(default)]
    after_seconds: u32,
    /// By how much its notification is late.
    #[serde(default)]
    notify_after_seconds: u32,
}

/// When a payment takes its outcome. Who pays is known once it is opened, and only what is open can be left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    Requested,
    Opened,
}

impl Outcome {
    fn moment(&self) -> Moment {
        match self.target.has_buyer() || self.action == PaymentAction::Leave {
            true => Moment::Opened,
            false => Moment::Requested,
        }
    }
}

/// The outcomes, of which a payment takes the first that is for it, and those that are to happen.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    pub(crate) plan: Vec<Outcome>,
    /// By payment.
    due: BTreeMap<String, (Timestamp, PaymentAction)>,
    /// Payments that have taken one: there is no second.
    taken: HashSet<String>,
}

impl Outcomes {
    /// Plans the outcome of a payment. Returns by how much its notifications are late.
    pub(crate) fn plan(
        &mut self,
        reference_no: &str,
        subject: &Subject,
        moment: Moment,
        now: Timestamp,
    ) -> Option<SignedDuration> {
        if self.taken.contains(reference_no) {
            return None;
        }
        let mut plan = self.plan.iter();
        let outcome = plan.find(|it| it.moment() == moment && it.target.has(subject))?;
        let at = now + SignedDuration::from_secs(outcome.after_seconds.into());
        let due = (at, outcome.action);
        self.due.insert(reference_no.to_owned(), due);
        self.taken.insert(reference_no.to_owned());
        Some(SignedDuration::from_secs(
            outcome.notify_after_seconds.into(),
        ))
    }

    /// Takes the first one that has to happen by now.
    pub(crate) fn take(&mut self, now: Timestamp) -> Option<(String, PaymentAction)> {
        let due = self.due.iter().min_by_key(|(_, (at, _))| *at);
        let (reference_no, _) = due.filter(|(_, (at, _))| *at <= now)?;
        let reference_no = reference_no.clone();
        let (_, action) = self.due.remove(&reference_no)?;
        Some((reference_no, action))
    }

    pub(crate) fn next(&self) -> Option<Timestamp> {
        self.due.values().map(|(at, _)| *at).min()
    }
}
