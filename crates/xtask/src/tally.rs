//! How many tests passed and failed, read from what the runners print.

/// A number of tests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Those that passed.
    pub(crate) passed: u32,
    /// Those that did not, for whatever reason.
    pub(crate) failed: u32,
}

impl Tally {
    /// Adds up the `test result:` lines of `cargo test`, natively or in a browser.
    pub(crate) fn of_cargo(output: &str) -> Self {
        let results = output
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("test result: "));
        results
            .flat_map(|result| result.split(['.', ';']))
            .fold(Self::default(), |tally, part| {
                match number_before(part, &["passed", "failed"]) {
                    Some((count, "passed")) => Self {
                        passed: tally.passed + count,
                        ..tally
                    },
                    Some((count, _)) => Self {
                        failed: tally.failed + count,
                        ..tally
                    },
                    None => tally,
                }
            })
    }

    /// Reads the lines that Playwright ends with. A test that passed only
    /// when repeated, was cut short or was never begun did not pass.
    pub(crate) fn of_playwright(output: &str) -> Self {
        const ENDINGS: [&str; 5] = ["passed", "failed", "flaky", "interrupted", "did not run"];
        output.lines().fold(Self::default(), |tally, line| {
            // "9 passed (12.3s)": the time is only behind this one.
            let line = line.split(" (").next().unwrap_or(line);
            match number_before(line, &ENDINGS) {
                Some((count, "passed")) => Self {
                    passed: tally.passed + count,
                    ..tally
                },
                Some((count, _)) => Self {
                    failed: tally.failed + count,
                    ..tally
                },
                None => tally,
            }
        })
    }

    /// What counts when the runner ended like this: a runner that failed has
    /// a failure even if it could not say which, and so has one that ran nothing.
    pub(crate) fn given(self, runner_succeeded: bool) -> Self {
        let ran_nothing = self.passed + self.failed == 0;
        if (!runner_succeeded || ran_nothing) && self.failed == 0 {
            Self { failed: 1, ..self }
        } else {
            self
        }
    }
}

/// Reads text that is a number, a space and one of the words, and nothing else.
fn number_before<'word>(text: &str, words: &[&'word str]) -> Option<(u32, &'word str)> {
    let (number, rest) = text.trim().split_once(' ')?;
    let word = words.iter().find(|word| **word == rest)?;
    Some((number.parse().ok()?, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_of_cargo_test_are_added_up() {
        let output = "\
running 3 tests
test tests::prices ... ok
test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s

running 2 tests
test result: FAILED. 1 passed; 1 failed; 7 ignored; 0 measured; 0 filtered out; finished in 0.01s
    test result: ok. 2 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.10s
";
        assert_eq!(
            Tally::of_cargo(output),
            Tally {
                passed: 6,
                failed: 1
            }
        );
    }

    #[test]
    fn the_end_of_a_playwright_run_is_read() {
        let output = "
Running 9 tests using 2 workers
  ✓  1 pay.spec.ts:4:1 › 2 passed tests are not counted from a title (1.2s)
  2 failed
    pay.spec.ts:10:1 › cancels
    pay.spec.ts:20:1 › leaves
  1 flaky
    pay.spec.ts:30:1 › notification late
  3 skipped
  1 did not run
  5 passed (12.3s)
";
        assert_eq!(
            Tally::of_playwright(output),
            Tally {
                passed: 5,
                failed: 4
            }
        );
    }

    #[test]
    fn a_run_that_proves_nothing_has_failed() {
        let counted = |passed, failed| Tally { passed, failed };
        assert_eq!(counted(0, 0).given(true), counted(0, 1));
        assert_eq!(counted(4, 0).given(false), counted(4, 1));
        assert_eq!(counted(4, 2).given(false), counted(4, 2));
        assert_eq!(counted(4, 0).given(true), counted(4, 0));
    }
}
