//! What a run of the tests ends with: a line per group, and one for all.

use std::fmt;
use std::time::Duration;

use crate::budget::Sizes;
use crate::tally::Tally;

/// What came out of one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Something that holds or does not, and has no tests to count.
    Check {
        /// Whether it holds.
        holds: bool,
    },
    /// Tests that ran.
    Tests(Tally),
    /// The app that is shipped.
    Bundle {
        /// Whether it may be as large as it is, and is made as it should be.
        holds: bool,
        /// How large it is.
        sizes: Sizes,
    },
}

/// The groups that ran, in order.
#[derive(Debug, Default)]
pub(crate) struct Report {
    lines: Vec<(&'static str, Verdict, Duration)>,
}

impl Report {
    /// Adds what came out of a group, and how long it took.
    pub(crate) fn add(&mut self, group: &'static str, verdict: Verdict, took: Duration) {
        self.lines.push((group, verdict, took));
    }

    /// All tests together. A check that does not hold counts as one failure,
    /// so that nothing has failed exactly when this says so.
    pub(crate) fn total(&self) -> Tally {
        self.lines
            .iter()
            .fold(Tally::default(), |total, (_, verdict, _)| match verdict {
                Verdict::Check { holds } | Verdict::Bundle { holds, .. } => Tally {
                    failed: total.failed + u32::from(!holds),
                    ..total
                },
                Verdict::Tests(tally) => Tally {
                    passed: total.passed + tally.passed,
                    failed: total.failed + tally.failed,
                },
            })
    }
}

impl fmt::Display for Report {
    /// Invariant: the last line is exactly `N passed, N failed`; machines read it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (group, verdict, took) in &self.lines {
            let words = match verdict {
                Verdict::Check { holds } | Verdict::Bundle { holds, .. } => match holds {
                    true => "ok".to_owned(),
                    false => "FAILED".to_owned(),
                },
                Verdict::Tests(tally) => tally.to_string(),
            };
            write!(
                f,
                "{group:<14} {words:<24} {:>4}.{} s",
                took.as_secs(),
                took.subsec_millis() / 100
            )?;
            if let Verdict::Bundle { sizes, .. } = verdict {
                write!(f, "   {sizes}")?;
            }
            writeln!(f)?;
        }
        write!(f, "{}", self.total())
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_adds_up_tests_and_failed_checks() {
        let mut report = Report::default();
        report.add(
            "format",
            Verdict::Check { holds: true },
            Duration::from_millis(450),
        );
        report.add(
            "clippy",
            Verdict::Check { holds: false },
            Duration::from_secs(61),
        );
        report.add(
            "native",
            Verdict::Tests(Tally {
                passed: 120,
                failed: 1,
            }),
            Duration::from_secs(8),
        );
        let sizes = Sizes {
            wasm: 3,
            later: 4,
            glue: 2,
            usable: 7,
        };
        report.add(
            "bundle",
            Verdict::Bundle {
                holds: false,
                sizes,
            },
            Duration::from_secs(97),
        );
        report.add(
            "wasm",
            Verdict::Tests(Tally {
                passed: 14,
                failed: 0,
            }),
            Duration::from_secs(9),
        );
        let text = report.to_string();
        assert_eq!(
            text.lines().next(),
            Some("format         ok                          0.4 s")
        );
        assert_eq!(
            text.lines().nth(3),
            Some(
                "bundle         FAILED                     97.0 s   brotli bytes: wasm 3, glue 2, until usable 7, later 4"
            )
        );
        assert_eq!(text.lines().last(), Some("134 passed, 3 failed"));
    }
}
