//! `cargo xtask npm`: packs the simulator's npm packages.
//!
//! Not here: what is in them; `crates/simulator/npm/pack.mjs` knows, and its tests run it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::servers::{self, Server};
use crate::tools::node;
use crate::workspace::{self, Workspace};

pub(crate) const FOLDER: &str = "crates/simulator/npm";

/// Not in `dist`, which the merchant serves.
const OUT: &str = "target/npm";

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Npm {
    /// The folder of the tarballs.
    pub(crate) out: Option<PathBuf>,
}

pub(crate) fn run(npm: &Npm) -> Result<()> {
    let workspace = Workspace::find()?;
    node::ensure_node()?;
    let lock = workspace::read(&workspace.path("Cargo.lock"))?;
    let version = workspace::locked_version(&lock, "simulator")
        .context("Cargo.lock has no package `simulator`")?;
    let binary = servers::build_shipped(&workspace, Server::Simulator)?;
    let out = (npm.out.clone()).unwrap_or_else(|| workspace.path(OUT));
    let mut pack = Command::new("node");
    pack.arg(workspace.path(FOLDER).join("pack.mjs"))
        .args(["--version", version])
        .arg("--binary")
        .arg(binary)
        .arg("--out")
        .arg(out);
    if process::run("npm pack", &mut pack)?.success() {
        Ok(())
    } else {
        bail!("could not pack the npm packages: the reason is above")
    }
}
