//! What a run of the tests ends with: a line per group, the slowest tests, and one line for all.

use std::fmt;
use std::time::Duration;

use crate::outcome::{Outcome, TestResult};
use crate::test::canaries::Searched;

/// How many of the slowest tests are named.
const SLOWEST: usize = 20;

/// The groups that ran, in order.
#[derive(Debug, Default)]
pub(crate) struct Report {
    groups: Vec<(&'static str, Outcome, Duration)>,
    /// A test that finds a canary fails.
    pub(crate) canaries: Option<Searched>,
}

impl Report {
    /// Adds what came out of a group, and how long it took.
    pub(crate) fn add(&mut self, group: &'static str, outcome: Outcome, took: Duration) {
        self.groups.push((group, outcome, took));
    }

    /// A check that does not hold counts as one, so that nothing has failed exactly when this is 0.
    pub(crate) fn failures(&self) -> usize {
        let groups = self.groups.iter();
        groups.map(|(_, outcome, _)| outcome.failures()).sum()
    }

    fn passed(&self) -> usize {
        let groups = self.groups.iter();
        groups.map(|(_, outcome, _)| outcome.tests.passed()).sum()
    }

    fn slowest(&self) -> Vec<(Duration, String)> {
        let mut tests: Vec<_> = (self.groups.iter())
            .flat_map(|(group, outcome, _)| {
                let timed = move |test: &TestResult| {
                    Some((
                        test.duration?,
                        format!("{group}: {} {}", test.suite, test.name),
                    ))
                };
                outcome.tests.iter().filter_map(timed)
            })
            .collect();
        tests.sort_by(|(one, _), (other, _)| other.cmp(one));
        tests.truncate(SLOWEST);
        tests
    }
}

impl fmt::Display for Report {
    /// Invariant: the last line is exactly `N passed, N failed`; machines read it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slowest = self.slowest();
        if slowest.len() > 1 {
            writeln!(f, "The slowest {}:", slowest.len())?;
            for (took, test) in slowest {
                writeln!(f, "{:>8}  {test}", seconds(took))?;
            }
            writeln!(f)?;
        }
        for (group, outcome, _) in &self.groups {
            for test in outcome.tests.iter().filter(|test| !test.passed) {
                writeln!(f, "FAILED {group}: {} {}", test.suite, test.name)?;
            }
        }
        for (group, outcome, _) in &self.groups {
            for test in &outcome.not_run {
                writeln!(f, "NOT RUN {group}: {test}")?;
            }
        }
        for (group, outcome, took) in &self.groups {
            write!(f, "{group:<8} {outcome:<24} {:>8}", seconds(*took))?;
            if outcome.build > Duration::ZERO {
                let run = took.saturating_sub(outcome.build);
                write!(
                    f,
                    "   building {}, running {}",
                    seconds(outcome.build),
                    seconds(run)
                )?;
            }
            if let Some(sizes) = outcome.sizes {
                write!(f, "   {sizes}")?;
            }
            writeln!(f)?;
        }
        if let Some(canaries) = self.canaries {
            writeln!(f, "{canaries}")?;
        }
        write!(f, "{} passed, {} failed", self.passed(), self.failures())
    }
}

fn seconds(time: Duration) -> String {
    format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Sizes;
    use crate::outcome::Tests;

    fn tests(passed: u64, failed: u64) -> Outcome {
        let mut tests = Tests::default();
        for number in 0..passed + failed {
            tests.push(TestResult {
                suite: "shop".to_owned(),
                name: format!("test {number}"),
                passed: number < passed,
                duration: Some(Duration::from_secs(number)),
            });
        }
        Outcome {
            tests,
            ..Outcome::default()
        }
    }

    fn report() -> Vec<String> {
        let mut report = Report::default();
        report.add("format", Outcome::check(true), Duration::from_millis(450));
        report.add("clippy", Outcome::check(false), Duration::from_secs(61));
        let native = Outcome {
            build: Duration::from_secs(5),
            not_run: vec!["shop in WebKit: it is not there".to_owned()],
            ..tests(29, 1)
        };
        report.add("native", native, Duration::from_secs(8));
        let bundle = Outcome {
            is_broken: true,
            sizes: Some(Sizes {
                wasm: 3,
                later: 4,
                glue: 2,
                usable: 7,
            }),
            ..tests(2, 0)
        };
        report.add("bundle", bundle, Duration::from_secs(97));
        report.to_string().lines().map(str::to_owned).collect()
    }

    #[test]
    fn the_last_line_adds_up_tests_and_failed_checks() {
        assert_eq!(report().last().unwrap(), "31 passed, 3 failed");
    }

    #[test]
    fn every_group_has_a_line() {
        let lines = report();
        let end = &lines[lines.len() - 5..];
        assert_eq!(end[0], "format   ok                          0.4 s");
        assert_eq!(end[1], "clippy   FAILED                     61.0 s");
        assert_eq!(
            end[2],
            "native   29 passed, 1 failed         8.0 s   building 5.0 s, running 3.0 s"
        );
        assert_eq!(
            end[3],
            "bundle   2 passed, 0 failed, FAILED   97.0 s   brotli bytes: wasm 3, glue 2, until usable 7, later 4"
        );
    }

    #[test]
    fn the_slowest_twenty_and_every_failure_are_named() {
        let lines = report();
        assert_eq!(lines[0], "The slowest 20:");
        assert_eq!(lines[1], "  29.0 s  native: shop test 29");
        assert_eq!(lines[20], "  10.0 s  native: shop test 10");
        assert_eq!(lines[22], "FAILED native: shop test 29");
        assert_eq!(lines[23], "NOT RUN native: shop in WebKit: it is not there");
    }
}
