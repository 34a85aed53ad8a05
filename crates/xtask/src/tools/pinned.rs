//! Cargo tools at exact versions, kept in the user's cache.
//!
//! Invariant: a directory under its final name holds a complete tool. An
//! installation happens under another name and is renamed when it is done.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::error::is_interruption;
use crate::process;
use crate::progress::Progress;
use crate::workspace::{self, Workspace};

/// The last trunk that compiles with the Rust version of this workspace.
const TRUNK_VERSION: &str = "0.21.14";

/// The one whose names `src/deferred.rs` uses.
const WASM_SPLIT_VERSION: &str = "0.2.4";

const CARGO_DENY_VERSION: &str = "0.20.2";

/// The tools mostly wait for compilers: a quick build saves more time than a quick program.
const QUICK_BUILD: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
    ("CARGO_PROFILE_RELEASE_STRIP", "debuginfo"),
];

#[derive(Debug)]
pub(crate) struct PinnedTool {
    package: &'static str,
    programs: &'static [&'static str],
    version: String,
    /// Whether its programs have `--version`. Of others only the copy in the cache, whose folder is named
    /// after the version, is known to be right.
    says_version: bool,
    options: &'static [&'static str],
}

impl PinnedTool {
    pub(crate) fn trunk() -> Self {
        Self {
            package: "trunk",
            programs: &["trunk"],
            version: TRUNK_VERSION.to_owned(),
            says_version: true,
            // The dependencies that its authors locked. Without TLS, which it is never online to use, and
            // quick to compile but for what runs over all of the WebAssembly.
            options: &[
                "--locked",
                "--no-default-features",
                "--config=profile.release.opt-level=0",
                "--config=profile.release.package.sha2.opt-level=3",
            ],
        }
    }

    /// Writes the JavaScript around the app, and runs its tests in a browser.
    /// Works only at the version of the library that the app is built with.
    pub(crate) fn wasm_bindgen(lock: &str) -> Result<Self> {
        let version = workspace::locked_version(lock, "wasm-bindgen")
            .context("Cargo.lock has no wasm-bindgen: run `cargo metadata` to complete it")?;
        Ok(Self {
            package: "wasm-bindgen-cli",
            programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
            version: version.to_owned(),
            says_version: true,
            // Its lock names a dependency that is no longer there.
            options: &[
                "--no-default-features",
                "--config=profile.release.opt-level=1",
            ],
        })
    }

    /// Makes two files of the app's WebAssembly.
    pub(crate) fn wasm_split() -> Self {
        Self {
            package: "wasm_split_cli_support",
            programs: &["wasm-split-cli"],
            version: WASM_SPLIT_VERSION.to_owned(),
            says_version: false,
            options: &[
                "--locked",
                "--features=build-binary",
                "--config=profile.release.opt-level=1",
            ],
        }
    }

    pub(crate) fn cargo_deny() -> Self {
        Self {
            package: "cargo-deny",
            programs: &["cargo-deny"],
            version: CARGO_DENY_VERSION.to_owned(),
            says_version: true,
            options: &[
                "--locked",
                "--no-default-features",
                "--config=profile.release.opt-level=0",
            ],
        }
    }

    /// Installs the tool if it is missing, and returns the directory to put on PATH, if any.
    pub(crate) fn ensure(
        &self,
        workspace: &Workspace,
        cache: &Path,
        progress: &Progress,
    ) -> Result<Option<PathBuf>> {
        if self.says_version && self.answers_in(Path::new("")) {
            return Ok(None);
        }
        let home = cache.join(format!("{}-{}", self.package, self.version));
        let programs = home.join("bin");
        if !self.answers_in(&programs) {
            self.install(workspace, cache, &home, progress)?;
        }
        Ok(Some(programs))
    }

    /// Whether every program in `directory` says that it has this version, or
    /// runs at all where it cannot say; the empty directory stands for PATH.
    fn answers_in(&self, directory: &Path) -> bool {
        self.programs.iter().all(|program| {
            let mut command = Command::new(directory.join(program));
            if !self.says_version {
                return process::output_of(command.arg("--help")).is_some();
            }
            process::output_of(command.arg("--version")).is_some_and(|answer| {
                answer.split_whitespace().nth(1) == Some(self.version.as_str())
            })
        })
    }

    fn install(
        &self,
        workspace: &Workspace,
        cache: &Path,
        home: &Path,
        progress: &Progress,
    ) -> Result<()> {
        let name = format!(".{}-{}.{}", self.package, self.version, std::process::id());
        let unfinished = cache.join(name);
        let result = self
            .install_into(workspace, cache, &unfinished, progress)
            .and_then(|()| self.move_into_place(&unfinished, home));
        // It exists only after an error, which is returned.
        let _ = fs::remove_dir_all(&unfinished);
        match result {
            // Another clone was at it too, was quicker, and tidied up.
            Err(error) if !is_interruption(&error) && self.answers_in(&home.join("bin")) => Ok(()),
            result => result,
        }
    }

    fn install_into(
        &self,
        workspace: &Workspace,
        cache: &Path,
        root: &Path,
        progress: &Progress,
    ) -> Result<()> {
        let Self {
            package, version, ..
        } = self;
        let programs = root.join("bin");
        if process::output_of(workspace.cargo_unlocked().args(["binstall", "-V"])).is_some() {
            println!(
                "xtask: fetching {package} {version} into {} (once)",
                cache.display()
            );
            let mut binstall = workspace.cargo_unlocked();
            binstall.args([
                "binstall",
                "--no-confirm",
                "--disable-strategies",
                "compile",
                "--root",
            ]);
            binstall.arg(root).arg(format!("{package}@{version}"));
            // A prebuilt program may also turn out not to run on this system.
            if process::run("cargo binstall", &mut binstall)?.success()
                && self.answers_in(&programs)
            {
                return Ok(());
            }
        }
        println!(
            "xtask: building {package} {version} into {} (once)",
            cache.display()
        );
        let build = cache.join(format!(".build-{package}-{version}"));
        let mut install = workspace.cargo_unlocked();
        install
            .args(["install", package, "--version", version])
            .args(self.options)
            .args(["--force", "--root"])
            .arg(root)
            .arg("--target-dir")
            .arg(&build)
            .envs(QUICK_BUILD);
        if !progress.run(package, &mut install)? || !self.answers_in(&programs) {
            bail!("could not install {package} {version}: see cargo's words above");
        }
        // Half a gigabyte that only an interrupted installation would use again.
        let _ = fs::remove_dir_all(build);
        Ok(())
    }

    fn move_into_place(&self, unfinished: &Path, home: &Path) -> Result<()> {
        if self.answers_in(&home.join("bin")) {
            return Ok(()); // Another clone was quicker.
        }
        let _ = fs::remove_dir_all(home);
        fs::rename(unfinished, home).with_context(|| home.display().to_string())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use test_kit::TempDir;

    use super::*;

    fn stand_in(version: &str) -> PinnedTool {
        PinnedTool {
            package: "stand-in",
            programs: &["stand-in"],
            version: version.to_owned(),
            says_version: true,
            options: &[],
        }
    }

    struct Scratch(TempDir);

    impl Scratch {
        /// Something like an installation of version 1.2.3.
        fn install(&self, name: &str) -> PathBuf {
            let root = self.0.join(name);
            fs::create_dir_all(root.join("bin")).unwrap();
            let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/stand-in");
            symlink(program, root.join("bin/stand-in")).unwrap();
            root
        }
    }

    #[test]
    fn only_the_exact_version_is_taken() {
        let scratch = Scratch(TempDir::create());
        let programs = scratch.install("tool").join("bin");
        assert!(stand_in("1.2.3").answers_in(&programs));
        assert!(!stand_in("1.2.30").answers_in(&programs));
        assert!(!stand_in("1.2.3").answers_in(&scratch.0));
    }

    #[test]
    fn an_unfinished_installation_is_replaced() {
        let scratch = Scratch(TempDir::create());
        let home = scratch.0.join("home");
        fs::create_dir_all(home.join("bin")).unwrap();
        let finished = scratch.install("finished");
        stand_in("1.2.3").move_into_place(&finished, &home).unwrap();
        assert!(stand_in("1.2.3").answers_in(&home.join("bin")));
        assert!(!finished.exists());
    }

    #[test]
    fn a_finished_installation_of_another_clone_is_kept() {
        let scratch = Scratch(TempDir::create());
        let home = scratch.install("home");
        let second = scratch.install("second");
        stand_in("1.2.3").move_into_place(&second, &home).unwrap();
        assert!(stand_in("1.2.3").answers_in(&home.join("bin")));
        assert!(second.exists());
    }
}
