//! Many worlds, side by side.

use crate::{Harm, Outcome, Plan, Rare, run};
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

/// Why a world could not be lived through.
type Error = Box<dyn std::error::Error>;

/// What came of many worlds.
#[derive(Debug, Default)]
pub struct Total {
    /// How many they were.
    pub worlds: u64,
    /// Those with something to say, by their seeds.
    pub told: Vec<(u64, Outcome)>,
    /// How often they came to rare points.
    pub rare: BTreeMap<Rare, u64>,
    /// How many orders there were.
    pub orders: usize,
    /// How long they lasted together, in simulated milliseconds.
    pub lasted: u64,
    /// How long that took.
    pub took: Duration,
}

/// Lives through a world for each of these seeds; all else is in `plan`.
pub fn live(plan: Plan, seeds: Range<u64>) -> Result<Total, Error> {
    let began = Instant::now();
    let next = AtomicU64::new(seeds.start);
    let total = Mutex::new(Total::default());
    let failed = Mutex::new(None);
    let live = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return;
            }
            match run(Plan { seed, ..plan }) {
                Ok(outcome) => locked(&total).add(seed, outcome),
                Err(error) => {
                    *locked(&failed) = Some(format!("seed {seed}: {error}"));
                    return;
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(live);
        }
    });
    if let Some(error) = locked(&failed).take() {
        return Err(error.into());
    }
    let mut total = std::mem::take(&mut *locked(&total));
    total.told.sort_by_key(|(seed, _)| *seed);
    total.took = began.elapsed();
    Ok(total)
}

/// The smallest plan in which the same promise is broken.
pub fn shrunk(mut plan: Plan, id: &str) -> Result<Plan, Error> {
    let breaks = |plan: Plan| -> Result<bool, Error> {
        let violations = run(plan)?.violations;
        Ok(violations.iter().any(|violation| violation.id == id))
    };
    plan.tell = false;
    for harm in Harm::ALL.iter().copied() {
        let less = Plan {
            harms: plan.harms.without(harm),
            ..plan
        };
        if plan.harms.has(harm) && breaks(less)? {
            plan = less;
        }
    }
    while plan.buyers > 1 {
        let less = Plan {
            buyers: plan.buyers - 1,
            ..plan
        };
        if !breaks(less)? {
            break;
        }
        plan = less;
    }
    Ok(plan)
}

impl Total {
    /// How many times something was seen that must not be.
    pub fn violations(&self) -> usize {
        let told = self.told.iter();
        told.map(|(_, outcome)| outcome.violations.len()).sum()
    }

    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.worlds += 1;
        self.orders += outcome.orders;
        self.lasted += outcome.lasted;
        for (rare, times) in &outcome.rare {
            *self.rare.entry(*rare).or_default() += times;
        }
        if !outcome.violations.is_empty() || !outcome.story.is_empty() {
            self.told.push((seed, outcome));
        }
    }
}

/// What happened where it was told, what must not be, how often they came to rare points; and
/// a last line that counts the violations.
impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (seed, outcome) in &self.told {
            for line in &outcome.story {
                writeln!(f, "{line}")?;
            }
            for violation in &outcome.violations {
                writeln!(f, "seed {seed}: {} {}", violation.id, violation.seen)?;
            }
        }
        let rare: Vec<_> = Rare::ALL
            .iter()
            .map(|rare| format!("{rare:?} {}", self.rare.get(rare).copied().unwrap_or(0)))
            .collect();
        writeln!(f, "rare points: {}", rare.join(", "))?;
        let days = self.lasted / 86_400_000;
        let milliseconds = u64::try_from(self.took.as_millis())
            .unwrap_or(u64::MAX)
            .max(1);
        writeln!(
            f,
            "worlds: {}, orders: {}, simulated days: {days}, in {}.{} s: {} days a second",
            self.worlds,
            self.orders,
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
