//! The app's WebAssembly in two files: the part that the first screen needs, and the deferred chunk; see
//! `src/deferred.rs`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::Tools;
use crate::workspace::Workspace;

/// The feature of the app that marks where it is split.
pub(crate) const FEATURE: &str = "split";

/// The features of WebAssembly that the app uses, by their names in the linker and in wasm-opt.
/// `src/boot.js` tests for them, and wasm-opt refuses a file that uses others.
const FEATURES: [(&str, &str); 4] = [
    ("bulk-memory", "bulk-memory"),
    ("mutable-globals", "mutable-globals"),
    ("nontrapping-fptoint", "nontrapping-float-to-int"),
    ("sign-ext", "sign-ext"),
];

/// The compiler's flags for [`FEATURES`] and no others.
///
/// rustc uses reference types and multivalue unless told otherwise, and Chromium has the former only
/// from 96 on. The prebuilt standard library declares both as well, without using them; wasm-bindgen
/// would use what the linked file declares.
pub(crate) fn features_flags() -> [String; 2] {
    let features = FEATURES.map(|(linker, _)| linker).join(",");
    [
        "-Ctarget-feature=-reference-types,-multivalue".to_owned(),
        format!("-Clink-args=--features={features} --no-check-features"),
    ]
}

#[derive(Debug)]
pub(crate) struct SplitFiles {
    folder: PathBuf,
}

impl SplitFiles {
    /// A folder for these files alone.
    pub(crate) fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The folder, in which the JavaScript for the first part is `mini-app.js`.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn first_part(&self) -> PathBuf {
        self.folder.join("mini-app_bg.wasm")
    }

    pub(crate) fn deferred_chunk(&self) -> PathBuf {
        self.folder.join("later.wasm")
    }

    /// The programs that make both files of what cargo built, in order. `debug` keeps the functions' names.
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
        join.arg(workspace.path("crates/xtask/js/join.mjs"))
            .arg(&self.folder)
            .arg(split.join("split_later.wasm"));
        vec![
            ("wasm-split-cli", divide),
            ("wasm-bindgen", bind),
            ("node", join),
            optimise(tools, &self.first_part(), debug),
            optimise(tools, &self.deferred_chunk(), debug),
        ]
    }
}

/// Makes a file of WebAssembly smaller, in place. `debug` keeps the functions' names.
pub(crate) fn optimise(tools: &Tools, wasm: &Path, debug: bool) -> (&'static str, Command) {
    let mut optimise = tools.program("wasm-opt");
    // Browsers ignore the alignment of an access, and without it the file compresses better.
    optimise.args(["-Oz", "--dealign", "--quiet"]);
    optimise.args(FEATURES.map(|(_, name)| format!("--enable-{name}")));
    optimise.args(if debug {
        &["--debuginfo"][..]
    } else {
        &[
            "--strip-debug",
            "--strip-producers",
            "--strip-target-features",
        ]
    });
    optimise.arg(wasm).arg("--output").arg(wasm);
    ("wasm-opt", optimise)
}
