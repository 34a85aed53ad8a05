//! `cargo xtask simulation`: runs many seeds and prints every violated invariant.

use clap::Parser;
use enumset::EnumSet;
use simulation::{Fault, Plan, run_seeds, shrink};
use std::{error::Error, process::ExitCode};

/// Buyers, the merchant and GoPay in one seeded simulation with injected faults.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask simulation")]
struct Arguments {
    /// How many seeds
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// How many buyers in each run
    #[arg(long, default_value_t = Plan::DEFAULT.buyers, value_parser = clap::value_parser!(u8).range(1..))]
    buyers: u8,
    /// The faults to inject, separated by commas; all by default
    #[arg(long, value_delimiter = ',', value_parser = parse_fault)]
    faults: Option<Vec<EnumSet<Fault>>>,
    /// Print a trace of each run
    #[arg(long)]
    trace: bool,
}

fn parse_fault(name: &str) -> Result<EnumSet<Fault>, String> {
    match name {
        "none" => Ok(EnumSet::empty()),
        _ => name.parse().map(EnumSet::only).map_err(|_| {
            let names: Vec<_> = EnumSet::<Fault>::all()
                .iter()
                .map(|it| it.to_string())
                .collect();
            format!("there are: none, {}", names.join(", "))
        }),
    }
}

fn main() -> ExitCode {
    match simulate(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("simulation: {error}");
            ExitCode::FAILURE
        }
    }
}

fn simulate(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let plan = Plan {
        buyers: arguments.buyers,
        faults: match &arguments.faults {
            Some(some) => some
                .iter()
                .copied()
                .fold(EnumSet::empty(), |all, it| all | it),
            None => Plan::DEFAULT.faults,
        },
        trace: arguments.trace,
        ..Plan::DEFAULT
    };
    let end = arguments.from.saturating_add(arguments.seeds);
    let summary = run_seeds(plan, arguments.from..end)?;
    let broken = summary
        .reported
        .iter()
        .find_map(|(seed, outcome)| Some((*seed, outcome.violations.first()?.id)));
    if let Some((seed, id)) = broken.filter(|_| !arguments.trace) {
        let smallest = shrink(Plan { seed, ..plan }, id)?;
        println!("{id} again, with the smallest plan found: {smallest}");
    }
    println!("{summary}");
    Ok(match broken {
        Some(_) => ExitCode::FAILURE,
        None => ExitCode::SUCCESS,
    })
}
