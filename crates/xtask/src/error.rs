//! The errors that callers tell apart. Every other error is one sentence: what is wrong, and what to do.

use std::fmt;

/// Found in an [`anyhow::Error`] by [`Cause::of`].
#[derive(Debug)]
pub(crate) enum Cause {
    /// By Ctrl-C or a signal.
    Interrupted,
    /// No test has this text in its name.
    NoSuchTest(String),
    /// The sources are wrong: `preview` goes on with what it built before.
    Source(String),
}

impl Cause {
    pub(crate) fn of(error: &anyhow::Error) -> Option<&Self> {
        error.downcast_ref()
    }

    /// The compiler's own words stand above.
    pub(crate) fn does_not_build(what: &str) -> Self {
        Self::Source(format!("{what} does not build: the reason is above"))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted => write!(f, "stopped"),
            Self::NoSuchTest(text) => write!(
                f,
                "no test or suite has `{text}` in its name: the suites are named in the report of `cargo xtask test`"
            ),
            Self::Source(sentence) => f.write_str(sentence),
        }
    }
}

impl std::error::Error for Cause {}

pub(crate) fn is_interruption(error: &anyhow::Error) -> bool {
    matches!(Cause::of(error), Some(Cause::Interrupted))
}
