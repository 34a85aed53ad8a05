//! Node, and the packages that come from npm: wasm-opt and Playwright.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

const MISSING: &str =
    "Node is missing: install Node 20 or newer, which brings npm, and run this again";

/// The oldest major version that everything in the lock runs on.
const OLDEST: u32 = 20;

/// npm is a script on Windows, and a script has to be named in full there.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// The directory of the npm manifest and its lock.
pub(crate) const MANIFEST_DIRECTORY: &str = "tests/e2e";

/// Installs the packages of the tests, and returns their directory.
pub(crate) fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    ensure_in(workspace, MANIFEST_DIRECTORY)
}

pub(crate) fn ensure_node() -> Result<()> {
    let version = process::output_of(Command::new("node").arg("--version")).context(MISSING)?;
    if major(&version).is_none_or(|major| major < OLDEST) {
        let found = version.trim();
        bail!("Node {found} is too old: install Node 20 or newer and run this again");
    }
    Ok(())
}

/// Installs the packages of the lock in this directory, and returns theirs.
pub(crate) fn ensure_in(workspace: &Workspace, manifest_directory: &str) -> Result<PathBuf> {
    ensure_node()?;
    let directory = workspace.path(manifest_directory);
    let packages = directory.join("node_modules");
    if is_newer(
        &packages.join(".package-lock.json"),
        &directory.join("package-lock.json"),
    ) {
        return Ok(packages);
    }
    println!("xtask: installing the npm packages of {manifest_directory} (once)");
    let mut npm = Command::new(NPM);
    // The flag outweighs NODE_ENV=production, under which npm would leave out everything.
    npm.args(["ci", "--include=dev", "--no-audit", "--no-fund"]);
    npm.current_dir(&directory)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    // For a package that is compiled here, because what its makers compiled cannot be reached.
    if let Some(prefix) = headers_prefix() {
        npm.env("npm_config_nodedir", prefix);
    }
    match process::run("npm", &mut npm) {
        Ok(status) if status.success() => Ok(packages),
        Ok(_) => bail!("could not install npm packages: see npm's words above"),
        Err(error) if error.is::<io::Error>() => bail!(MISSING),
        Err(error) => Err(error),
    }
}

/// Under which this Node's headers are installed, if they are.
fn headers_prefix() -> Option<PathBuf> {
    let node = process::output_of(Command::new("node").args(["-p", "process.execPath"]))?;
    let prefix = Path::new(node.trim()).ancestors().nth(2)?;
    let has_headers = prefix.join("include/node/common.gypi").is_file();
    has_headers.then(|| prefix.to_owned())
}

/// Runs a package's JavaScript program, without `npx`, which may go looking
/// for a package that is not installed.
pub(crate) fn script(workspace: &Workspace, program: &str) -> Command {
    let directory = workspace.path(MANIFEST_DIRECTORY);
    let mut command = Command::new("node");
    command
        .arg(directory.join("node_modules").join(program))
        .current_dir(directory);
    command
}

fn major(version: &str) -> Option<u32> {
    version
        .trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// npm writes the marker last, so an interrupted installation has none.
fn is_newer(marker: &Path, lock: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    matches!((modified(marker), modified(lock)), (Ok(marker), Ok(lock)) if marker >= lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("v8.0.0"), Some(8));
        assert_eq!(major("nonsense"), None);
    }
}
