//! Whether what must always be true is true in a database, of a merchant that may be running
//! on it. Nothing is written.
//!
//! Not here: whether GoPay says the same.

mod checks;

use crate::adapters::database::{self, open_snapshot, verify_snapshot::VerifySnapshot};
use std::{collections::BTreeSet, fmt};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub checks: Vec<Check>,
}

/// One promise, and who breaks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// `I-01` ...
    pub id: &'static str,
    pub promise: &'static str,
    /// The orders for which it is not, or what else is wrong.
    pub violations: BTreeSet<String>,
}

impl Report {
    /// How many violations there are in all.
    pub fn violations(&self) -> usize {
        self.checks.iter().map(|check| check.violations.len()).sum()
    }

    /// Those that the other report does not have, each after the id of its promise.
    pub(crate) fn violations_besides(&self, other: &Self) -> Vec<String> {
        let violations = |report: &Self| -> BTreeSet<String> {
            let checks = report.checks.iter();
            checks
                .flat_map(|check| {
                    check
                        .violations
                        .iter()
                        .map(|it| format!("{} {it}", check.id))
                })
                .collect()
        };
        let other = violations(other);
        violations(self).difference(&other).cloned().collect()
    }
}

/// One line for every promise, then one for their violations.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            write!(f, "{}  {}: ", check.id, check.promise)?;
            if check.violations.is_empty() {
                writeln!(f, "yes")?;
            } else {
                let violations: Vec<_> = check.violations.iter().map(String::as_str).collect();
                writeln!(f, "NO: {}", violations.join(", "))?;
            }
        }
        write!(f, "violations: {}", self.violations())
    }
}

/// Checks the whole database in one snapshot.
pub async fn verify(database_url: &str) -> Result<Report, database::Error> {
    let mut snapshot = open_snapshot(database_url).await?;
    verify_snapshot(&mut VerifySnapshot::of_transaction(&mut snapshot)).await
}

/// Checks what this snapshot shows.
pub(crate) async fn verify_snapshot(
    snapshot: &mut VerifySnapshot<'_>,
) -> Result<Report, database::Error> {
    let mut checks: Vec<_> = checks::OF_AN_ORDER
        .iter()
        .map(|(id, promise, _)| Check {
            id,
            promise,
            violations: BTreeSet::new(),
        })
        .collect();
    let mut numbers = BTreeSet::new();
    let mut orders = snapshot.next_orders(None).await?;
    while let Some(last) = orders.last() {
        let last = last.id.clone();
        for order in orders {
            if checks::refunds_that_changed(&order) {
                numbers.insert(order.id.to_string());
            }
            for (check, (_, _, holds)) in checks.iter_mut().zip(checks::OF_AN_ORDER) {
                if !holds(&order) {
                    check.violations.insert(order.id.to_string());
                }
            }
        }
        orders = snapshot.next_orders(Some(&last)).await?;
    }
    numbers.extend(snapshot.shared_refund_numbers().await?);
    let mut broken = checks::missing_triggers(&snapshot.triggers().await?);
    match snapshot.lost_evidence().await? {
        0 => {}
        lost => {
            broken.insert(format!("{lost} pieces of evidence are missing"));
        }
    }
    checks.extend([
        Check {
            id: "I-07",
            promise: "a refund number stands for one amount for ever",
            violations: numbers,
        },
        Check {
            id: "I-14",
            promise: "no X-EXTERNAL-ID stands for two requests",
            violations: snapshot.shared_external_ids().await?.into_iter().collect(),
        },
        Check {
            id: "I-18",
            promise: "the same key is the same order and the same attempt",
            violations: snapshot.shared_keys().await?.into_iter().collect(),
        },
        Check {
            id: "I-23",
            promise: "what is written down stays: nothing is missing, and the triggers are there",
            violations: broken,
        },
    ]);
    checks.sort_by_key(|check| check.id);
    Ok(Report { checks })
}
