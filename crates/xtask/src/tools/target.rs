//! The standard library for the browser.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::error::is_interruption;
use crate::process;
use crate::workspace::Workspace;

pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// `rust-toolchain.toml` names the target, but rustup only acts on that where
/// its automatic installation is on.
pub(crate) fn ensure(workspace: &Workspace) -> Result<()> {
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
        Err(error) if is_interruption(&error) => Err(error),
        _ => bail!(
            "Rust cannot compile for the browser yet: install rustup, or run `rustup target add wasm32-unknown-unknown`"
        ),
    }
}

/// The target triple of this machine.
pub(crate) fn host() -> Result<String> {
    let printed = process::output_of(Command::new("rustc").args(["--print", "host-tuple"]));
    let host = printed.context("`rustc --print host-tuple` says nothing")?;
    Ok(host.trim().to_owned())
}

fn is_installed(workspace: &Workspace) -> bool {
    let mut rustc = Command::new("rustc");
    rustc
        .args(["--print", "target-libdir", "--target", WASM])
        .current_dir(workspace.path(""));
    process::output_of(&mut rustc)
        .is_some_and(|libraries| std::path::Path::new(libraries.trim()).is_dir())
}
