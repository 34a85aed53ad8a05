//! What has to be on the machine before anything can be built or shown.
//!
//! Each part looks first, says one line when something is missing, and brings
//! it; what it must not bring by itself becomes one sentence about what to do.

pub(crate) mod browser;
pub(crate) mod node;
pub(crate) mod pinned;
pub(crate) mod target;

use std::ffi::OsString;
use std::process::Command;

use crate::error::Error;
use crate::workspace::{self, Workspace};
use pinned::PinnedTool;

/// The tools that build the app, found or installed.
#[derive(Debug)]
pub(crate) struct Tools {
    path: OsString,
}

impl Tools {
    /// Makes sure of the wasm target, trunk, wasm-bindgen, wasm-split and wasm-opt.
    pub(crate) fn ensure(workspace: &Workspace) -> Result<Self, Error> {
        target::ensure(workspace)?;
        // Before the tools that take minutes to build: it may have to be installed by hand.
        let npm_tools = node::ensure(workspace)?.join(".bin");
        let mut directories = Vec::new();
        let cache = workspace::cache()?;
        let lock = workspace::read(&workspace.path("Cargo.lock"))?;
        for tool in [
            PinnedTool::wasm_bindgen(&lock)?,
            PinnedTool::wasm_split(),
            PinnedTool::trunk(),
        ] {
            directories.extend(tool.ensure(workspace, &cache)?);
        }
        directories.push(npm_tools);
        directories.extend(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        ));
        let path = std::env::join_paths(directories).map_err(|_| Error::UnusablePath)?;
        Ok(Self { path })
    }

    /// Lets `command` and all that it starts find the tools.
    pub(crate) fn on_path<'command>(
        &self,
        command: &'command mut Command,
    ) -> &'command mut Command {
        command.env("PATH", &self.path)
    }

    /// `program` by its whole path: a command's own PATH does not count on
    /// every system when the command itself is looked up.
    pub(crate) fn program(&self, program: &str) -> Command {
        let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
        let found = std::env::split_paths(&self.path)
            .map(|directory| directory.join(&name))
            .find(|path| path.is_file());
        let mut command = Command::new(found.unwrap_or_else(|| name.into()));
        self.on_path(&mut command);
        command
    }
}
