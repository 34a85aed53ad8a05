//! What was called, and what came of it, for developers.
//!
//! Invariant: at most 100 calls are kept, and of each only names, codes, times and types: no
//! parameter, no value of an answer, no words of the container's. Without the feature
//! `debug`, nothing is kept and nothing is in the bundle.

#[cfg(feature = "debug")]
pub use on::{Answer, Call, Heard, Outcome, calls, events};
#[cfg(feature = "debug")]
pub(crate) use on::{Entry, heard, tell};

#[cfg(not(feature = "debug"))]
pub(crate) use off::{Entry, heard, tell};

#[cfg(not(feature = "debug"))]
mod off {
    use crate::{Error, call::Method, reply::Callback};
    use serde_json::Value;

    pub(crate) fn heard(_: &str, _: &'static str) {}

    pub(crate) fn tell() {}

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
