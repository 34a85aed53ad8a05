//! The app's WebAssembly in two parts: what the first screen needs, and what comes after it; see
//! `src/later.rs`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::Tools;
use crate::workspace::Workspace;

/// What it takes to find out which code belongs to which part.
pub(crate) const LINKER: &str = "-Clink-arg=--emit-relocs";

/// The feature of the app that marks where it is split.
pub(crate) const FEATURE: &str = "split";

/// What the app needs of WebAssembly, as wasm-opt calls it; `src/boot.js` asks for the youngest.
const NEEDS: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Where the two parts are, once they are made.
#[derive(Debug)]
pub(crate) struct Parts {
    folder: PathBuf,
}

impl Parts {
    /// They are to be in this folder, and nothing else is.
    pub(crate) fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The folder, in which the JavaScript for the first part is `mini-app.js`.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the buyer waits for.
    pub(crate) fn first(&self) -> PathBuf {
        self.folder.join("mini-app_bg.wasm")
    }

    /// What comes after it.
    pub(crate) fn later(&self) -> PathBuf {
        self.folder.join("later.wasm")
    }

    /// The programs that make both of what cargo built, in their order. `debug` keeps the names
    /// of the functions.
    pub(crate) fn steps(
        &self,
        workspace: &Workspace,
        tools: &Tools,
        built: &Path,
        debug: bool,
    ) -> Vec<(&'static str, Command)> {
        let split = self.folder.join("split");
        let mut divide = tools.program("wasm-split-cli");
        divide
            .args(["--target", "web", "--out-name", "mini-app"])
            .args([built, &split]);
        let mut bind = tools.program("wasm-bindgen");
        // The second part needs the table of functions, which the linker exports.
        bind.args(["--target", "web", "--no-typescript", "--keep-lld-exports"])
            .arg("--out-dir")
            .args([&self.folder, &split.join("mini-app.wasm")]);
        let mut join = Command::new("node");
        join.arg(workspace.path("crates/xtask/bundle/join.mjs"))
            .arg(&self.folder)
            .arg(split.join("split_later.wasm"));
        let optimise = |part: PathBuf| {
            let mut optimise = tools.program("wasm-opt");
            // How an access is aligned is a hint that browsers do not take; without, it compresses better.
            optimise.args(["-Oz", "--dealign", "--quiet"]).args(NEEDS);
            optimise.args(if debug {
                &["--debuginfo"][..]
            } else {
                &[
                    "--strip-debug",
                    "--strip-producers",
                    "--strip-target-features",
                ]
            });
            optimise.arg(&part).arg("--output").arg(&part);
            ("wasm-opt", optimise)
        };
        vec![
            ("wasm-split-cli", divide),
            ("wasm-bindgen", bind),
            ("node", join),
            optimise(self.first()),
            optimise(self.later()),
        ]
    }
}
