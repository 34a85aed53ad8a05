//! `cargo xtask size`: what the app's WebAssembly is made of, by crate and by function.
//!
//! The build keeps the names of functions, unlike the shipped one, and has a target folder of its own, so
//! that the next `dist` compiles no more than it has to.

use std::process::Command;

use anyhow::{Result, bail};

use crate::app;
use crate::error::Cause;
use crate::process;
use crate::split::{self, SplitFiles};
use crate::tools::Tools;
use crate::tools::target::WASM;
use crate::workspace::Workspace;

pub(crate) fn run() -> Result<()> {
    let workspace = Workspace::find()?;
    let tools = Tools::ensure(&workspace, Tools::DIST)?;
    let folder = workspace.path("target/size");
    let mut compile = workspace.cargo("build");
    compile
        .args(["--release", "--package", "mini-app"])
        .args(["--features", split::FEATURE, "--target", WASM])
        .arg("--target-dir")
        .arg(&folder)
        .env("CARGO_PROFILE_RELEASE_STRIP", "false")
        .env("CARGO_ENCODED_RUSTFLAGS", app::release_flags(&workspace));
    let built = folder.join(WASM).join("release/mini-app.wasm");
    let parts = SplitFiles::in_folder(folder.join("parts"));
    let mut steps = vec![("cargo", compile)];
    steps.extend(parts.steps(&workspace, &tools, &built, true));
    for part in [parts.first_part(), parts.deferred_chunk()] {
        let mut tell = Command::new("node");
        tell.arg(workspace.path("crates/xtask/js/size.mjs"))
            .arg(part);
        steps.push(("node", tell));
    }
    for (name, mut command) in steps {
        if !process::run(name, &mut command)?.success() {
            bail!(Cause::does_not_build("the app"));
        }
    }
    Ok(())
}
