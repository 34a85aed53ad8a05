//! The outcome of a group: its tests, and where its time went.

use std::fmt;
use std::process::ExitCode;
use std::time::Duration;

use crate::budget::Sizes;

/// The name of the failure of a program that failed without a failed test.
pub(crate) const ITSELF: &str = "(the program itself)";

pub(crate) fn exit_code(succeeded: bool) -> ExitCode {
    ExitCode::from(u8::from(!succeeded))
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TestResult {
    /// The test program or the file.
    pub(crate) suite: String,
    /// Its path or title in there.
    pub(crate) name: String,
    pub(crate) passed: bool,
    /// How long it ran, where its runner says so.
    pub(crate) duration: Option<Duration>,
}

impl TestResult {
    /// Reads `test cart::adds ... ok`, as libtest and wasm-bindgen's runner print it; neither says how
    /// long that took.
    pub(crate) fn read(line: &str, suite: &str) -> Option<Self> {
        let (name, end) = line.trim().strip_prefix("test ")?.split_once(" ... ")?;
        let passed = match end {
            "ok" => true,
            "FAIL" | "FAILED" => false,
            _ => return None,
        };
        Some(Self::new(suite, name, passed))
    }

    /// One whose runner does not say how long it ran.
    pub(crate) fn new(suite: &str, name: &str, passed: bool) -> Self {
        Self {
            suite: suite.to_owned(),
            name: name.to_owned(),
            passed,
            duration: None,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tests(Vec<TestResult>);

impl Tests {
    pub(crate) fn push(&mut self, test: TestResult) {
        self.0.push(test);
    }

    pub(crate) fn extend(&mut self, tests: Self) {
        self.0.extend(tests.0);
    }

    /// A runner that failed without saying which test did.
    pub(crate) fn broken(suite: &str) -> Self {
        Self(vec![TestResult::new(suite, ITSELF, false)])
    }

    /// Adds the runner's own failure where no test failed.
    pub(crate) fn given(mut self, runner_succeeded: bool, suite: &str) -> Self {
        if !runner_succeeded && self.failed() == 0 {
            self.extend(Self::broken(suite));
        }
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, TestResult> {
        self.0.iter()
    }

    pub(crate) fn failed(&self) -> usize {
        self.0.iter().filter(|test| !test.passed).count()
    }

    pub(crate) fn passed(&self) -> usize {
        self.0.len() - self.failed()
    }
}

impl FromIterator<TestResult> for Tests {
    fn from_iter<T: IntoIterator<Item = TestResult>>(tests: T) -> Self {
        Self(tests.into_iter().collect())
    }
}

impl fmt::Display for Tests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed(), self.failed())
    }
}

/// A failed test, or a group that failed beside its tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FailedTest {
    pub(crate) group: String,
    /// Empty for the group itself.
    pub(crate) suite: String,
    /// Empty for the group itself.
    pub(crate) name: String,
}

impl FailedTest {
    /// Whether the whole group has to run again: the failure has no test's name.
    pub(crate) fn is_group(&self) -> bool {
        self.suite.is_empty() || self.name == ITSELF
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) tests: Tests,
    /// A check does not hold, or a runner failed.
    pub(crate) is_broken: bool,
    /// Tests that could not run on this machine, and why.
    pub(crate) not_run: Vec<String>,
    /// The part of its time that went into building.
    pub(crate) build: Duration,
    /// Of the app that was built.
    pub(crate) sizes: Option<Sizes>,
}

impl Outcome {
    pub(crate) fn check(holds: bool) -> Self {
        Self {
            is_broken: !holds,
            ..Self::default()
        }
    }

    /// A failure beside the tests counts as one.
    pub(crate) fn failures(&self) -> usize {
        self.tests.failed() + usize::from(self.is_broken)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.tests.is_empty(), self.is_broken) {
            (true, true) => f.pad("FAILED"),
            (true, false) => f.pad("ok"),
            (false, true) => f.pad(&format!("{}, FAILED", self.tests)),
            (false, false) => f.pad(&self.tests.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runners_lines_are_read() {
        let read = |line| TestResult::read(line, "web").map(|test| (test.name, test.passed));
        let name = || "cart::adds".to_owned();
        assert_eq!(read("test cart::adds ... ok"), Some((name(), true)));
        assert_eq!(read("test cart::adds ... FAIL"), Some((name(), false)));
        assert_eq!(read("test cart::adds ... FAILED"), Some((name(), false)));
        assert_eq!(read("test cart::adds ... ignored"), None);
        assert_eq!(
            read("test result: ok. 36 passed; 0 failed; 0 ignored"),
            None
        );
        assert_eq!(read("running 36 tests"), None);
    }
}
