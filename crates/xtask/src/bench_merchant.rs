//! `cargo xtask bench merchant`: what the merchant carries.
//!
//! Not here: the measuring itself, which is the crate `merchant-bench`. docs/BENCH.md says how to read the
//! figures.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::bench::Json;
use crate::interrupt;
use crate::outcome::exit_code;
use crate::process::{self, POLL_INTERVAL, Process};
use crate::tools::node;
use crate::tools::postgres::{Durability, Postgres};
use crate::workspace::Workspace;

/// As it is shipped.
const PROFILE: &str = "server";

const RIVAL: &str = "crates/merchant-bench/rival";

/// Where the merchant keeps what it measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    /// A file for one process.
    Sqlite,
    /// A server of the bench's own, for so many processes.
    Postgres { processes: u32 },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MerchantBench {
    pub(crate) database: Database,
    /// Of each scenario.
    pub(crate) runs: u32,
    /// Of each run.
    pub(crate) seconds: u32,
    /// Of the large database.
    pub(crate) orders: u32,
    /// Names of scenarios, separated by commas; all without it.
    pub(crate) only: Option<String>,
    /// Whether a server in Node is measured in the same run.
    pub(crate) rival: bool,
    pub(crate) json: Option<Json>,
}

impl Default for MerchantBench {
    fn default() -> Self {
        Self {
            database: Database::Sqlite,
            runs: 3,
            seconds: 10,
            orders: 1_000_000,
            only: None,
            rival: true,
            json: None,
        }
    }
}

impl MerchantBench {
    fn wants(&self, scenario: &str) -> bool {
        let only = self.only.as_deref();
        only.is_none_or(|only| only.split(',').any(|name| name == scenario))
    }
}

/// Measures and prints; the code says whether all floors hold.
pub(crate) fn run(bench: &MerchantBench) -> Result<ExitCode> {
    if !cfg!(target_os = "linux") {
        bail!("memory and limits are read from /proc: run this on Linux");
    }
    let workspace = Workspace::find()?;
    let mut build = workspace.cargo("build");
    build.args(["--quiet", "--profile", PROFILE]);
    for package in ["merchant", "simulator", "merchant-bench"] {
        build.args(["--package", package]);
    }
    println!("xtask: building merchant and simulator as they are shipped");
    if !process::run("cargo", &mut build)?.success() {
        bail!("the servers could not be built: the reason is above");
    }
    let binary = |name: &str| {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        workspace.built(PROFILE).join(name)
    };
    let folder = workspace.built("bench-merchant");
    remove(&folder)?;
    let mut command = Command::new(binary("merchant-bench"));
    command
        .arg("--merchant")
        .arg(binary("merchant"))
        .arg("--simulator")
        .arg(binary("gopay-simulator"))
        .arg("--folder")
        .arg(&folder)
        .args(["--runs", &bench.runs.to_string()])
        .args(["--seconds", &bench.seconds.to_string()])
        .args(["--orders", &bench.orders.to_string()]);
    if let Some(only) = &bench.only {
        command.args(["--only", only]);
    }
    let mut postgres = None;
    if let Database::Postgres { processes } = bench.database {
        let server = Postgres::start(Durability::Full)?;
        command.args(["--postgres", &server.url()]);
        command.args(["--processes", &processes.to_string()]);
        postgres = Some(server);
    }
    if bench.rival && bench.database == Database::Sqlite && bench.wants("rival") {
        match node::ensure_in(&workspace, RIVAL) {
            Ok(_) => {
                command.arg("--rival").arg(workspace.path(RIVAL));
            }
            // It compiles SQLite where what its makers compiled cannot be fetched.
            Err(error) => println!("xtask: the rival is left out: {error:#}"),
        }
    }
    match &bench.json {
        Some(Json::File(path)) => {
            let path = std::path::absolute(path).with_context(|| path.display().to_string())?;
            command.arg("--json").arg(path);
        }
        Some(Json::Output) => {
            command.args(["--json", "-"]);
        }
        None => {}
    }
    let status = run_beside(postgres.as_mut(), &mut command)?;
    // Its databases are large.
    remove(&folder)?;
    Ok(exit_code(status.success()))
}

/// The bench stops PostgreSQL, and expects it to come back.
fn run_beside(mut postgres: Option<&mut Postgres>, command: &mut Command) -> Result<ExitStatus> {
    let mut bench = Process::start("merchant-bench", command)?;
    loop {
        if let Some(status) = bench.ended()? {
            return Ok(status);
        }
        interrupt::check()?;
        if let Some(postgres) = &mut postgres {
            postgres.keep_running()?;
        }
        thread::sleep(POLL_INTERVAL);
    }
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    Ok(())
}
