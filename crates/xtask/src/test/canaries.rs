//! What the tests searched for canaries: parts of secrets that must turn up nowhere (`crates/test-kit`).

use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// Where the tests add a line for each file that they searched.
pub(super) fn file(workspace: &Workspace) -> PathBuf {
    workspace.built("canaries.txt")
}

/// Forgets what an earlier run searched.
pub(super) fn forget(workspace: &Workspace) -> Result<()> {
    let file = file(workspace);
    match fs::remove_file(&file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| file.display().to_string())
        }
        _ => Ok(()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Searched {
    hits: usize,
    files: usize,
}

/// What this run searched; `None` where no test searches anything.
pub(super) fn count(workspace: &Workspace) -> Result<Option<Searched>> {
    let file = file(workspace);
    match fs::read_to_string(&file) {
        Ok(lines) => Ok(Some(Searched::read(&lines))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| file.display().to_string()),
    }
}

impl Searched {
    fn read(lines: &str) -> Self {
        Self {
            hits: lines
                .lines()
                .filter(|line| line.starts_with("hit "))
                .count(),
            files: lines.lines().count(),
        }
    }
}

impl fmt::Display for Searched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "canaries: {} hits in {} files", self.hits, self.files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_with_a_hit_are_counted_apart() {
        let searched = Searched::read("the log\nhit merchant.db\nmerchant.db-wal\n");
        assert_eq!(searched.to_string(), "canaries: 1 hits in 3 files");
    }
}
