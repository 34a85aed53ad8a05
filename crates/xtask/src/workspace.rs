//! The paths of the repository, of its builds and of this user's cache.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

/// The directory under the user's cache that all clones of this project share.
const CACHE_NAME: &str = "gopay-mini-app";

#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    binaries: PathBuf,
    cargo: OsString,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        Self::of_cargo().context("start this through cargo, inside the repository: cargo xtask")
    }

    fn of_cargo() -> Option<Self> {
        let manifest = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR")?);
        // Cargo puts what it builds with one profile side by side, wherever
        // the user keeps the target directory.
        let program = std::env::current_exe().ok()?;
        Some(Self {
            root: manifest.ancestors().nth(2)?.to_owned(),
            binaries: program.parent()?.to_owned(),
            cargo: std::env::var_os("CARGO")?,
        })
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The dev profile's binary of this name.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.binaries
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    /// A path in cargo's target directory.
    pub(crate) fn built(&self, relative: &str) -> PathBuf {
        self.binaries.with_file_name(relative)
    }

    /// The cargo that runs this program, to be run in the repository, with the dependencies that
    /// `Cargo.lock` names: a lock that is out of date is an error.
    pub(crate) fn cargo(&self, verb: &str) -> Command {
        let mut command = self.cargo_unlocked();
        command.args([verb, "--locked"]);
        command
    }

    /// For what does not read `Cargo.lock` or has a lock of its own.
    pub(crate) fn cargo_unlocked(&self) -> Command {
        let mut command = Command::new(&self.cargo);
        command.current_dir(&self.root);
        command
    }
}

/// Outside the repository, so that a fresh clone finds the tools.
pub(crate) fn cache() -> Result<PathBuf> {
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
    base.map(|base| base.join(CACHE_NAME))
        .context("there is no home directory to keep the tools in: set HOME")
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

pub(crate) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
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

    /// TM32
    #[test]
    fn each_dependency_is_locked_with_its_checksum() {
        let workspace = Workspace::find().unwrap();
        let lock: toml::Table = read(&workspace.path("Cargo.lock"))
            .unwrap()
            .parse()
            .unwrap();
        let packages = lock["package"].as_array().unwrap();
        let mut foreign = 0;
        for package in packages {
            let Some(source) = package.get("source") else {
                continue;
            };
            foreign += 1;
            let source = source.as_str().unwrap();
            assert_eq!(
                source, "registry+https://github.com/rust-lang/crates.io-index",
                "{package:?}"
            );
            assert_eq!(
                package["checksum"].as_str().unwrap().len(),
                64,
                "{package:?}"
            );
        }
        assert!(foreign > 100, "{foreign}");
        for lock in ["tests/e2e", "crates/merchant-bench/rival"] {
            let lock = read(&workspace.path(lock).join("package-lock.json")).unwrap();
            let lock: serde_json::Value = serde_json::from_str(&lock).unwrap();
            for (name, package) in lock["packages"].as_object().unwrap() {
                let integrity = package["integrity"].as_str().unwrap_or_default();
                assert!(
                    name.is_empty() || integrity.starts_with("sha512-"),
                    "{name}"
                );
            }
        }
    }
}
