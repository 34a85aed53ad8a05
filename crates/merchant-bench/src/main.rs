//! `cargo xtask bench merchant`: what the merchant carries, with the simulator as GoPay.
//!
//! Merchant, simulator and the requests' sender share the machine. docs/BENCH.md says how to read the figures.

#![allow(
    clippy::float_arithmetic,
    reason = "figures of a bench; no amount of money is computed here"
)]

mod http;
mod large;
mod load;
mod proxy;
mod receiver;
mod report;
mod rival;
mod scenarios;
mod stack;

use clap::Parser;
use report::Report;
use scenarios::{Bench, Scenario};
use stack::{Database, Setup};
use std::{fs, num::NonZero, path::PathBuf, process::ExitCode};
use tokio::task::LocalSet;

type Error = Box<dyn std::error::Error>;

#[derive(Debug, Parser)]
struct Arguments {
    #[arg(long)]
    merchant: PathBuf,
    #[arg(long)]
    simulator: PathBuf,
    /// The URL of a PostgreSQL server of the bench's own, which comes back when it is stopped; SQLite without it.
    #[arg(long)]
    postgres: Option<String>,
    /// Of the merchant.
    #[arg(long, default_value = "1")]
    processes: NonZero<usize>,
    /// The folder of the rival's server, with its packages installed.
    #[arg(long)]
    rival: Option<PathBuf>,
    /// An empty folder for databases, keys and logs.
    #[arg(long)]
    folder: PathBuf,
    #[arg(long, default_value_t = 3)]
    runs: u32,
    /// Of each run, after a second of warming up.
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Orders of the large database.
    #[arg(long, default_value_t = 1_000_000)]
    orders: u32,
    /// Separated by commas; all but `soak` without it.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Scenario>,
    #[arg(long)]
    json: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    LocalSet::new().run_until(run(Arguments::parse())).await
}

async fn run(arguments: Arguments) -> ExitCode {
    let mut bench = Bench {
        setup: Setup {
            merchant: arguments.merchant,
            simulator: arguments.simulator,
            database: arguments
                .postgres
                .map_or(Database::Sqlite, Database::Postgres),
            processes: arguments.processes.get(),
        },
        rival: arguments.rival,
        folder: arguments.folder,
        runs: arguments.runs,
        seconds: arguments.seconds,
        orders: arguments.orders,
        only: arguments.only,
        report: Report::default(),
    };
    let result = bench.run().await;
    let json = format!("{:#}\n", bench.report.json());
    match arguments.json {
        Some(path) if path.as_os_str() == "-" => print!("{json}"),
        Some(path) => {
            println!("{}", bench.report.text());
            if let Err(error) = fs::write(&path, json) {
                eprintln!("{}: {error}", path.display());
                return ExitCode::FAILURE;
            }
        }
        None => println!("{}", bench.report.text()),
    }
    match result {
        Ok(()) if bench.report.floors_hold() => ExitCode::SUCCESS,
        Ok(()) => {
            eprintln!("a floor does not hold");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
