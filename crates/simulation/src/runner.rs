//! Runs many seeds in parallel.

use crate::{
    checker::CoveragePoint,
    plan::Plan,
    run::{Outcome, run},
};
use std::{
    collections::BTreeMap,
    fmt,
    ops::Range,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use strum::VariantArray;

type Error = Box<dyn std::error::Error>;

#[derive(Debug, Default)]
pub struct Summary {
    pub runs: u64,
    /// By seed, the runs with violations or a trace.
    pub reported: Vec<(u64, Outcome)>,
    pub coverage: BTreeMap<CoveragePoint, u64>,
    pub orders: usize,
    /// Given by GoPay.
    pub rewards: usize,
    /// In simulated milliseconds.
    pub simulated: u64,
    pub elapsed: Duration,
}

/// Runs the plan with each of these seeds.
pub fn run_seeds(plan: Plan, seeds: Range<u64>) -> Result<Summary, Error> {
    let started = Instant::now();
    let next = AtomicU64::new(seeds.start);
    let summary = Mutex::new(Summary::default());
    let failed = Mutex::new(None);
    let worker = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            match run(Plan { seed, ..plan }) {
                Ok(outcome) => locked(&summary).add(seed, outcome),
                Err(error) => {
                    *locked(&failed) = Some(format!("seed {seed}: {error}"));
                    return;
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(worker);
        }
    });
    if let Some(error) = locked(&failed).take() {
        return Err(error.into());
    }
    let mut summary = std::mem::take(&mut *locked(&summary));
    summary.reported.sort_by_key(|(seed, _)| *seed);
    summary.elapsed = started.elapsed();
    Ok(summary)
}

/// Removes faults and buyers from a plan as long as it violates the same invariant.
pub fn shrink(mut plan: Plan, id: &str) -> Result<Plan, Error> {
    let violates = |plan: Plan| -> Result<bool, Error> {
        let violations = run(plan)?.violations;
        Ok(violations.iter().any(|violation| violation.id == id))
    };
    plan.trace = false;
    for fault in plan.faults {
        let smaller = Plan {
            faults: plan.faults - fault,
            ..plan
        };
        if violates(smaller)? {
            plan = smaller;
        }
    }
    while plan.buyers > 1 {
        let smaller = Plan {
            buyers: plan.buyers - 1,
            ..plan
        };
        if !violates(smaller)? {
            break;
        }
        plan = smaller;
    }
    Ok(plan)
}

impl Summary {
    pub fn violations(&self) -> usize {
        let reported = self.reported.iter();
        reported.map(|(_, it)| it.violations.len()).sum()
    }

    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.runs += 1;
        self.orders += outcome.orders;
        self.rewards += outcome.rewards;
        self.simulated += outcome.duration;
        for (point, count) in &outcome.coverage {
            *self.coverage.entry(*point).or_default() += count;
        }
        if !outcome.violations.is_empty() || !outcome.trace.is_empty() {
            self.reported.push((seed, outcome));
        }
    }
}

/// The traces, the violations, the coverage, and a last line that counts the violations.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (seed, outcome) in &self.reported {
            for line in &outcome.trace {
                writeln!(f, "{line}")?;
            }
            for violation in &outcome.violations {
                writeln!(f, "seed {seed}: {} {}", violation.id, violation.seen)?;
            }
        }
        let coverage: Vec<_> = CoveragePoint::VARIANTS
            .iter()
            .map(|point| {
                let count = self.coverage.get(point).copied().unwrap_or(0);
                format!("{point:?} {count}")
            })
            .collect();
        writeln!(f, "coverage: {}", coverage.join(", "))?;
        let days = self.simulated / 86_400_000;
        let milliseconds = u64::try_from(self.elapsed.as_millis())
            .unwrap_or(u64::MAX)
            .max(1);
        writeln!(
            f,
            "runs: {}, orders: {}, rewards: {}, simulated days: {days}, in {}.{} s: {} days a second",
            self.runs,
            self.orders,
            self.rewards,
            milliseconds / 1_000,
            milliseconds % 1_000 / 100,
            days * 1_000 / milliseconds,
        )?;
        write!(f, "violations: {}", self.violations())
    }
}

fn locked<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
