//! The standard library for the browser.

use std::process::Command;

use crate::error::Error;
use crate::process;
use crate::workspace::Workspace;

/// What the app is compiled for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Makes sure that rustc can compile for [`WASM`].
///
/// `rust-toolchain.toml` names the target, but rustup only acts on that where
/// its automatic installation is on.
pub(crate) fn ensure(workspace: &Workspace) -> Result<(), Error> {
    if is_installed(workspace) {
        return Ok(());
    }
    println!("xtask: adding the Rust target {WASM} (once)");
    let mut rustup = Command::new("rustup");
    rustup
        .args(["target", "add", WASM])
        .current_dir(workspace.path(""));
    match process::run("rustup", &mut rustup) {
        Ok(status) if status.success() && is_installed(workspace) => Ok(()),
        Err(Error::Interrupted) => Err(Error::Interrupted),
        _ => Err(Error::TargetMissing),
    }
}

fn is_installed(workspace: &Workspace) -> bool {
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--print", "target-libdir", "--target", WASM])
        .current_dir(workspace.path(""));
    process::output_of(&mut rustc)
        .is_some_and(|libraries| std::path::Path::new(libraries.trim()).is_dir())
}
