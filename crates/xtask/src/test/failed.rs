//! The tests that failed and have not passed since, for `cargo xtask test --failed`.

use std::path::PathBuf;
use std::{fs, io};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::scope::Scope;
use crate::outcome::{FailedTest, ITSELF, Outcome};
use crate::workspace::Workspace;

/// In the target directory, so that `cargo clean` deletes it.
const FILE_NAME: &str = "failed-tests.json";

pub(crate) fn read(workspace: &Workspace) -> Result<Vec<FailedTest>> {
    let path = path(workspace);
    match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        text => parse(&text.with_context(|| path.display().to_string())?).with_context(|| {
            let path = path.display();
            format!("{path} does not list tests: delete it, and run `cargo xtask test`")
        }),
    }
}

fn parse(text: &str) -> Option<Vec<FailedTest>> {
    let tests: Value = serde_json::from_str(text).ok()?;
    let tests = tests.as_array()?.iter().map(|test| {
        let text = |key: &str| test[key].as_str().map(str::to_owned);
        Some(FailedTest {
            group: text("group")?,
            suite: text("suite")?,
            name: text("name")?,
        })
    });
    tests.collect()
}

/// Adds the failed tests, and drops those that were asked for and did not fail.
pub(crate) fn write(
    workspace: &Workspace,
    group: &str,
    outcome: &Outcome,
    scope: &Scope,
) -> Result<()> {
    let tests = updated(read(workspace)?, group, outcome, scope);
    let tests: Vec<_> = tests
        .iter()
        .map(|test| json!({"group": test.group, "suite": test.suite, "name": test.name}))
        .collect();
    let path = path(workspace);
    fs::write(&path, Value::Array(tests).to_string()).with_context(|| path.display().to_string())
}

fn path(workspace: &Workspace) -> PathBuf {
    workspace.built(FILE_NAME)
}

fn updated(
    mut failed: Vec<FailedTest>,
    group: &str,
    outcome: &Outcome,
    scope: &Scope,
) -> Vec<FailedTest> {
    let has_run = |test: &FailedTest| {
        let results = || outcome.tests.iter().filter(|it| it.suite == test.suite);
        match test.name.as_str() {
            // Its results show that the program runs again.
            ITSELF => results().next().is_some(),
            name => results().any(|it| it.name == name),
        }
    };
    failed.retain(|test| {
        let was_asked_for = match scope {
            Scope::All => true,
            Scope::Failed(asked) => asked.contains(test),
            Scope::Quick | Scope::Matching(_) => false,
        };
        test.group != group || !(was_asked_for || has_run(test))
    });
    let failure = |suite: &str, name: &str| FailedTest {
        group: group.to_owned(),
        suite: suite.to_owned(),
        name: name.to_owned(),
    };
    let tests = outcome.tests.iter().filter(|test| !test.passed);
    failed.extend(tests.map(|test| failure(&test.suite, &test.name)));
    let itself = failure("", "");
    if outcome.is_broken && !failed.contains(&itself) {
        failed.push(itself);
    }
    failed
}

/// The tests asked for that did not run: they are gone or renamed.
pub(crate) fn missing<'asked>(asked: &'asked [FailedTest], outcome: &Outcome) -> Vec<&'asked str> {
    let ran = |test: &&FailedTest| {
        let mut results = outcome.tests.iter();
        results.any(|it| it.suite == test.suite && it.name == test.name)
    };
    let missing = asked.iter().filter(|test| !ran(test));
    missing.map(|test| test.name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{TestResult, Tests};

    fn outcome(tests: &[(&str, bool)], is_broken: bool) -> Outcome {
        let mut outcome = Outcome {
            tests: Tests::default(),
            is_broken,
            ..Outcome::default()
        };
        for (name, passed) in tests {
            outcome.tests.push(TestResult {
                suite: "shop".to_owned(),
                name: (*name).to_owned(),
                passed: *passed,
                duration: None,
            });
        }
        outcome
    }

    fn names(failed: &[FailedTest]) -> Vec<String> {
        let names = failed
            .iter()
            .map(|test| format!("{} {}", test.group, test.name));
        names.collect()
    }

    fn matching() -> Scope {
        Scope::Matching("a".to_owned())
    }

    #[test]
    fn a_passed_test_is_dropped_and_one_that_did_not_run_is_kept() {
        let first = outcome(&[("a", false), ("b", false), ("c", true)], true);
        let failed = updated(Vec::new(), "native", &first, &Scope::All);
        assert_eq!(names(&failed), ["native a", "native b", "native "]);

        let second = outcome(&[("a", true)], false);
        let failed = updated(failed, "native", &second, &matching());
        assert_eq!(names(&failed), ["native b", "native "]);

        let failed = updated(failed, "native", &outcome(&[], false), &Scope::All);
        assert_eq!(names(&failed), [""; 0], "a whole run knows all that fail");
    }

    #[test]
    fn a_test_that_is_gone_is_named_and_its_group_runs_whole() {
        let first = outcome(&[("a", false), ("b", false)], false);
        let asked = updated(Vec::new(), "native", &first, &Scope::All);
        let mut again = outcome(&[("a", true)], false);
        assert_eq!(missing(&asked, &again), ["b"]);
        again.is_broken = true;
        let failed = updated(asked.clone(), "native", &again, &Scope::Failed(asked));
        assert_eq!(names(&failed), ["native "]);
        assert!(failed[0].is_group());
    }

    #[test]
    fn a_program_that_failed_itself_is_dropped_when_its_tests_run() {
        let first = outcome(&[(ITSELF, false)], false);
        let failed = updated(Vec::new(), "native", &first, &Scope::All);
        let failed = updated(
            failed,
            "native",
            &outcome(&[("a", true)], false),
            &matching(),
        );
        assert_eq!(names(&failed), [""; 0]);
    }

    #[test]
    fn another_group_is_not_touched() {
        let fails = outcome(&[("a", false)], false);
        let failed = updated(Vec::new(), "wasm", &fails, &Scope::All);
        let failed = updated(
            failed,
            "native",
            &outcome(&[("a", true)], false),
            &Scope::All,
        );
        assert_eq!(names(&failed), ["wasm a"]);
    }

    #[test]
    fn a_list_that_is_cut_off_is_no_empty_list() {
        assert_eq!(parse("[]"), Some(Vec::new()));
        assert_eq!(parse(r#"[{"group": "native""#), None);
        assert_eq!(parse(r#"[{"group": "native"}]"#), None);
    }
}
