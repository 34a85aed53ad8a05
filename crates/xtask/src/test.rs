//! `cargo xtask test`: groups of tests and checks. A failed group does not keep the next from running.

mod browser;
pub(crate) mod canaries;
mod compile;
mod deny;
mod deploy;
pub(crate) mod failed;
mod libtest;
mod node;
mod playwright;
pub(crate) mod scope;

use std::ffi::OsString;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Result, bail};

use crate::app::Bundle;
use crate::budget::Sizes;
use crate::error::Cause;
use crate::outcome::{FailedTest, Outcome, TestResult, Tests, exit_code};
use crate::package::{self, Package};
use crate::progress::Progress;
use crate::report::Report;
use crate::servers::{self, Server};
use crate::tools::browser::Browser;
use crate::tools::engines::Engines;
use crate::tools::postgres::{Durability, Postgres};
use crate::tools::target;
use crate::tools::{Tools, node as packages};
use crate::workspace::Workspace;
use crate::{app, branding, npm, process, traceability};
use compile::Unit;
use playwright::Playwright;
use scope::Scope;

/// The merchant in the tested package. Its port is not known when the package is made; the tests map this
/// host to it.
const PACKAGES_MERCHANT: &str = "http://kedai.localhost";

const EXAMPLES: &str = "examples";

/// Shops in other languages, which live on the simulator.
const SIMULATOR_EXAMPLES: &str = "crates/simulator/examples";

/// Test programs of the merchant.
const SUITES_WITH_DATABASES: [&str; 3] = ["api", "outbox", "crash"];

/// A group of tests, or a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Format,
    /// The sources say what `shop.toml` says.
    Shop,
    /// Every numbered fault and invariant has a test.
    Ids,
    Clippy,
    Docs,
    /// The libraries that are published can be packaged.
    Publish,
    /// Licences, sources, duplicates and advisories of the dependencies.
    Deny,
    /// The files of `docs/deploy` are understood by the programs that they are for.
    Deploy,
    /// tsc over the browser tests and the JavaScript of xtask.
    Types,
    /// The sums of the bench.
    Bench,
    /// The simulator's npm packages, with the simulator as a process.
    Npm,
    /// The Rust tests of every package, and the examples in the documentation.
    Native,
    /// The merchant's tests that need a database, on PostgreSQL.
    Postgres,
    /// Bad input against the merchant with the features that are shipped.
    BadInput,
    /// Rust tests in headless Chromium.
    Wasm,
    /// The steps that make the bundle, its size, and the build for `preview`.
    Bundle,
    /// Playwright over the bundles, with real servers.
    EndToEnd,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    Groups(Vec<Group>),
    /// The tests of one group that have this text in their name.
    Matching(Group, String),
    /// What failed in earlier runs and has not passed since.
    Failed,
}

impl Group {
    /// In the order in which they run.
    pub(crate) const ALL: [Self; 17] = [
        Self::Format,
        Self::Shop,
        Self::Ids,
        Self::Types,
        Self::Clippy,
        Self::Docs,
        Self::Publish,
        Self::Deny,
        Self::Deploy,
        Self::Bench,
        Self::Npm,
        Self::Native,
        Self::Postgres,
        Self::BadInput,
        Self::Wasm,
        Self::Bundle,
        Self::EndToEnd,
    ];

    /// On the command line and in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Shop => "shop",
            Self::Ids => "ids",
            Self::Clippy => "clippy",
            Self::Docs => "docs",
            Self::Publish => "publish",
            Self::Deny => "deny",
            Self::Deploy => "deploy",
            Self::Types => "types",
            Self::Bench => "bench",
            Self::Npm => "npm",
            Self::Native => "native",
            Self::Postgres => "postgres",
            Self::BadInput => "bad-input",
            Self::Wasm => "wasm",
            Self::Bundle => "bundle",
            Self::EndToEnd => "e2e",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.name() == name)
    }

    /// Whether it is one verdict rather than many tests.
    pub(crate) fn is_check(self) -> bool {
        matches!(
            self,
            Self::Format
                | Self::Shop
                | Self::Ids
                | Self::Clippy
                | Self::Docs
                | Self::Publish
                | Self::Deny
                | Self::Deploy
                | Self::Types
        )
    }

    pub(crate) fn prepare(self, workspace: &Workspace) -> Result<()> {
        match self {
            Self::Format
            | Self::Shop
            | Self::Ids
            | Self::Publish
            | Self::Native
            | Self::BadInput => Ok(()),
            Self::Clippy | Self::Docs => target::ensure(workspace),
            Self::Postgres => Postgres::ensure().map(drop),
            Self::Deny => Tools::ensure(workspace, Tools::DENY).map(drop),
            Self::Types | Self::Deploy | Self::Bench | Self::Npm => {
                packages::ensure(workspace).map(drop)
            }
            Self::Bundle => Tools::ensure(workspace, Tools::DIST).map(drop),
            Self::Wasm => {
                Tools::ensure(workspace, Tools::TESTS)?;
                Browser::ensure().map(drop)
            }
            Self::EndToEnd => {
                Tools::ensure(workspace, Tools::DIST)?;
                Browser::ensure()?;
                Engines::ensure(workspace).map(drop)
            }
        }
    }

    pub(crate) fn run(self, workspace: &Workspace, scope: &Scope) -> Result<Outcome> {
        match self {
            Self::Format => check(format(workspace)),
            Self::Shop => branding::check(workspace).map(|()| Outcome::check(true)),
            Self::Ids => {
                let coverage = traceability::measure(workspace)?;
                if !coverage.is_complete {
                    println!("{}", coverage.summary);
                }
                Ok(Outcome::check(coverage.is_complete))
            }
            Self::Clippy => clippy(workspace),
            Self::Docs => docs(workspace),
            Self::Publish => check(publish(workspace)),
            Self::Deny => deny::run(workspace),
            Self::Deploy => deploy::run(workspace),
            Self::Types => check(packages::script(workspace, "typescript/bin/tsc")),
            Self::Bench => Ok(Outcome {
                tests: node::run(
                    &workspace.path("tests/bench/figures.test.mjs"),
                    "bench::figures",
                    &[],
                    scope,
                )?,
                ..Outcome::default()
            }),
            Self::Npm => npm_packages(workspace, scope),
            Self::Native => native(workspace, scope),
            Self::Postgres => on_postgres(workspace, scope),
            Self::BadInput => bad_input(workspace, scope),
            Self::Wasm => browser::run(workspace, &Tools::ensure(workspace, Tools::TESTS)?, scope),
            Self::Bundle => bundle(workspace, scope),
            Self::EndToEnd => end_to_end(workspace, scope),
        }
    }
}

/// Prints the report. The exit code says whether a test failed.
pub(crate) fn run(request: Request) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let groups = groups(&workspace, request)?;
    if groups.is_empty() {
        println!("xtask: nothing failed that has not passed since");
        return Ok(ExitCode::SUCCESS);
    }
    // Before the first group, so that a missing browser is reported at once.
    for (group, _) in &groups {
        group.prepare(&workspace)?;
    }
    let mut report = Report::default();
    canaries::forget(&workspace)?;
    for (group, scope) in groups {
        println!("\nxtask: {}", group.name());
        let start = Instant::now();
        let mut outcome = or_broken(group.run(&workspace, &scope))?;
        let ran_nothing = !group.is_check() && outcome.tests.is_empty() && !outcome.is_broken;
        match &scope {
            Scope::Matching(text) if ran_nothing && outcome.not_run.is_empty() => {
                bail!(Cause::NoSuchTest(text.clone()));
            }
            Scope::Failed(asked) => {
                for name in failed::missing(asked, &outcome) {
                    eprintln!(
                        "xtask: no test is called {name} any more: the group has to run whole"
                    );
                    outcome.is_broken = true;
                }
            }
            _ if ran_nothing => {
                eprintln!("xtask: no test ran");
                outcome.is_broken = true;
            }
            _ => {}
        }
        if let Err(error) = failed::write(&workspace, group.name(), &outcome, &scope) {
            eprintln!("xtask: {error:#}");
            outcome.is_broken = true;
        }
        report.add(group.name(), outcome, start.elapsed());
    }
    report.canaries = canaries::count(&workspace)?;
    println!("\n{report}");
    Ok(exit_code(report.failures() == 0))
}

/// An error is the failure of its group, unless it is an interruption or a filter that matches no test.
pub(crate) fn or_broken(outcome: Result<Outcome>) -> Result<Outcome> {
    outcome.or_else(|error| match Cause::of(&error) {
        Some(Cause::Interrupted | Cause::NoSuchTest(_)) => Err(error),
        _ => {
            eprintln!("xtask: {error:#}");
            Ok(Outcome::check(false))
        }
    })
}

fn groups(workspace: &Workspace, request: Request) -> Result<Vec<(Group, Scope)>> {
    Ok(match request {
        Request::Groups(groups) => groups
            .into_iter()
            .map(|group| (group, Scope::All))
            .collect(),
        Request::Matching(group, text) => vec![(group, Scope::Matching(text))],
        Request::Failed => groups_of(&failed::read(workspace)?),
    })
}

fn groups_of(failed: &[FailedTest]) -> Vec<(Group, Scope)> {
    let of = |group: Group| {
        let tests: Vec<_> = (failed.iter())
            .filter(|test| test.group == group.name())
            .cloned()
            .collect();
        match tests.iter().any(FailedTest::is_group) {
            _ if tests.is_empty() => None,
            true => Some((group, Scope::All)),
            false => Some((group, Scope::Failed(tests))),
        }
    };
    Group::ALL.into_iter().filter_map(of).collect()
}

/// The words are arguments of that program.
pub(crate) fn simulation(words: &[OsString]) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    // As for servers: the same features as in tests.
    let mut build = workspace.cargo("build");
    build.args(["--workspace", "--bin", "simulation"]);
    if !Progress::show(|progress| progress.run("simulation", &mut build))? {
        bail!(Cause::does_not_build("the simulation"));
    }
    let mut simulation = Command::new(workspace.binary("simulation"));
    simulation.args(words).current_dir(workspace.path(""));
    let status = process::run("simulation", &mut simulation)?;
    Ok(exit_code(status.success()))
}

/// Everything that is compiled anywhere, once with clippy's compiler.
fn clippy(workspace: &Workspace) -> Result<Outcome> {
    let start = Instant::now();
    let warnings = compile::tests(workspace, Unit::Native, &[])?.warnings
        + compile::programs(workspace, Unit::Native)?.warnings
        + compile::programs(workspace, Unit::Merchant)?.warnings
        + compile::tests(workspace, Unit::Browser, &["--tests".to_owned()])?.warnings
        + compile::programs(workspace, Unit::BrowserSplit)?.warnings
        + compile::programs(workspace, Unit::BrowserPlain)?.warnings;
    Ok(Outcome {
        build: start.elapsed(),
        ..Outcome::check(warnings == 0)
    })
}

fn format(workspace: &Workspace) -> Command {
    let mut format = workspace.cargo_unlocked();
    format.args(["fmt", "--all", "--check"]);
    format
}

fn docs(workspace: &Workspace) -> Result<Outcome> {
    let mut doc = workspace.cargo("doc");
    doc.args(["--workspace", "--all-features", "--no-deps", "--quiet"])
        .env("RUSTDOCFLAGS", "-D warnings");
    check(doc)
}

/// Compiling them from the packages would take minutes; clippy has compiled the same files.
fn publish(workspace: &Workspace) -> Command {
    let mut package = workspace.cargo("package");
    package.args([
        "--offline",
        "--quiet",
        "--no-verify",
        "--allow-dirty",
        "-p",
        "gopay-container",
        "-p",
        "gopay-protocol",
    ]);
    package
}

fn native(workspace: &Workspace, scope: &Scope) -> Result<Outcome> {
    let start = Instant::now();
    let compiled = compile::tests(workspace, Unit::Native, &scope.targets(workspace)?)?;
    let build = start.elapsed();
    let tell = |suite: &str, tests: &Tests| {
        if *scope != Scope::Quick {
            print_suite(suite, tests);
        }
    };
    let mut tests = Tests::default();
    for part in scope.of_programs(compiled.programs) {
        tests.extend(libtest::run(part, &canaries::file(workspace), tell)?);
    }
    if scope.is_all_of(EXAMPLES) {
        tests.extend(examples(workspace)?);
    }
    Ok(Outcome {
        tests,
        build,
        ..Outcome::default()
    })
}

fn print_suite(suite: &str, tests: &Tests) {
    process::print(&format!("{suite:<40} {tests}"));
}

/// With each suite in which a test asks for a database.
fn on_postgres(workspace: &Workspace, scope: &Scope) -> Result<Outcome> {
    let start = Instant::now();
    let targets = SUITES_WITH_DATABASES.map(|target| ["--test".to_owned(), target.to_owned()]);
    let compiled = compile::tests(workspace, Unit::Native, targets.as_flattened())?;
    let build = start.elapsed();
    let server = Postgres::start(Durability::None)?;
    let programs = compiled.programs.into_iter().map(|mut program| {
        program.variables = vec![("MERCHANT_TEST_POSTGRES", server.url().into())];
        program
    });
    let mut tests = Tests::default();
    for part in scope.of_programs(programs.collect()) {
        tests.extend(libtest::run(part, &canaries::file(workspace), print_suite)?);
    }
    Ok(Outcome {
        tests,
        build,
        ..Outcome::default()
    })
}

fn bad_input(workspace: &Workspace, scope: &Scope) -> Result<Outcome> {
    let start = Instant::now();
    servers::build(workspace, &[Server::Merchant])?;
    let target = ["--test".to_owned(), "bad_input".to_owned()];
    let compiled = compile::tests(workspace, Unit::Native, &target)?;
    let build = start.elapsed();
    let programs = compiled.programs.into_iter().filter_map(|mut program| {
        let filter = scope.of_suite(&program.suite)?;
        program.variables = vec![("MERCHANT_BINARY", Server::Merchant.binary(workspace))];
        Some((program, filter))
    });
    let tests = libtest::run(programs.collect(), &canaries::file(workspace), print_suite)?;
    Ok(Outcome {
        tests,
        build,
        ..Outcome::default()
    })
}

/// The examples in the documentation, which only cargo can run.
fn examples(workspace: &Workspace) -> Result<Tests> {
    let mut cargo = compile::cargo(workspace, Unit::Native, "test");
    let mut tests = Tests::default();
    let status = process::run_reading(EXAMPLES, cargo.args(["--doc", "--no-fail-fast"]), |line| {
        match TestResult::read(line, EXAMPLES) {
            Some(test) => tests.push(test),
            None => process::print(line),
        }
    })?;
    Ok(tests.given(status.success(), EXAMPLES))
}

/// Each file of the npm packages' tests is a suite.
fn npm_packages(workspace: &Workspace, scope: &Scope) -> Result<Outcome> {
    let start = Instant::now();
    servers::build(workspace, &[Server::Simulator])?;
    let build = start.elapsed();
    let variables = [(
        "GOPAY_SIMULATOR_BINARY",
        Server::Simulator.binary(workspace),
    )];
    let mut tests = Tests::default();
    for (folder, kind) in [(npm::FOLDER, "npm"), (SIMULATOR_EXAMPLES, "examples")] {
        for (name, file) in node::files(&workspace.path(folder).join("tests"))? {
            let suite = format!("{kind}::{name}");
            tests.extend(node::run(&file, &suite, &variables, scope)?);
        }
    }
    Ok(Outcome {
        tests,
        build,
        ..Outcome::default()
    })
}

/// The steps on a small bundle, then the bundles that the browser tests open.
fn bundle(workspace: &Workspace, scope: &Scope) -> Result<Outcome> {
    let file = workspace.path("crates/xtask/js/bundle.test.mjs");
    let tests = node::run(&file, "bundle", &[], scope)?;
    if *scope != Scope::All {
        return Ok(Outcome {
            tests,
            ..Outcome::default()
        });
    }
    let start = Instant::now();
    let built = build_bundles(workspace, &[Bundle::Release, Bundle::Preview])
        .and_then(|()| Sizes::of(&Bundle::Release.directory(workspace)))
        .and_then(|sizes| Ok((sizes, sizes.are_within_budget(workspace)?)));
    let outcome = built.map(|(sizes, is_within_budget)| Outcome {
        is_broken: !is_within_budget,
        sizes: Some(sizes),
        ..Outcome::default()
    });
    Ok(Outcome {
        tests,
        build: start.elapsed(),
        ..or_broken(outcome)?
    })
}

fn build_bundles(workspace: &Workspace, bundles: &[Bundle]) -> Result<()> {
    let tools = Tools::ensure(workspace, Tools::DIST)?;
    for bundle in bundles {
        app::build(workspace, &tools, *bundle)?;
    }
    Ok(())
}

fn end_to_end(workspace: &Workspace, scope: &Scope) -> Result<Outcome> {
    let start = Instant::now();
    let package = workspace.path("target/e2e/mini-app-v1.zip");
    let engines = Engines::ensure(workspace)?;
    let mut environment = vec![
        ("MERCHANT_BIN", Server::Merchant.binary(workspace)),
        ("SIMULATOR_BIN", Server::Simulator.binary(workspace)),
        ("DIST", Bundle::Release.directory(workspace)),
        ("DEBUG_DIST", Bundle::Preview.directory(workspace)),
        ("PLAIN_DIST", Bundle::Plain.directory(workspace)),
        ("PACKAGE", package.clone()),
        ("GALLERY", workspace.path("target/gallery")),
        ("CHROMIUM", Browser::ensure()?.headless),
        ("ENGINES", engines.folder),
        ("CANARIES", canaries::file(workspace)),
    ];
    environment.extend(
        engines
            .webkit_driver
            .map(|driver| ("WEBKIT_DRIVER", driver)),
    );
    let playwright = Playwright::new(workspace, scope, environment)?;
    let bundles = playwright.bundles()?;
    if bundles.is_empty() {
        return Ok(Outcome::default());
    }
    servers::build(workspace, Server::ALL)?;
    build_bundles(workspace, &bundles)?;
    package::write(
        &Bundle::Release.directory(workspace),
        &Package {
            merchant: PACKAGES_MERCHANT.to_owned(),
            sdk: None,
        },
        &package,
    )?;
    let build = start.elapsed();
    let (tests, not_run) = playwright.run()?;
    Ok(Outcome {
        tests,
        not_run,
        build,
        ..Outcome::default()
    })
}

fn check(mut command: Command) -> Result<Outcome> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = process::run(&name, &mut command)?;
    Ok(Outcome::check(status.success()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(group: &str, suite: &str, name: &str) -> FailedTest {
        FailedTest {
            group: group.to_owned(),
            suite: suite.to_owned(),
            name: name.to_owned(),
        }
    }

    #[test]
    fn failed_tests_run_again_and_a_group_that_failed_itself_runs_whole() {
        let test = failed("native", "merchant::api", "refunds::goes_back");
        let tests = [
            failed("e2e", "pay.spec.ts", "pays"),
            failed("e2e", "", ""),
            test.clone(),
            failed("clippy", "", ""),
        ];
        assert_eq!(
            groups_of(&tests),
            [
                (Group::Clippy, Scope::All),
                (Group::Native, Scope::Failed(vec![test])),
                (Group::EndToEnd, Scope::All),
            ]
        );
        assert_eq!(groups_of(&[]), []);
    }

    #[test]
    fn an_interruption_and_an_unknown_test_are_no_outcome_of_a_group() {
        let no_test = Cause::NoSuchTest("typo".to_owned());
        assert!(or_broken(Err(no_test.into())).is_err());
        assert!(or_broken(Err(Cause::Interrupted.into())).is_err());
        let broken = or_broken(Err(Cause::does_not_build("the app").into()));
        assert_eq!(broken.unwrap(), Outcome::check(false));
    }
}
