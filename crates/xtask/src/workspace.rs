//! Where things are: the repository, what it builds, and this user's cache.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::Error;

/// The directory under the user's cache that all clones of this project share.
const CACHE_NAME: &str = "gopay-mini-app";

/// The places that everything else is found from.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    binaries: PathBuf,
    cargo: OsString,
}

impl Workspace {
    /// Finds the workspace that this program was started from.
    pub(crate) fn find() -> Result<Self, Error> {
        let manifest =
            PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").ok_or(Error::NotUnderCargo)?);
        let cargo = std::env::var_os("CARGO").ok_or(Error::NotUnderCargo)?;
        let root = manifest
            .ancestors()
            .nth(2)
            .ok_or(Error::NotUnderCargo)?
            .to_owned();
        // Cargo puts what it builds with one profile side by side, wherever
        // the user keeps the target directory.
        let program = std::env::current_exe().map_err(|_| Error::NotUnderCargo)?;
        let binaries = program.parent().ok_or(Error::NotUnderCargo)?.to_owned();
        Ok(Self {
            root,
            binaries,
            cargo,
        })
    }

    /// A path inside the repository.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where the dev profile's binary of this name is, once it is built.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.binaries
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// Where cargo keeps what it builds, as a path in there.
    pub(crate) fn built(&self, relative: &str) -> PathBuf {
        self.binaries.with_file_name(relative)
    }

    /// The cargo that runs this program, to be run in the repository.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(&self.cargo);
        command.current_dir(&self.root);
        command
    }
}

/// This user's cache for the tools of this project: outside the repository,
/// so that a fresh clone finds them.
pub(crate) fn cache() -> Result<PathBuf, Error> {
    let variable = |name| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let home = || std::env::home_dir().filter(|path| path.is_absolute());
    let base = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Caches"))
    } else {
        variable("XDG_CACHE_HOME").or_else(|| home().map(|home| home.join(".cache")))
    };
    base.map(|base| base.join(CACHE_NAME)).ok_or(Error::NoCache)
}

/// The version at which `Cargo.lock` holds a package.
pub(crate) fn locked_version<'lock>(lock: &'lock str, package: &str) -> Option<&'lock str> {
    let mut lines = lock.lines();
    lines.find(|line| quoted(line, "name") == Some(package))?;
    lines.next().and_then(|line| quoted(line, "version"))
}

fn quoted<'line>(line: &'line str, key: &str) -> Option<&'line str> {
    line.strip_prefix(key)?
        .strip_prefix(" = \"")?
        .strip_suffix('"')
}

/// Reads a file whose absence is worth a sentence.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
[[package]]
name = "wasm-bindgen-futures"
version = "0.4.60"
dependencies = [
 "wasm-bindgen",
]

[[package]]
name = "wasm-bindgen"
version = "0.2.130"
checksum = "00"
"#;

    #[test]
    fn a_version_is_read_from_the_lock() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(LOCK, "wasm-bindgen-futures"), Some("0.4.60"));
    }

    #[test]
    fn a_package_that_is_not_locked_has_no_version() {
        assert_eq!(locked_version(LOCK, "wasm"), None);
        assert_eq!(locked_version("", "wasm-bindgen"), None);
    }
}
