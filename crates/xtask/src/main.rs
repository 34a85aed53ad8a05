//! Runs the whole project: `cargo xtask preview` shows it, `cargo xtask test` proves it,
//! `cargo xtask dist` builds what is shipped, `cargo xtask bench` measures it.
//!
//! Invariant: when this process ends, whatever the reason short of SIGKILL,
//! nothing that it started is still running.
//! Not here: anything the app, the merchant or the simulator need to know.

mod app;
mod args;
mod bench;
mod branding;
mod budget;
mod check;
mod dist;
mod error;
mod http;
mod interrupt;
mod package;
mod preview;
mod process;
mod progress;
mod report;
mod servers;
mod size;
mod split;
mod test;
mod tools;
mod traceability;
mod watch;
mod workspace;

use std::process::ExitCode;

use args::Task;
use error::Error;

fn main() -> ExitCode {
    let task = match args::parse(std::env::args().skip(1)) {
        Ok(task) => task,
        Err(error) => {
            eprintln!("xtask: {error}\n\n{}", args::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(task) {
        Ok(code) => code,
        Err(Error::Interrupted) => ExitCode::from(130),
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<ExitCode, Error> {
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
        Task::World(words) => test::world(&words),
        Task::Dist(dist) => dist::run(&dist).map(|()| ExitCode::SUCCESS),
        Task::Bench(bench) => bench::run(&bench),
    }
}
