//! The project's own tasks: `cargo xtask preview`, `check`, `test`, `dist`, `bench` and smaller ones.
//!
//! Invariant: when this process ends by any other way than SIGKILL, its child processes have ended.
//! Not here: code that the app, the merchant or the simulator need.

mod app;
mod args;
mod bench;
mod bench_merchant;
mod branding;
mod budget;
mod check;
mod dist;
mod error;
mod fuzz;
mod http;
mod interrupt;
mod npm;
mod outcome;
mod package;
mod preview;
mod process;
mod progress;
mod report;
mod sbom;
mod servers;
mod size;
mod split;
mod test;
mod tools;
mod traceability;
mod watch;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;

use args::Task;

fn main() -> ExitCode {
    let task = match args::parse(std::env::args_os().skip(1)) {
        Ok(task) => task,
        Err(error) => {
            eprintln!("xtask: {error:#}\n\n{}", args::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(task) {
        Ok(code) => code,
        Err(error) if error::is_interruption(&error) => ExitCode::from(130),
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode> {
    interrupt::listen()?;
    match task {
        Task::Help => {
            println!("{}", args::USAGE);
            Ok(ExitCode::SUCCESS)
        }
        Task::Preview(ports) => preview::run(ports).map(|()| ExitCode::SUCCESS),
        Task::Check => check::run(),
        Task::Test(request) => test::run(request),
        Task::Shop => branding::write(&workspace::Workspace::find()?).map(|()| ExitCode::SUCCESS),
        Task::Ids => traceability::run(),
        Task::Size => size::run().map(|()| ExitCode::SUCCESS),
        Task::Simulation(words) => test::simulation(&words),
        Task::Fuzz(fuzz) => fuzz::run(&fuzz).map(|()| ExitCode::SUCCESS),
        Task::Dist(dist) => dist::run(&dist).map(|()| ExitCode::SUCCESS),
        Task::Npm(npm) => npm::run(&npm).map(|()| ExitCode::SUCCESS),
        Task::Bench(bench) => bench::run(&bench),
        Task::BenchMerchant(bench) => bench_merchant::run(&bench),
    }
}
