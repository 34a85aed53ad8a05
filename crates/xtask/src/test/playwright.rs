//! Browser tests of the bundles, with real servers, by Playwright.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::node::escaped;
use super::scope::Scope;
use crate::app::Bundle;
use crate::outcome::{TestResult, Tests};
use crate::process;
use crate::tools::node;
use crate::workspace::{self, Workspace};

const RUNNER: &str = "@playwright/test/cli.js";

/// The fixtures by which a test opens another bundle than the shipped one.
const OTHER_BUNDLES: [(&str, Bundle); 2] =
    [("debugDist", Bundle::Preview), ("plainDist", Bundle::Plain)];

/// Playwright's command line for the tests in scope.
#[derive(Debug)]
pub(crate) struct Playwright<'run> {
    workspace: &'run Workspace,
    environment: Vec<(&'static str, PathBuf)>,
    chosen: Vec<String>,
    results: PathBuf,
}

impl<'run> Playwright<'run> {
    pub(crate) fn new(
        workspace: &'run Workspace,
        scope: &Scope,
        environment: Vec<(&'static str, PathBuf)>,
    ) -> Result<Self> {
        let folder = workspace.path("target/e2e");
        let list = folder.join("tests.txt");
        let write = |text: &str| {
            fs::create_dir_all(&folder)
                .and_then(|()| fs::write(&list, text))
                .with_context(|| list.display().to_string())
        };
        let chosen = match scope {
            Scope::All | Scope::Quick => Vec::new(),
            Scope::Matching(text) => vec!["--grep".to_owned(), escaped(text)],
            Scope::Failed(tests) => {
                let lines: Vec<String> = (tests.iter())
                    .map(|test| format!("{} › {}", test.suite, test.name))
                    .collect();
                write(&lines.join("\n"))?;
                vec!["--test-list".to_owned(), list.display().to_string()]
            }
        };
        Ok(Self {
            workspace,
            environment,
            chosen,
            results: folder.join("results.json"),
        })
    }

    /// The bundles that the chosen tests open; none where nothing is chosen.
    pub(crate) fn bundles(&self) -> Result<Vec<Bundle>> {
        if self.chosen.is_empty() {
            return Ok(vec![Bundle::Release, Bundle::Preview, Bundle::Plain]);
        }
        let mut list = self.command();
        let mut files = BTreeSet::new();
        process::run_reading(
            "playwright",
            list.args(["--list", "--reporter=list"]),
            |line| {
                // `pay.spec.ts:10:1 › a title`
                if let Some((file, _)) = line.trim().split_once(".ts:") {
                    files.insert(format!("{file}.ts"));
                }
            },
        )?;
        let folder = self.workspace.path(node::MANIFEST_DIRECTORY);
        let mut bundles = Vec::new();
        for file in &files {
            if bundles.is_empty() {
                bundles.push(Bundle::Release);
            }
            let text = workspace::read(&folder.join(file))?;
            for (name, bundle) in OTHER_BUNDLES {
                if text.contains(name) && !bundles.contains(&bundle) {
                    bundles.push(bundle);
                }
            }
        }
        Ok(bundles)
    }

    fn command(&self) -> Command {
        let mut playwright = node::script(self.workspace, RUNNER);
        if !self.chosen.is_empty() {
            playwright.env("TRACE", "1");
        }
        playwright
            .arg("test")
            .args(&self.chosen)
            .envs(self.environment.iter().map(|(name, path)| (name, path)))
            .env("RESULTS", &self.results);
        playwright
    }

    /// Runs the tests; those that could not run here are named, with the reason.
    pub(crate) fn run(&self) -> Result<(Tests, Vec<String>)> {
        // Results of an earlier run must not count.
        let _ = fs::remove_file(&self.results);
        let status = process::run("playwright", &mut self.command())?;
        let (tests, not_run) = read(&self.results);
        let ran = status.success() && !(tests.is_empty() && not_run.is_empty());
        Ok((tests.given(ran, "playwright"), not_run))
    }
}

/// Reads what Playwright's JSON reporter wrote.
fn read(results: &Path) -> (Tests, Vec<String>) {
    let text = fs::read_to_string(results).unwrap_or_default();
    tests_of(&serde_json::from_str(&text).unwrap_or(Value::Null))
}

fn tests_of(report: &Value) -> (Tests, Vec<String>) {
    let mut all = (Tests::default(), Vec::new());
    for file in list(&report["suites"]) {
        let name = file["title"].as_str().unwrap_or_default();
        collect(file, name, "", &mut all);
    }
    all
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn collect(suite: &Value, file: &str, path: &str, all: &mut (Tests, Vec<String>)) {
    for spec in list(&suite["specs"]) {
        let name = format!("{path}{}", spec["title"].as_str().unwrap_or_default());
        for test in list(&spec["tests"]) {
            if test["expectedStatus"] == "skipped" {
                let why = list(&test["annotations"]).find(|it| it["type"] == "skip");
                let why = why.and_then(|it| it["description"].as_str());
                let why = why.unwrap_or("skipped by the test itself");
                all.1.push(format!("{file} {name}: {why}"));
                continue;
            }
            // A test that passed only when repeated, was cut short or was never begun did not pass.
            let passed = test["status"] == "expected";
            let runs = || list(&test["results"]);
            let milliseconds = runs().filter_map(|run| run["duration"].as_u64()).sum();
            all.0.push(TestResult {
                suite: file.to_owned(),
                name: name.clone(),
                passed,
                duration: Some(Duration::from_millis(milliseconds)),
            });
        }
    }
    for inner in list(&suite["suites"]) {
        let title = inner["title"].as_str().unwrap_or_default();
        collect(inner, file, &format!("{path}{title} › "), all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_test_that_passes_on_a_retry_has_not_passed() {
        let spec = |title: &str, expected: &str, status: &str| {
            json!({"title": title, "tests": [{
                "expectedStatus": expected,
                "status": status,
                "results": [{"status": "passed", "duration": 1500}],
            }]})
        };
        let skipped = json!({"title": "later", "tests": [{
            "expectedStatus": "skipped",
            "status": "skipped",
            "annotations": [{"type": "skip", "description": "WebKit is not on this machine"}],
            "results": [],
        }]});
        let report = json!({"suites": [{
            "title": "pay.spec.ts",
            "specs": [spec("pays", "passed", "expected"), skipped],
            "suites": [{"title": "twice", "specs": [
                spec("flaky", "passed", "flaky"),
                spec("never begun", "passed", "skipped"),
                spec("fails", "passed", "unexpected"),
            ]}],
        }]});
        let (tests, not_run) = tests_of(&report);
        let read: Vec<_> = tests
            .iter()
            .map(|test| (test.name.as_str(), test.passed))
            .collect();
        assert_eq!(
            read,
            [
                ("pays", true),
                ("twice › flaky", false),
                ("twice › never begun", false),
                ("twice › fails", false)
            ]
        );
        assert_eq!(
            not_run,
            ["pay.spec.ts later: WebKit is not on this machine"]
        );
        let first = tests.iter().next().unwrap();
        assert_eq!(first.suite, "pay.spec.ts");
        assert_eq!(first.duration, Some(Duration::from_millis(1500)));
    }
}
