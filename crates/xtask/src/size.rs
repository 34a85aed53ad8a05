//! `cargo xtask size`: what the app's WebAssembly is made of, by crate and by function.
//!
//! It is built like the shipped one but for the names in it, which is why it is not that one: in
//! a folder of its own, so that the next `dist` compiles no more than it has to.

use std::process::Command;

use crate::app;
use crate::error::Error;
use crate::process;
use crate::tools::Tools;
use crate::tools::target::WASM;
use crate::workspace::{self, Workspace};

/// Builds, and prints it.
pub(crate) fn run() -> Result<(), Error> {
    let workspace = Workspace::find()?;
    let tools = Tools::ensure(&workspace)?;
    let folder = workspace.path("target/size");
    let mut compile = workspace.cargo();
    compile
        .args([
            "build",
            "--release",
            "--package",
            "mini-app",
            "--target",
            WASM,
        ])
        .arg("--target-dir")
        .arg(&folder)
        .env("CARGO_PROFILE_RELEASE_STRIP", "false")
        .env("CARGO_ENCODED_RUSTFLAGS", app::release_flags(&workspace));
    let built = folder.join(WASM).join("release/mini-app.wasm");
    let mut bind = tools.program("wasm-bindgen");
    bind.args(["--target", "web", "--no-typescript", "--out-dir"])
        .arg(&folder)
        .arg(built);
    let bound = folder.join("mini-app_bg.wasm");
    let small = folder.join("mini-app.wasm");
    let page = workspace::read(&workspace.path("index.html"))?;
    let mut optimise = tools.program("wasm-opt");
    optimise
        .args(["-Oz", "--debuginfo"])
        .args(parameters(&page));
    optimise.arg(&bound).arg("--output").arg(&small);
    let mut tell = Command::new("node");
    tell.arg(workspace.path("crates/xtask/size.mjs"))
        .arg(&small);
    for (name, mut command) in [
        ("cargo", compile),
        ("wasm-bindgen", bind),
        ("wasm-opt", optimise),
        ("node", tell),
    ] {
        if !process::run(name, &mut command)?.success() {
            return Err(Error::Build { what: "the app" });
        }
    }
    Ok(())
}

/// What trunk gives wasm-opt for the shipped one.
fn parameters(page: &str) -> impl Iterator<Item = &str> {
    let after = page.split("data-wasm-opt-params=\"").nth(1);
    let parameters = after.and_then(|after| after.split('"').next());
    parameters.unwrap_or_default().split_whitespace()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_page_says_what_the_app_needs_of_webassembly() {
        let page = include_str!("../../../index.html");
        assert!(super::parameters(page).any(|it| it == "--enable-bulk-memory"));
    }
}
