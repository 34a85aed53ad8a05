//! `cargo xtask world`: lives through many worlds, and says what must not be in any of them.

use clap::Parser;
use std::{error::Error, process::ExitCode};
use world::{Harm, Harms, Plan, live, shrunk};

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
    #[arg(long, default_value_t = Plan::DEFAULT.buyers, value_parser = clap::value_parser!(u8).range(1..))]
    buyers: u8,
    /// What may go wrong, with commas between; everything without it.
    #[arg(long, value_delimiter = ',', value_parser = harm)]
    harms: Option<Vec<Harms>>,
    /// Prints what happened; for one seed.
    #[arg(long)]
    tell: bool,
}

fn harm(name: &str) -> Result<Harms, String> {
    let known = Harm::ALL.iter().copied().find(|harm| harm.name() == name);
    match known {
        Some(harm) => Ok(Harms::NONE.with(harm)),
        None if name == "none" => Ok(Harms::NONE),
        None => {
            let names: Vec<_> = Harm::ALL.iter().map(|harm| harm.name()).collect();
            Err(format!("there are: none, {}", names.join(", ")))
        }
    }
}

fn main() -> ExitCode {
    match worlds(&Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("world: {error}");
            ExitCode::FAILURE
        }
    }
}

fn worlds(arguments: &Arguments) -> Result<ExitCode, Box<dyn Error>> {
    let plan = Plan {
        buyers: arguments.buyers,
        harms: match &arguments.harms {
            Some(some) => some.iter().copied().fold(Harms::NONE, Harms::and),
            None => Plan::DEFAULT.harms,
        },
        tell: arguments.tell,
        ..Plan::DEFAULT
    };
    let end = arguments.from.saturating_add(arguments.seeds);
    let total = live(plan, arguments.from..end)?;
    let broken = total
        .told
        .iter()
        .find_map(|(seed, outcome)| Some((*seed, outcome.violations.first()?.id)));
    if let Some((seed, id)) = broken.filter(|_| !arguments.tell) {
        let least = shrunk(Plan { seed, ..plan }, id)?;
        println!("{id} again, with as little as it takes: {least}");
    }
    println!("{total}");
    Ok(match broken {
        Some(_) => ExitCode::FAILURE,
        None => ExitCode::SUCCESS,
    })
}
