//! `cargo xtask fuzz`: looks for inputs that break a fuzz target of `crates/fuzz`, with libFuzzer.
//!
//! The compiler's flags are stable ones. They change every crate, so that the build has a folder of its own.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::error::Cause;
use crate::process;
use crate::progress::Progress;
use crate::tools::target;
use crate::workspace::Workspace;

/// What a compiler of sanitizers does to each crate: coverage of edges, and the values of comparisons.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1";

/// The kept inputs, one folder for each target.
const CORPUS: &str = "crates/fuzz/corpus";

/// No request or answer that is worth a try is longer, in bytes.
const MAX_LEN: u32 = 8192;

/// One input may take so long, in seconds.
const TIMEOUT: u32 = 10;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fuzz {
    /// `None` lists the targets.
    pub(crate) target: Option<String>,
    pub(crate) seconds: u32,
}

pub(crate) fn run(fuzz: &Fuzz) -> Result<()> {
    let workspace = Workspace::find()?;
    let targets = targets(&workspace)?;
    let Some(target) = &fuzz.target else {
        for target in targets {
            process::print(&target);
        }
        return Ok(());
    };
    if !targets.contains(target) {
        bail!("`{target}` is no fuzz target: use {}", targets.join(", "));
    }
    let program = build(&workspace)?;
    let found = workspace.built(&format!("fuzz/corpus/{target}"));
    let failures = workspace.built("fuzz/failures");
    for folder in [&found, &failures] {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let mut command = Command::new(program);
    command
        .env("FUZZ_TARGET", target)
        .arg(format!("-max_total_time={}", fuzz.seconds))
        .arg(format!("-max_len={MAX_LEN}"))
        .arg(format!("-timeout={TIMEOUT}"))
        .args(["-print_funcs=0", "-print_final_stats=1"])
        .arg(format!("-artifact_prefix={}/{target}-", failures.display()))
        // What is new goes into the first folder.
        .arg(&found)
        .arg(workspace.path(CORPUS).join(target));
    match process::run("the fuzz target", &mut command)?.success() {
        true => Ok(()),
        false => bail!(
            "an input breaks {target}: it is in {}; copy it to {CORPUS}/{target}/, mend the code, and \
             run `cargo test -p fuzz`",
            failures.display()
        ),
    }
}

/// `tests/corpus.rs` of the targets fails where a target has no folder, or a folder no target.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let folder = workspace.path(CORPUS);
    let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let mut targets = Vec::new();
    for entry in entries {
        targets.push(entry?.file_name().to_string_lossy().into_owned());
    }
    targets.sort();
    Ok(targets)
}

fn build(workspace: &Workspace) -> Result<PathBuf> {
    let host = target::host()?;
    let folder = workspace.built("fuzz");
    let mut cargo = workspace.cargo("build");
    cargo
        .args(["--package", "fuzz", "--profile", "fuzz"])
        // With a target, the flags are not those of build scripts and macros.
        .args(["--target", &host])
        .arg("--target-dir")
        .arg(&folder)
        .env("RUSTFLAGS", FLAGS);
    if !Progress::show(|progress| progress.run("the fuzz targets", &mut cargo))? {
        bail!(Cause::does_not_build("the fuzz targets"));
    }
    Ok(folder.join(host).join("fuzz/fuzz"))
}
