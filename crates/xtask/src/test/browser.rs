//! Rust tests that need a browser's JavaScript, in headless Chromium.

use std::process::Command;
use std::time::Instant;

use anyhow::Result;

use super::compile::{self, TestProgram, Unit};
use super::scope::{Filter, Scope};
use crate::outcome::{Outcome, TestResult, Tests};
use crate::process;
use crate::tools::Tools;
use crate::tools::browser::Browser;
use crate::workspace::Workspace;

/// Compiles and runs them, one program after the other: each has a browser of its own.
pub(crate) fn run(workspace: &Workspace, tools: &Tools, scope: &Scope) -> Result<Outcome> {
    let start = Instant::now();
    // Not the examples in the documentation, which need not run in a browser.
    let compiled = compile::tests(workspace, Unit::Browser, &["--tests".to_owned()])?;
    let build = start.elapsed();
    let browser = Browser::ensure()?;
    let runner = || {
        let mut runner = tools.program("wasm-bindgen-test-runner");
        runner
            .env("CHROMEDRIVER", &browser.chromedriver)
            .env("WASM_BINDGEN_USE_BROWSER", "1")
            // Seconds for all tests of one program; its own 20 are few on a busy machine.
            .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
            .env(
                "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
                workspace.path("crates/xtask/webdriver.json"),
            );
        runner
    };
    let mut tests = Tests::default();
    for (program, filter) in scope.of_programs(compiled.programs).into_iter().flatten() {
        // The runner takes one filter at a time.
        let filters: Vec<Vec<String>> = match filter {
            Filter::All => vec![Vec::new()],
            Filter::Containing(text) => vec![vec![text]],
            Filter::Named(names) => (names.into_iter())
                .map(|name| vec!["--exact".to_owned(), name])
                .collect(),
        };
        for filter in filters {
            let mut runner = runner();
            runner
                .current_dir(&program.folder)
                .arg(&program.file)
                .args(filter);
            tests.extend(run_program(&mut runner, &program)?);
        }
    }
    Ok(Outcome {
        tests,
        build,
        ..Outcome::default()
    })
}

fn run_program(runner: &mut Command, program: &TestProgram) -> Result<Tests> {
    let mut tests = Tests::default();
    let status = process::run_reading(&program.suite, runner, |line| {
        process::print(line);
        tests.extend(TestResult::read(line, &program.suite).into_iter().collect());
    })?;
    Ok(tests.given(status.success(), &program.suite))
}
