//! Builds the mini app.

use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::error::Cause;
use crate::process;
use crate::progress::Progress;
use crate::sbom::Program;
use crate::split::{self, SplitFiles};
use crate::tools::target::WASM;
use crate::tools::{Tools, node};
use crate::workspace::Workspace;

/// The sources of the app, as paths in the repository.
pub(crate) const INPUTS: &[&str] = &[
    "index.html",
    "Trunk.toml",
    "Cargo.toml",
    "build.rs",
    "src",
    "style",
    "assets",
    "crates/contract",
    "crates/gopay-container",
    "patches",
];

/// The ways to build the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bundle {
    /// For `preview`: quick to build, ten times the size, with the view of `?debug`. In a folder of its
    /// own, so that it does not replace the shipped bundle.
    Preview,
    /// The shipped bundle, which is tested end to end.
    Release,
    /// The same with the view of `?debug`.
    Debug,
    /// By trunk and wasm-opt alone: larger, and independent of the form in which wasm-bindgen and trunk
    /// write their files.
    Plain,
}

impl Bundle {
    pub(crate) fn directory(self, workspace: &Workspace) -> PathBuf {
        workspace.path(match self {
            Self::Preview => "target/preview/dist",
            Self::Release => "dist",
            Self::Plain => "dist-plain",
            Self::Debug => "dist-debug",
        })
    }

    fn features(self) -> &'static str {
        match self {
            Self::Preview => "debug",
            Self::Release => split::FEATURE,
            Self::Debug => "debug,split",
            Self::Plain => "",
        }
    }

    /// What is linked into it, besides the JavaScript that `finish` adds.
    pub(crate) fn program(self) -> Program {
        Program {
            package: "mini-app",
            features: self.features(),
            target: Some(WASM),
        }
    }

    /// The hash of each file of a shipped bundle, as `finish` writes them.
    pub(crate) fn checksums(self, workspace: &Workspace) -> PathBuf {
        self.trunk_directory(workspace).with_extension("sha256")
    }

    /// `finish` makes the shipped bundles out of what trunk puts there.
    fn trunk_directory(self, workspace: &Workspace) -> PathBuf {
        match self {
            Self::Preview => self.directory(workspace),
            Self::Release => workspace.path("target/trunk/release"),
            Self::Debug => workspace.path("target/trunk/debug"),
            Self::Plain => workspace.path("target/trunk/plain"),
        }
    }
}

/// Compiles what `trunk` needs for preview, while trunk itself may still be compiled.
pub(crate) fn compile_for_preview(workspace: &Workspace, progress: &Progress) -> Result<()> {
    let mut cargo = workspace.cargo("build");
    cargo.args([
        "--target",
        WASM,
        "--package",
        "mini-app",
        "--bin",
        "mini-app",
    ]);
    cargo.args(["--features", Bundle::Preview.features()]);
    match progress.run("app", &mut cargo)? {
        true => Ok(()),
        false => bail!(Cause::does_not_build("the app")),
    }
}

/// Builds the app; a failed build leaves the previous bundle in place.
pub(crate) fn build(workspace: &Workspace, tools: &Tools, bundle: Bundle) -> Result<()> {
    // trunk is told to stay offline, lest it fetch tools of its own choice,
    // and tells cargo the same: the dependencies have to be there already.
    let mut fetch = workspace.cargo("fetch");
    fetch.args(["--target", WASM, "--target", "host-tuple"]);
    let mut trunk = tools.program("trunk");
    trunk.args([
        "build",
        "--locked",
        "--offline",
        "--skip-version-check",
        "--quiet",
        "--dist",
    ]);
    trunk.arg(bundle.trunk_directory(workspace));
    trunk.args(["--features", bundle.features()]);
    if bundle != Bundle::Preview {
        trunk
            .arg("--release")
            .env("CARGO_ENCODED_RUSTFLAGS", release_flags(workspace));
    }
    if bundle == Bundle::Plain {
        // wasm-opt changes the files after trunk has hashed them.
        trunk.args(["--no-sri", "true"]);
    }
    trunk.current_dir(workspace.path(""));
    // A backtrace of trunk makes a compiler's error no clearer.
    trunk.env("RUST_BACKTRACE", "0");
    // trunk takes only `true` and `false` as the value of this variable.
    if std::env::var_os("NO_COLOR").is_some() {
        trunk.env_remove("NO_COLOR").args(["--color", "never"]);
    }
    run([("cargo fetch", fetch), ("trunk", trunk)])?;
    match bundle {
        Bundle::Preview => Ok(()),
        Bundle::Release | Bundle::Debug | Bundle::Plain => finish(workspace, tools, bundle),
    }
}

/// Makes the shipped bundle out of what trunk built, unless the stamp says that it is up to date.
fn finish(workspace: &Workspace, tools: &Tools, bundle: Bundle) -> Result<()> {
    let from = bundle.trunk_directory(workspace);
    let into = bundle.directory(workspace);
    let stamp = from.with_extension("stamp");
    let of_inputs = fingerprint(&[
        &from,
        &workspace.path("crates/xtask/js"),
        &workspace.path("crates/xtask/src/split.rs"),
        &workspace.path("crates/xtask/src/tools/pinned.rs"),
        &workspace
            .path(node::MANIFEST_DIRECTORY)
            .join("package-lock.json"),
    ]);
    let made = || Some(format!("{} {}", of_inputs?, fingerprint(&[&into])?));
    if made().is_some_and(|made| fs::read_to_string(&stamp).is_ok_and(|before| before == made)) {
        return Ok(());
    }
    let mut finish = Command::new("node");
    finish
        .arg(workspace.path("crates/xtask/js/finish.mjs"))
        .args([&from, &into]);
    let steps = if bundle == Bundle::Plain {
        vec![split::optimise(tools, &wasm_in(&from)?, false)]
    } else {
        let parts = SplitFiles::in_folder(from.with_extension("parts"));
        let built = workspace.built(WASM).join("release/mini-app.wasm");
        finish.arg(parts.folder());
        parts.steps(workspace, tools, &built, false)
    };
    run(steps.into_iter().chain([("node", finish)]))?;
    // Without a stamp the next build makes the bundle again.
    let _ = fs::write(&stamp, made().unwrap_or_default());
    Ok(())
}

fn wasm_in(folder: &Path) -> Result<PathBuf> {
    let at = || folder.display().to_string();
    for entry in fs::read_dir(folder).with_context(at)? {
        let path = entry.with_context(at)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "wasm")
        {
            return Ok(path);
        }
    }
    bail!(Cause::does_not_build("the app"))
}

fn run(steps: impl IntoIterator<Item = (&'static str, Command)>) -> Result<()> {
    for (name, mut command) in steps {
        if !process::run(name, &mut command)?.success() {
            bail!(Cause::does_not_build("the app"));
        }
    }
    Ok(())
}

/// A hash over the names and contents of these files and folders; `None` where one cannot be read.
fn fingerprint(paths: &[&Path]) -> Option<u64> {
    fn add(path: &Path, hash: &mut DefaultHasher) -> Option<()> {
        path.file_name()?.hash(hash);
        if !path.is_dir() {
            fs::read(path).ok()?.hash(hash);
            return Some(());
        }
        let entries = fs::read_dir(path).ok()?;
        let mut entries: Vec<_> = entries
            .map(|entry| Some(entry.ok()?.path()))
            .collect::<Option<_>>()?;
        entries.sort();
        entries.len().hash(hash);
        entries.iter().try_for_each(|entry| add(entry, hash))
    }
    let mut hash = DefaultHasher::new();
    paths.iter().try_for_each(|path| add(path, &mut hash))?;
    Some(hash.finish())
}

/// The shipped app's stack, in bytes. The compiler's own default is a megabyte, which every phone
/// would set aside, and the app needs some kilobytes; what goes beyond its end is trapped.
const STACK: u32 = 256 * 1024;

/// Compiler flags of what every buyer downloads. They keep the names of this machine's directories
/// out of it: places in the source are named from the package or the repository on.
pub(crate) fn release_flags(workspace: &Workspace) -> OsString {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let registries = home
        .and_then(|home| std::fs::read_dir(home.join("registry/src")).ok())
        .into_iter()
        .flatten()
        .filter_map(|registry| Some(registry.ok()?.path()));
    let mut flags = OsString::from(format!("-Clink-arg=-zstack-size={STACK}"));
    for flag in split::features_flags() {
        flags.push("\u{1f}");
        flags.push(flag);
    }
    let named = registries.chain([workspace.path("")]);
    let places = named.map(|from| (from, OsString::new()));
    for (from, to) in places.chain(standard_library(workspace)) {
        flags.push("\u{1f}--remap-path-prefix=");
        flags.push(from);
        flags.push("=");
        flags.push(to);
    }
    flags
}

/// The folder of the standard library's source and its name in a compiler without `rust-src`: with it,
/// the compiler writes this machine's folder into panics.
fn standard_library(workspace: &Workspace) -> Option<(PathBuf, OsString)> {
    let ask = |arguments: &[&str]| {
        let mut rustc = Command::new("rustc");
        process::output_of(rustc.args(arguments).current_dir(workspace.path("")))
    };
    let sysroot = ask(&["--print", "sysroot"])?;
    let version = ask(&["-vV"])?;
    let commit = version
        .lines()
        .find_map(|line| line.strip_prefix("commit-hash: "))?;
    let source = PathBuf::from(sysroot.trim()).join("lib/rustlib/src/rust");
    Some((source, ["/rustc/", commit].concat().into()))
}

#[cfg(test)]
mod tests {
    use test_kit::TempDir;

    use super::*;

    #[test]
    fn a_fingerprint_changes_with_every_file_and_with_its_content() {
        let temporary = TempDir::create();
        let folder = temporary.join("app");
        fs::create_dir_all(folder.join("deep")).unwrap();
        let mut seen = Vec::new();
        let mut look = || seen.push(fingerprint(&[&folder]).unwrap());
        for (name, text) in [("page", "one"), ("page", "two"), ("deep/page", "two")] {
            fs::write(folder.join(name), text).unwrap();
            look();
        }
        fs::rename(folder.join("page"), folder.join("leaf")).unwrap();
        look();
        let again = fingerprint(&[&folder]).unwrap();
        assert_eq!(again, seen[3], "the same files have the same one");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 4);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(fingerprint(&[&folder]), None, "what is not there has none");
    }
}
