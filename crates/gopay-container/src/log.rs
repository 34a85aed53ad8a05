//! The calls and their outcomes, for developers. Unstable: not covered by semantic versioning.
//!
//! Invariant: at most 100 calls are kept, and of each only names, codes, times and types: no
//! parameter, no value of an answer, no text of the container. Without the feature `debug`,
//! nothing is kept and nothing is in the bundle.

#[cfg(feature = "debug")]
pub use on::{Answer, Call, Heard, Outcome, calls, events};
#[cfg(feature = "debug")]
pub(crate) use on::{Entry, heard, unawaited};

#[cfg(not(feature = "debug"))]
pub(crate) use off::{Entry, heard, unawaited};

#[cfg(not(feature = "debug"))]
mod off {
    use crate::{Error, method::Method, reply::Callback};
    use serde_json::Value;

    pub(crate) fn heard(_: &str, _: &'static str) {}

    pub(crate) fn unawaited() {}

    #[derive(Clone)]
    pub(crate) struct Entry;

    impl Entry {
        pub(crate) fn begin(_: &Method<'_>) -> Self {
            Self
        }

        pub(crate) fn answered(&self, _: Callback, _: Option<&Value>) {}

        pub(crate) fn ignore(&self) {}

        pub(crate) fn end<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
            result
        }
    }
}

#[cfg(feature = "debug")]
mod on;
