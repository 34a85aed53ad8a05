//! The engines of phones that were never updated, to open the shop in.
//!
//! What cannot be had is not tried, and the report names it: old Chromiums come from npm, for Linux on
//! x86-64; WebKit comes from the system's package manager.

use std::path::PathBuf;
use std::process::Command;

use super::browser;
use crate::error::Error;
use crate::process;
use crate::workspace::{self, Workspace};

/// Where they are.
#[derive(Debug)]
pub(crate) struct Engines {
    /// The folder of the old Chromiums, in this user's cache.
    pub(crate) folder: PathBuf,
    /// What drives WebKit.
    pub(crate) webkit_driver: Option<PathBuf>,
}

impl Engines {
    /// Brings those that are not there yet, as far as possible.
    pub(crate) fn ensure(workspace: &Workspace) -> Result<Self, Error> {
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
