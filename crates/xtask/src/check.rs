//! `cargo xtask check`: the checks and tests that take less than two minutes. It stops at the first that
//! fails and prints the command for that one alone.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use crate::outcome::{ITSELF, Outcome};
use crate::test::scope::Scope;
use crate::test::{Group, failed, or_broken};
use crate::workspace::Workspace;

/// The quickest first.
const STEPS: [Group; 6] = [
    Group::Format,
    Group::Shop,
    Group::Ids,
    Group::Types,
    Group::Clippy,
    Group::Native,
];

pub(crate) fn run() -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    let start = Instant::now();
    for step in STEPS {
        step.prepare(&workspace)?;
        let began = Instant::now();
        // Of a check there is no more than the whole; of tests this is a part.
        let scope = match step.is_check() {
            true => Scope::All,
            false => Scope::Quick,
        };
        let outcome = or_broken(step.run(&workspace, &scope))?;
        failed::write(&workspace, step.name(), &outcome, &scope)?;
        let seconds = began.elapsed().as_secs_f32();
        println!("{:<8} {outcome:<24} {seconds:>6.1} s", step.name());
        if outcome.failures() > 0 {
            eprintln!("xtask: only this again: {}", again(step, &outcome));
            return Ok(ExitCode::FAILURE);
        }
    }
    println!("all of it in {:.1} s", start.elapsed().as_secs_f32());
    Ok(ExitCode::SUCCESS)
}

/// The command for what failed, and for no more than that.
fn again(step: Group, outcome: &Outcome) -> String {
    let group = step.name();
    let failed: Vec<_> = (outcome.tests.iter()).filter(|test| !test.passed).collect();
    match failed[..] {
        [] => format!("cargo xtask test {group}"),
        [test] if test.name == ITSELF => format!("cargo xtask test {group} {}", test.suite),
        [test] => format!("cargo xtask test {group} {}", test.name),
        _ => "cargo xtask test --failed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::{TestResult, Tests};

    #[test]
    fn the_command_runs_what_failed_and_no_more() {
        let of = |failed: &[&str]| {
            let mut tests = Tests::default();
            for name in ["passes"].iter().chain(failed) {
                tests.push(TestResult {
                    suite: "merchant::api".to_owned(),
                    name: (*name).to_owned(),
                    passed: *name == "passes",
                    duration: None,
                });
            }
            let outcome = Outcome {
                tests,
                ..Outcome::default()
            };
            again(Group::Native, &outcome)
        };
        assert_eq!(
            of(&["refunds::goes_back"]),
            "cargo xtask test native refunds::goes_back"
        );
        assert_eq!(of(&["one", "two"]), "cargo xtask test --failed");
        assert_eq!(of(&[ITSELF]), "cargo xtask test native merchant::api");
        let lints = Outcome::check(false);
        assert_eq!(again(Group::Clippy, &lints), "cargo xtask test clippy");
    }
}
