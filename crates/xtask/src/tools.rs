//! The tools that builds and tests need.
//!
//! Each module installs what is missing and says so in one line. What needs the user becomes an error
//! that says what to do.

pub(crate) mod browser;
pub(crate) mod engines;
pub(crate) mod node;
pub(crate) mod pinned;
pub(crate) mod postgres;
pub(crate) mod target;

use std::ffi::OsString;
use std::process::Command;

use anyhow::{Result, anyhow};

use crate::progress::Progress;
use crate::workspace::{self, Workspace};
use pinned::PinnedTool;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    Trunk,
    /// Makes the JavaScript around WebAssembly, and runs tests of it.
    WasmBindgen,
    WasmSplit,
    /// wasm-opt and terser.
    Npm,
    /// Checks licences, sources, duplicates and advisories of dependencies.
    CargoDeny,
}

#[derive(Debug)]
pub(crate) struct Tools {
    path: OsString,
}

impl Tools {
    /// In each list the tool that takes longest to build comes first.
    pub(crate) const PREVIEW: &[Tool] = &[Tool::Trunk, Tool::WasmBindgen];
    pub(crate) const DIST: &[Tool] = &[Tool::Npm, Tool::WasmBindgen, Tool::WasmSplit, Tool::Trunk];
    pub(crate) const DENY: &[Tool] = &[Tool::CargoDeny];
    pub(crate) const TESTS: &[Tool] = &[Tool::WasmBindgen];

    /// Installs what is missing of these tools and of the Rust target for browsers.
    pub(crate) fn ensure(workspace: &Workspace, tools: &[Tool]) -> Result<Self> {
        Progress::show(|progress| Self::ensure_with(workspace, tools, progress))
    }

    pub(crate) fn ensure_with(
        workspace: &Workspace,
        tools: &[Tool],
        progress: &Progress,
    ) -> Result<Self> {
        target::ensure(workspace)?;
        let cache = workspace::cache()?;
        let lock = workspace::read(&workspace.path("Cargo.lock"))?;
        let mut directories = Vec::new();
        for tool in tools {
            directories.extend(match tool {
                Tool::Trunk => PinnedTool::trunk().ensure(workspace, &cache, progress)?,
                Tool::WasmBindgen => {
                    PinnedTool::wasm_bindgen(&lock)?.ensure(workspace, &cache, progress)?
                }
                Tool::WasmSplit => PinnedTool::wasm_split().ensure(workspace, &cache, progress)?,
                Tool::CargoDeny => PinnedTool::cargo_deny().ensure(workspace, &cache, progress)?,
                Tool::Npm => Some(node::ensure(workspace)?.join(".bin")),
            });
        }
        directories.extend(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        ));
        let path = std::env::join_paths(directories).map_err(|_| {
            anyhow!("PATH, the cache's or the repository's directory has a separator in its name: move it")
        })?;
        Ok(Self { path })
    }

    /// `program`, which finds the other tools on its PATH. By its whole path: a command's own PATH does
    /// not count on every system when the command itself is looked up.
    pub(crate) fn program(&self, program: &str) -> Command {
        let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
        let found = std::env::split_paths(&self.path)
            .map(|directory| directory.join(&name))
            .find(|path| path.is_file());
        let mut command = Command::new(found.unwrap_or_else(|| name.into()));
        command.env("PATH", &self.path);
        command
    }
}
