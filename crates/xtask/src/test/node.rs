//! Tests of JavaScript that needs no browser, by Node's own runner.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use super::scope::{Filter, Scope};
use crate::outcome::{ITSELF, TestResult, Tests};
use crate::process;

pub(crate) fn run(
    file: &Path,
    suite: &str,
    variables: &[(&str, PathBuf)],
    scope: &Scope,
) -> Result<Tests> {
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=tap"]);
    node.envs(variables.iter().map(|(name, value)| (*name, value)));
    match scope.of_suite(suite) {
        None => return Ok(Tests::default()),
        Some(Filter::All) => {}
        // Node takes a pattern without slashes for a regular expression too.
        Some(Filter::Containing(text)) => {
            node.arg(format!("--test-name-pattern={}", escaped(&text)));
        }
        Some(Filter::Named(names)) => {
            for name in names {
                node.arg(format!("--test-name-pattern=^{}$", escaped(&name)));
            }
        }
    }
    let mut lines = Vec::new();
    let status = process::run_reading(suite, node.arg(file), |line| lines.push(line.to_owned()))?;
    let tests = read(&lines, suite).given(status.success(), suite);
    if tests.failed() > 0 {
        process::print(&lines.join("\n"));
    }
    process::print(&format!("{suite:<40} {tests}"));
    Ok(tests)
}

/// The files of tests in a folder, by the part of their names before `.test.mjs`.
pub(crate) fn files(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let paths = entries.flatten().map(|entry| entry.path());
    let tests = paths.filter_map(|path| {
        let name = path.file_name()?.to_str()?.strip_suffix(".test.mjs")?;
        Some((name.to_owned(), path))
    });
    Ok(tests.collect())
}

/// Reads TAP: `ok 1 - a title`, and how long that took on one of the next lines.
fn read(lines: &[String], suite: &str) -> Tests {
    let mut tests: Vec<TestResult> = Vec::new();
    for line in lines {
        let (passed, rest) = match (line.strip_prefix("ok "), line.strip_prefix("not ok ")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => {
                let took = line
                    .trim()
                    .strip_prefix("duration_ms: ")
                    .and_then(milliseconds);
                if let Some(test) = tests.last_mut().filter(|_| took.is_some()) {
                    test.duration = took;
                }
                continue;
            }
        };
        let Some((_, name)) = rest.split_once(" - ") else {
            continue;
        };
        // Node reports a file that holds no test, or none that was chosen, as a test of that name.
        let is_file = name.ends_with(".mjs");
        if name.contains(" # SKIP") || (is_file && passed) {
            continue;
        }
        let name = if is_file { ITSELF } else { name };
        tests.push(TestResult::new(suite, name, passed));
    }
    tests.into_iter().collect()
}

/// Reads `12.5`, without the fraction.
fn milliseconds(text: &str) -> Option<Duration> {
    let whole = text.split('.').next()?;
    Some(Duration::from_millis(whole.parse().ok()?))
}

/// Escapes the text for a regular expression of JavaScript.
pub(crate) fn escaped(text: &str) -> String {
    let mut expression = String::new();
    for letter in text.chars() {
        if r"\^$.*+?()[]{}|/".contains(letter) {
            expression.push('\\');
        }
        expression.push(letter);
    }
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taps_results_and_times_are_read() {
        let output = "\
TAP version 13
# Subtest: names are short
ok 1 - names are short
  ---
  duration_ms: 12.5
  type: 'test'
  ...
# Subtest: it fails
not ok 2 - it fails
  ---
  duration_ms: 3
  error: 'no'
  ...
ok 3 - not now # SKIP
ok 4 - not chosen # SKIP test name does not match pattern
ok 5 - /clone/bundle.test.mjs
1..5
# duration_ms 90.1
";
        let lines: Vec<String> = output.lines().map(str::to_owned).collect();
        let tests = read(&lines, "bundle");
        assert_eq!((tests.passed(), tests.failed()), (1, 1));
        let first = tests.iter().next().unwrap();
        assert_eq!(first.name, "names are short");
        assert_eq!(first.duration, Some(Duration::from_millis(12)));
    }

    #[test]
    fn a_file_that_does_not_load_has_failed_itself() {
        let tests = read(&["not ok 1 - /clone/bundle.test.mjs".to_owned()], "bundle");
        assert_eq!(tests, Tests::broken("bundle"));
    }

    #[test]
    fn a_title_is_taken_as_it_stands() {
        assert_eq!(escaped("pays (twice)?"), r"pays \(twice\)\?");
    }
}
