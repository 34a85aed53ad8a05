//! `cargo xtask bench app`: how fast the shipped app is on a cheap phone.
//!
//! Not here: the measuring itself, which is in `tests/bench`, beside the browser's other
//! JavaScript. docs/BENCH.md says how to read the figures.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::app::{self, Bundle};
use crate::outcome::exit_code;
use crate::process;
use crate::servers::{self, Server};
use crate::tools::browser::Browser;
use crate::tools::{Tools, node};
use crate::workspace::Workspace;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bench {
    /// Of each build.
    pub(crate) runs: u32,
    pub(crate) network: Network,
    /// How many times slower the page's main thread is.
    pub(crate) cpu: u32,
    /// How many purchases in a row are made besides; none means no long use.
    pub(crate) purchases: u32,
    /// Measured in turns with our own bundle.
    pub(crate) against: Option<Against>,
    pub(crate) json: Option<Json>,
}

impl Default for Bench {
    fn default() -> Self {
        Self {
            runs: 5,
            network: Network::Slow4g,
            cpu: 4,
            purchases: 0,
            against: None,
            json: None,
        }
    }
}

/// Emulated by the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    /// 150 ms there and back, 1.6 Mbit/s down, 750 kbit/s up.
    Slow4g,
    /// This machine's own.
    Unlimited,
}

impl Network {
    fn name(self) -> &'static str {
        match self {
            Self::Slow4g => "slow-4g",
            Self::Unlimited => "none",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Against {
    Address(String),
    /// A folder, served by a merchant of its own.
    Bundle(PathBuf),
}

/// The destination of the raw figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Json {
    File(PathBuf),
    /// To standard output, where nothing else goes then.
    Output,
}

/// Measures and prints; the code says whether everything could be measured.
pub(crate) fn run(bench: &Bench) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    if let Some(Against::Bundle(folder)) = &bench.against
        && !is_bundle(folder)
    {
        bail!(
            "{} has no index.html: name a folder that `cargo xtask dist` made, or an address that begins with http",
            folder.display()
        );
    }
    let browser = Browser::ensure()?;
    node::ensure(&workspace)?;
    let dist = Bundle::Release.directory(&workspace);
    if !is_bundle(&dist) {
        app::build(
            &workspace,
            &Tools::ensure(&workspace, Tools::DIST)?,
            Bundle::Release,
        )?;
    }
    servers::build(&workspace, Server::ALL)?;

    let mut command = Command::new("node");
    command.arg(workspace.path("tests/bench/bench.mjs"));
    command
        .arg("--merchant")
        .arg(Server::Merchant.binary(&workspace))
        .arg("--simulator")
        .arg(Server::Simulator.binary(&workspace))
        .arg("--dist")
        .arg(dist)
        .arg("--chromium")
        .arg(browser.chromium)
        .args(["--network", bench.network.name()])
        .args(["--runs", &bench.runs.to_string()])
        .args(["--cpu", &bench.cpu.to_string()])
        .args(["--purchases", &bench.purchases.to_string()]);
    match &bench.against {
        Some(Against::Address(address)) => {
            command.args(["--against", address]);
        }
        Some(Against::Bundle(folder)) => {
            command.arg("--against").arg(absolute(folder)?);
        }
        None => {}
    }
    match &bench.json {
        Some(Json::File(path)) => {
            command.arg("--json").arg(absolute(path)?);
        }
        Some(Json::Output) => {
            command.args(["--json", "-"]);
        }
        None => {}
    }
    let status = process::run("node", &mut command)?;
    Ok(exit_code(status.success()))
}

fn is_bundle(folder: &Path) -> bool {
    folder.join("index.html").is_file()
}

fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).with_context(|| path.display().to_string())
}
