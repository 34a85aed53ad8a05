//! `cargo xtask test`: every group of tests, each whether or not the one
//! before it passed.

use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::app::Bundle;
use crate::budget::Sizes;
use crate::error::Error;
use crate::package::{self, Package};
use crate::report::{Report, Verdict};
use crate::servers::{self, Server};
use crate::tally::Tally;
use crate::tools::browser::Browser;
use crate::tools::target::{self, WASM};
use crate::tools::{Tools, node};
use crate::workspace::Workspace;
use crate::{app, ids, process, shop};

/// What runs in a browser, and is checked as such.
const IN_THE_BROWSER: &[&str] = &["--package", "mini-app", "--package", "gopay-container"];

/// The merchant of the package that is tested. The tests' browser is told where it really is:
/// a port that is free is not known when the package is made.
const PACKAGES_MERCHANT: &str = "http://kedai.localhost";

/// A group of tests, or a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// rustfmt has nothing to change.
    Format,
    /// clippy has nothing to say, natively and for the browser.
    Clippy,
    /// rustdoc has nothing to say.
    Docs,
    /// The types of the browser tests, and of the step that finishes a bundle, are right.
    Types,
    /// The bench adds up its figures right.
    Bench,
    /// The app says what `shop.toml` says.
    Shop,
    /// Every numbered fault and invariant has a test.
    Ids,
    /// `cargo test`.
    Native,
    /// The tests that need a browser's JavaScript, in headless Chromium.
    Wasm,
    /// The bundle is made well and no larger than it may be, and `preview`'s can be built.
    Bundle,
    /// Playwright over the bundles, with real servers.
    EndToEnd,
}

impl Group {
    /// Every test there is.
    pub(crate) const ALL: &[Self] = &[
        Self::Format,
        Self::Clippy,
        Self::Docs,
        Self::Types,
        Self::Bench,
        Self::Shop,
        Self::Ids,
        Self::Native,
        Self::Wasm,
        Self::Bundle,
        Self::EndToEnd,
    ];
    /// What can be said without running anything.
    pub(crate) const CHECKS: &[Self] = &[
        Self::Format,
        Self::Clippy,
        Self::Docs,
        Self::Types,
        Self::Bench,
        Self::Shop,
        Self::Ids,
    ];
    /// What runs on the machine itself.
    pub(crate) const NATIVE: &[Self] = &[Self::Native];
    /// What runs in a browser, without a server.
    pub(crate) const WASM: &[Self] = &[Self::Wasm];
    /// What runs in a browser, with everything around it.
    pub(crate) const END_TO_END: &[Self] = &[Self::Bundle, Self::EndToEnd];

    fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Clippy => "clippy",
            Self::Docs => "docs",
            Self::Types => "types",
            Self::Bench => "bench",
            Self::Shop => "shop",
            Self::Ids => "ids",
            Self::Native => "native",
            Self::Wasm => "wasm",
            Self::Bundle => "bundle",
            Self::EndToEnd => "end to end",
        }
    }

    /// Brings what the group needs.
    fn prepare(self, workspace: &Workspace) -> Result<(), Error> {
        match self {
            Self::Format | Self::Shop | Self::Ids | Self::Native => Ok(()),
            Self::Clippy | Self::Docs => target::ensure(workspace),
            Self::Types | Self::Bench => node::ensure(workspace).map(drop),
            Self::Bundle => Tools::ensure(workspace).map(drop),
            Self::Wasm | Self::EndToEnd => {
                Tools::ensure(workspace)?;
                Browser::ensure().map(drop)
            }
        }
    }

    fn run(self, workspace: &Workspace) -> Result<Verdict, Error> {
        match self {
            Self::Format => check(&mut [cargo(workspace, &["fmt", "--all", "--check"])]),
            Self::Clippy => clippy(workspace),
            Self::Docs => {
                let mut doc = cargo(
                    workspace,
                    &[
                        "doc",
                        "--workspace",
                        "--all-features",
                        "--no-deps",
                        "--quiet",
                    ],
                );
                doc.env("RUSTDOCFLAGS", "-D warnings");
                check(&mut [doc])
            }
            Self::Types => check(&mut [node::script(workspace, "typescript/bin/tsc")]),
            Self::Bench => {
                let mut node = Command::new("node");
                node.arg("--test")
                    .arg(workspace.path("tests/bench/figures.test.mjs"));
                check(&mut [node])
            }
            Self::Shop => shop::check(workspace).map(|()| Verdict::Check { holds: true }),
            Self::Ids => Ok(Verdict::Check {
                holds: ids::print(workspace)?,
            }),
            Self::Native => {
                let mut test = cargo(workspace, &["test", "--workspace", "--no-fail-fast"]);
                // Everything at once, so that nothing is compiled for one test alone. The
                // merchant that browsers meet, and the one that is shipped, do without.
                test.args(["--features", "merchant/crash"]);
                tests("cargo test", &mut test, Tally::of_cargo)
            }
            Self::Wasm => wasm(workspace),
            Self::Bundle => bundle(workspace),
            Self::EndToEnd => end_to_end(workspace),
        }
    }
}

/// Runs the groups and prints the report; the code says whether all is well.
pub(crate) fn run(groups: &[Group]) -> Result<ExitCode, Error> {
    let workspace = Workspace::find()?;
    // All of it first: to learn after ten minutes that there is no browser is no fun.
    for group in groups {
        group.prepare(&workspace)?;
    }
    let mut report = Report::default();
    for group in groups {
        println!("\nxtask: {}", group.name());
        let start = Instant::now();
        let verdict = match group.run(&workspace) {
            Ok(verdict) => verdict,
            Err(Error::Interrupted) => return Err(Error::Interrupted),
            Err(error) => {
                eprintln!("xtask: {error}");
                Verdict::Check { holds: false }
            }
        };
        report.add(group.name(), verdict, start.elapsed());
    }
    println!("\n{report}");
    Ok(if report.total().failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs the simulated worlds; the words are theirs.
pub(crate) fn world(words: &[String]) -> Result<ExitCode, Error> {
    let mut world = cargo(
        &Workspace::find()?,
        &["run", "--quiet", "--package", "world", "--"],
    );
    let status = process::run("world", world.args(words))?;
    Ok(match status.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn clippy(workspace: &Workspace) -> Result<Verdict, Error> {
    let everything = ["--all-targets", "--all-features"];
    let mut native = cargo(workspace, &["clippy", "--workspace"]);
    native.args(everything);
    let mut wasm = cargo(workspace, &["clippy", "--target", WASM]);
    wasm.args(IN_THE_BROWSER).args(["--package", "contract"]);
    wasm.args(everything);
    // What the buyer gets has none of the features.
    let mut shipped = cargo(workspace, &["clippy", "--target", WASM]);
    shipped.args(IN_THE_BROWSER);
    let mut commands = [native, wasm, shipped];
    for command in &mut commands {
        command.args(["--quiet", "--", "-D", "warnings"]);
    }
    check(&mut commands)
}

fn wasm(workspace: &Workspace) -> Result<Verdict, Error> {
    // `--tests` leaves out documentation, whose examples need not run in a browser.
    let mut test = cargo(
        workspace,
        &["test", "--target", WASM, "--tests", "--no-fail-fast"],
    );
    // All but `split`, whose second part nobody has made here.
    test.args(IN_THE_BROWSER).args(["--features", "debug"]);
    Tools::ensure(workspace)?
        .on_path(&mut test)
        .env("CHROMEDRIVER", Browser::ensure()?.chromedriver)
        .env("WASM_BINDGEN_USE_BROWSER", "1")
        // Seconds for all tests of one crate; its own 20 are few on a busy machine.
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
        .env(
            "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
            workspace.path("crates/xtask/webdriver.json"),
        );
    tests("cargo test", &mut test, Tally::of_cargo)
}

/// How a bundle is made, on a small one, and both that are looked at end to end.
fn bundle(workspace: &Workspace) -> Result<Verdict, Error> {
    let mut test = Command::new("node");
    test.args(["--test", "--test-reporter=spec"])
        .arg(workspace.path("crates/xtask/bundle/bundle.test.mjs"));
    let is_made_well = process::run("node", &mut test)?.success();
    let tools = Tools::ensure(workspace)?;
    app::build(workspace, &tools, Bundle::Release)?;
    app::build(workspace, &tools, Bundle::Preview)?;
    let sizes = Sizes::of(&Bundle::Release.directory(workspace))?;
    let is_within_budget = sizes.are_within_budget(workspace)?;
    Ok(Verdict::Bundle {
        holds: is_made_well && is_within_budget,
        sizes,
    })
}

fn end_to_end(workspace: &Workspace) -> Result<Verdict, Error> {
    servers::build(workspace, Server::ALL)?;
    let package = workspace.path("target/e2e/mini-app-v1.zip");
    package::write(
        &Bundle::Release.directory(workspace),
        &Package {
            merchant: PACKAGES_MERCHANT.to_owned(),
            sdk: None,
        },
        &package,
    )?;
    let mut playwright = node::script(workspace, "@playwright/test/cli.js");
    playwright
        .arg("test")
        .env("MERCHANT_BIN", Server::Merchant.binary(workspace))
        .env("SIMULATOR_BIN", Server::Simulator.binary(workspace))
        .env("DIST", Bundle::Release.directory(workspace))
        .env("DEBUG_DIST", Bundle::Preview.directory(workspace))
        .env("PACKAGE", package)
        .env("GALLERY", workspace.path("target/gallery"))
        .env("CHROMIUM", Browser::ensure()?.chromium);
    tests("playwright", &mut playwright, Tally::of_playwright)
}

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = workspace.cargo();
    command.args(arguments);
    command
}

/// Runs all the commands; every one has to succeed.
fn check(commands: &mut [Command]) -> Result<Verdict, Error> {
    let mut holds = true;
    for command in commands {
        let name = command.get_program().to_string_lossy().into_owned();
        holds &= process::run(&name, command)?.success();
    }
    Ok(Verdict::Check { holds })
}

/// Runs one command and counts its tests.
fn tests(
    name: &str,
    command: &mut Command,
    count: impl Fn(&str) -> Tally,
) -> Result<Verdict, Error> {
    let (status, output) = process::run_echoing(name, command)?;
    Ok(Verdict::Tests(count(&output).given(status.success())))
}
