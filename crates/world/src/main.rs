//! `cargo xtask world`: lives through many worlds, and says what must not be in any of them.

use clap::Parser;
use std::{
    collections::BTreeMap,
    error::Error,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};
use world::{Harm, Harms, Outcome, Plan, Rare, run};

/// Buyers, the merchant and GoPay in one simulated world that breaks on purpose.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask world")]
struct Arguments {
    /// How many worlds.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many buyers live in each.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..))]
    buyers: u8,
    /// What may go wrong, with commas between; everything without it.
    #[arg(long, value_delimiter = ',', value_parser = harm)]
    harms: Option<Vec<Option<Harm>>>,
    /// Prints what happened; for few seeds.
    #[arg(long)]
    tell: bool,
}

fn harm(name: &str) -> Result<Option<Harm>, String> {
    if name == "none" {
        return Ok(None);
    }
    let known = Harm::ALL.iter().copied().find(|harm| harm.name() == name);
    known.map(Some).ok_or_else(|| {
        let names: Vec<_> = Harm::ALL.iter().map(|harm| harm.name()).collect();
        format!("there are: none, {}", names.join(", "))
    })
}

/// What came of all worlds.
#[derive(Default)]
struct Total {
    violations: usize,
    broken: Vec<(u64, Outcome)>,
    rare: BTreeMap<Rare, u64>,
    orders: usize,
    lasted: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match live(&arguments) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("world: {error}");
            ExitCode::FAILURE
        }
    }
}

fn live(arguments: &Arguments) -> Result<usize, Box<dyn Error>> {
    let began = Instant::now();
    let harms = match &arguments.harms {
        Some(harms) => Harms::only(&harms.iter().flatten().copied().collect::<Vec<_>>()),
        None => Harms::all(),
    };
    let plan = |seed| Plan {
        seed,
        buyers: arguments.buyers,
        harms,
        tell: arguments.tell,
    };
    let next = AtomicU64::new(arguments.from);
    let end = arguments.from.saturating_add(arguments.seeds);
    let total = Mutex::new(Total::default());
    let failed = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    match run(plan(seed)) {
                        Ok(outcome) => {
                            let mut total = total.lock().unwrap_or_else(PoisonError::into_inner);
                            total.add(seed, outcome);
                        }
                        Err(error) => {
                            let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                            *failed = Some(format!("seed {seed}: {error}"));
                            return;
                        }
                    }
                }
            });
        }
    });
    if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return Err(error.into());
    }
    let mut total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
    total.broken.sort_by_key(|(seed, _)| *seed);
    for (seed, outcome) in &total.broken {
        for line in &outcome.story {
            println!("{line}");
        }
        for violation in &outcome.violations {
            println!("seed {seed}: {} {}", violation.id, violation.seen);
        }
    }
    if let Some((seed, outcome)) = total
        .broken
        .iter()
        .find(|(_, it)| !it.violations.is_empty())
    {
        println!(
            "{}",
            again(&shrunk(plan(*seed), &outcome.violations[0].id)?)
        );
    }
    total.print(arguments.seeds, began.elapsed().as_secs_f64());
    println!("violations: {}", total.violations);
    Ok(total.violations)
}

impl Total {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.violations += outcome.violations.len();
        self.orders += outcome.orders;
        self.lasted += outcome.lasted;
        for (rare, times) in &outcome.rare {
            *self.rare.entry(*rare).or_default() += times;
        }
        if !outcome.violations.is_empty() || !outcome.story.is_empty() {
            self.broken.push((seed, outcome));
        }
    }

    #[expect(
        clippy::float_arithmetic,
        clippy::cast_precision_loss,
        reason = "for people to read"
    )]
    fn print(&self, seeds: u64, seconds: f64) {
        let days = self.lasted as f64 / 86_400_000.0;
        println!(
            "worlds: {seeds}, orders: {}, simulated days: {days:.0} in {seconds:.1} s ({:.0} a second)",
            self.orders,
            days / seconds
        );
        for rare in Rare::ALL {
            println!(
                "  {:>7}  {rare:?}",
                self.rare.get(rare).copied().unwrap_or(0)
            );
        }
    }
}

/// The smallest plan in which the same promise is broken.
fn shrunk(mut plan: Plan, id: &str) -> Result<Plan, Box<dyn Error>> {
    let breaks = |plan: Plan| -> Result<bool, Box<dyn Error>> {
        Ok(run(plan)?
            .violations
            .iter()
            .any(|violation| violation.id == id))
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

/// How to see it again.
fn again(plan: &Plan) -> String {
    format!(
        "again: cargo xtask world --seeds 1 --from {} --buyers {} --harms {} --tell",
        plan.seed, plan.buyers, plan.harms
    )
}
