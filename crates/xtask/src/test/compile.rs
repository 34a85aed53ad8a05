//! Compiles tests and lints them in one pass.
//!
//! `cargo clippy` would check what `cargo test` then compiles again, every dependency included. With
//! clippy's compiler as the wrapper of the workspace's own crates one pass does both. It is rustc but for
//! the optimisations of MIR, which it leaves out: a thousand runs take 31.0 s so and 30.3 s otherwise.
//! What browsers meet in tests, servers and bundles, is compiled by rustc alone.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::error::Cause;
use crate::progress::Progress;
use crate::tools::target::WASM;
use crate::workspace::Workspace;

/// Packages and features of one call of cargo. The features do not depend on the tests asked for: each set
/// of features compiles the dependencies anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Native,
    /// The merchant with no more than its own features, as it is shipped.
    Merchant,
    /// The app and the container binding, for the browser.
    Browser,
    /// The app in two parts, as buyers get it.
    BrowserSplit,
    /// The app with no feature at all, as `trunk serve` builds it.
    BrowserPlain,
}

impl Unit {
    /// In progress and error messages.
    fn name(self) -> &'static str {
        match self {
            Self::Native => "the workspace",
            Self::Merchant => "the merchant alone",
            Self::Browser => "the app with its tests",
            Self::BrowserSplit => "the app in two parts",
            Self::BrowserPlain => "the app alone",
        }
    }

    fn arguments(self) -> Vec<&'static str> {
        let features = match self {
            // The merchants that browsers meet and that are shipped do without `crash`.
            Self::Native => {
                return vec!["--workspace", "--features", "merchant/crash,mini-app/debug"];
            }
            Self::Merchant => return vec!["--package", "merchant"],
            // Not `split`: nothing makes the second part for tests.
            Self::Browser => "mini-app/debug",
            Self::BrowserSplit => "mini-app/debug,mini-app/split",
            Self::BrowserPlain => "",
        };
        vec![
            "--target",
            WASM,
            "--package",
            "mini-app",
            "--package",
            "gopay-container",
            "--features",
            features,
        ]
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TestProgram {
    pub(crate) suite: String,
    pub(crate) file: PathBuf,
    /// The package's folder, in which cargo runs its tests.
    pub(crate) folder: PathBuf,
    /// Of its environment, besides those of this process.
    pub(crate) variables: Vec<(&'static str, PathBuf)>,
}

#[derive(Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) programs: Vec<TestProgram>,
    /// Distinct warnings of clippy and rustc.
    pub(crate) warnings: usize,
}

/// Compiles test programs; `targets` are cargo's options that choose some.
pub(crate) fn tests(workspace: &Workspace, unit: Unit, targets: &[String]) -> Result<Compiled> {
    let mut cargo = cargo(workspace, unit, "test");
    compile(unit, cargo.arg("--no-run").args(targets))
}

/// Compiles libraries and programs without their tests.
pub(crate) fn programs(workspace: &Workspace, unit: Unit) -> Result<Compiled> {
    let verb = match unit {
        // Nothing else is compiled with the features that its dependencies have here: no code is made.
        Unit::Merchant => "check",
        _ => "build",
    };
    compile(unit, &mut cargo(workspace, unit, verb))
}

/// cargo with clippy's compiler, for the examples in the documentation too: they use the libraries
/// that [`tests`] compiled.
pub(crate) fn cargo(workspace: &Workspace, unit: Unit, verb: &str) -> Command {
    let mut cargo = workspace.cargo(verb);
    cargo
        .args(unit.arguments())
        .env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
    cargo
}

fn compile(unit: Unit, cargo: &mut Command) -> Result<Compiled> {
    let mut compiled = Compiled::default();
    let mut warnings = BTreeSet::new();
    let cargo = cargo.arg(match std::io::stderr().is_terminal() {
        true => "--message-format=json-diagnostic-rendered-ansi",
        false => "--message-format=json",
    });
    let succeeded = Progress::show(|progress| {
        progress.run_reading(unit.name(), cargo, |line| {
            let message = serde_json::from_str(line).unwrap_or(Value::Null);
            match message["reason"].as_str() {
                Some("compiler-artifact") => compiled.programs.extend(test_program(&message)),
                Some("compiler-message") => {
                    let rendered = message["message"]["rendered"].as_str();
                    // With and without its tests a crate has the same ones.
                    if warnings.insert(rendered.unwrap_or_default().to_owned()) {
                        progress.say(rendered.unwrap_or_default());
                    }
                }
                _ => {}
            }
        })
    })?;
    compiled.warnings = warnings.len();
    match succeeded {
        true => Ok(compiled),
        false => bail!(Cause::does_not_build(unit.name())),
    }
}

fn test_program(artifact: &Value) -> Option<TestProgram> {
    if artifact["profile"]["test"] != true {
        return None;
    }
    let manifest = PathBuf::from(artifact["manifest_path"].as_str()?);
    let target = &artifact["target"];
    // `path+file:///clone/crates/merchant#0.1.0`, or `...#name@0.1.0` where the folder has another name.
    let (path, version) = artifact["package_id"].as_str()?.rsplit_once('#')?;
    let package = match version.split_once('@') {
        Some((name, _)) => name,
        None => path.rsplit('/').next()?,
    };
    Some(TestProgram {
        suite: suite(
            package,
            target["kind"][0].as_str()?,
            target["name"].as_str()?,
        ),
        file: PathBuf::from(artifact["executable"].as_str()?),
        folder: manifest.parent()?.to_owned(),
        variables: Vec::new(),
    })
}

/// The name in reports: `merchant` for the unit tests of that library, `merchant::crash` for `tests/crash`.
pub(crate) fn suite(package: &str, kind: &str, target: &str) -> String {
    match kind {
        "test" => format!("{package}::{target}"),
        "bin" => format!("{package}::bin::{target}"),
        _ => package.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn artifact(id: &str, kind: &str, name: &str) -> Value {
        json!({
            "reason": "compiler-artifact",
            "package_id": id,
            "manifest_path": "/clone/crates/merchant/Cargo.toml",
            "target": {"kind": [kind], "name": name},
            "profile": {"test": true},
            "executable": "/clone/target/debug/deps/it-00",
        })
    }

    #[test]
    fn a_suite_is_named_after_package_and_target() {
        let suite = |id, kind, name| test_program(&artifact(id, kind, name)).unwrap().suite;
        let merchant = "path+file:///clone/crates/merchant#0.1.0";
        assert_eq!(suite(merchant, "lib", "merchant"), "merchant");
        assert_eq!(suite(merchant, "test", "crash"), "merchant::crash");
        assert_eq!(
            suite(merchant, "bin", "merchant"),
            "merchant::bin::merchant"
        );
        let app = "path+file:///clone#mini-app@0.1.0";
        assert_eq!(suite(app, "test", "pure"), "mini-app::pure");
    }

    #[test]
    fn an_artifact_without_tests_is_no_test_program() {
        let mut library = artifact("path+file:///clone#mini-app@0.1.0", "lib", "mini_app");
        library["profile"]["test"] = false.into();
        assert_eq!(test_program(&library), None);
    }
}
