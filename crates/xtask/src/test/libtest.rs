//! Runs Rust test programs side by side.
//!
//! `cargo test` runs one after the other and gives no times. libtest gives them in its JSON, for which
//! it wants `RUSTC_BOOTSTRAP` on a stable toolchain; nothing is compiled with that variable.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use super::compile::TestProgram;
use super::scope::Filter;
use crate::error::is_interruption;
use crate::outcome::{TestResult, Tests};
use crate::process;

/// More than one: most tests wait for a server or a disk.
const THREADS_PER_PROCESSOR: usize = 2;

/// Runs one program per processor at a time, in order. `tell` gets the tests of each when it has ended;
/// the tests say in the file `canaries` what they searched.
pub(crate) fn run(
    programs: Vec<(TestProgram, Filter)>,
    canaries: &Path,
    tell: impl Fn(&str, &Tests) + Sync,
) -> Result<Tests> {
    let waiting = Mutex::new(VecDeque::from(programs));
    let next = || waiting.lock().ok()?.pop_front();
    let work = || -> Result<Tests> {
        let mut tests = Tests::default();
        while let Some((program, filter)) = next() {
            let ran = match run_program(&program, &filter, canaries) {
                Err(error) if is_interruption(&error) => return Err(error),
                Err(error) => {
                    eprintln!("xtask: {error:#}");
                    Tests::broken(&program.suite)
                }
                Ok(ran) => ran,
            };
            if !ran.is_empty() {
                tell(&program.suite, &ran);
            }
            tests.extend(ran);
        }
        Ok(tests)
    };
    let workers: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..processors()).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join()).collect()
    });
    let mut tests = Tests::default();
    for worker in workers {
        tests.extend(worker.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
    }
    Ok(tests)
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn run_program(program: &TestProgram, filter: &Filter, canaries: &Path) -> Result<Tests> {
    let mut command = Command::new(&program.file);
    command
        .current_dir(&program.folder)
        .envs(program.variables.iter().cloned())
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CANARIES", canaries)
        .env(
            "RUST_TEST_THREADS",
            (THREADS_PER_PROCESSOR * processors()).to_string(),
        )
        .args(["-Zunstable-options", "--format=json", "--report-time"]);
    match filter {
        Filter::All => {}
        Filter::Containing(text) => {
            command.arg(text);
        }
        Filter::Named(names) => {
            command.arg("--exact").args(names);
        }
    }
    let mut events = Events::default();
    let status = process::run_reading(&program.suite, &mut command, |line| {
        if let Some(words) = events.read(line) {
            process::print(&words);
        }
    })?;
    Ok(events.tests(&program.suite, status.success()))
}

/// The events that libtest prints while a program runs.
#[derive(Debug, Default)]
struct Events {
    running: BTreeSet<String>,
    ended: Vec<(String, bool, Option<Duration>)>,
    is_complete: bool,
}

impl Events {
    /// Returns the text to print: the output of a failed test, or a line that is no event.
    fn read(&mut self, line: &str) -> Option<String> {
        let event = serde_json::from_str::<Value>(line).unwrap_or(Value::Null);
        let name = || event["name"].as_str().unwrap_or_default().to_owned();
        match (event["type"].as_str(), event["event"].as_str()) {
            (Some("suite"), Some("started")) => {}
            (Some("suite"), Some(_)) => self.is_complete = true,
            (Some("test"), Some("started")) => {
                self.running.insert(name());
            }
            (Some("test"), Some("ignored")) => {
                self.running.remove(&name());
            }
            // It has been running for a minute, and runs on.
            (Some("test"), Some("timeout")) => {}
            (Some("test"), Some(end)) => {
                self.running.remove(&name());
                let took = event["exec_time"].as_f64();
                let took = took.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                self.ended.push((name(), end == "ok", took));
                if end != "ok" {
                    let output = event["stdout"].as_str().unwrap_or_default();
                    return Some(format!("\nFAILED {}\n{output}", name()));
                }
            }
            _ => return Some(line.to_owned()),
        }
        None
    }

    /// A test that was running when the program ended has failed. A program that failed without a failed
    /// test has failed itself.
    fn tests(self, suite: &str, succeeded: bool) -> Tests {
        let mut tests = Tests::default();
        for (name, passed, duration) in self.ended {
            tests.push(TestResult {
                duration,
                ..TestResult::new(suite, &name, passed)
            });
        }
        for name in self.running {
            tests.push(TestResult::new(suite, &name, false));
        }
        tests.given(succeeded && self.is_complete, suite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str], succeeded: bool) -> (Tests, Vec<String>) {
        let mut events = Events::default();
        let words = lines.iter().filter_map(|line| events.read(line)).collect();
        (events.tests("shop", succeeded), words)
    }

    const BEGIN: &str = r#"{ "type": "suite", "event": "started", "test_count": 2 }"#;
    const A_STARTS: &str = r#"{ "type": "test", "event": "started", "name": "a" }"#;
    const A_PASSES: &str = r#"{ "type": "test", "name": "a", "event": "ok", "exec_time": 0.25 }"#;
    const B_STARTS: &str = r#"{ "type": "test", "event": "started", "name": "b" }"#;
    const B_FAILS: &str = r#"{ "type": "test", "name": "b", "event": "failed", "exec_time": 1.5, "stdout": "1 is not 2\n" }"#;
    const END: &str = r#"{ "type": "suite", "event": "failed", "passed": 1, "failed": 1 }"#;

    #[test]
    fn tests_are_read_with_their_times_and_failures_with_their_output() {
        let lines = [
            BEGIN, A_STARTS, B_STARTS, A_PASSES, "a figure", B_FAILS, END,
        ];
        let (tests, words) = read(&lines, false);
        assert_eq!((tests.passed(), tests.failed()), (1, 1));
        let times: Vec<_> = tests.iter().map(|test| test.duration).collect();
        assert_eq!(
            times,
            [
                Some(Duration::from_millis(250)),
                Some(Duration::from_millis(1500))
            ]
        );
        assert_eq!(words, ["a figure", "\nFAILED b\n1 is not 2\n"]);
    }

    #[test]
    fn a_test_that_takes_the_program_with_it_has_failed() {
        let (tests, _) = read(&[BEGIN, A_STARTS, A_PASSES, B_STARTS], false);
        let failed: Vec<_> = tests.iter().filter(|test| !test.passed).collect();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].name, "b");
    }

    #[test]
    fn a_program_that_ends_badly_by_itself_has_failed() {
        assert_eq!(read(&[], false).0.failed(), 1);
        assert_eq!(read(&[BEGIN, A_STARTS, A_PASSES], true).0.failed(), 1);
    }

    #[test]
    fn a_minutes_warning_and_an_ignored_test_are_no_results() {
        let timeout = r#"{ "type": "test", "event": "timeout", "name": "a" }"#;
        let ignored = r#"{ "type": "test", "name": "b", "event": "ignored" }"#;
        let end = r#"{ "type": "suite", "event": "ok" }"#;
        let (tests, words) = read(&[BEGIN, A_STARTS, timeout, ignored, A_PASSES, end], true);
        assert_eq!((tests.passed(), tests.failed()), (1, 0));
        assert_eq!(words, [""; 0]);
    }
}
