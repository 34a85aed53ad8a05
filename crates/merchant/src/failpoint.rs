//! Failpoints: how tests kill this process at every await.
//!
//! Everything the merchant does runs in a request or in a task, and each of those is
//! [`with_failpoints`]. Without the feature `crash` that means nothing, and no optimised build can
//! have it.

#[cfg(all(feature = "crash", not(debug_assertions)))]
compile_error!("the feature `crash` is for tests: what is shipped must not die on order");

#[cfg(feature = "crash")]
mod on;

#[cfg(feature = "crash")]
pub(crate) use on::{request_failpoints, statement, with_failpoints};

/// Nothing.
#[cfg(not(feature = "crash"))]
#[expect(clippy::unused_async, reason = "with the feature it waits")]
pub(crate) async fn statement() {}

/// The future as it is.
#[cfg(not(feature = "crash"))]
pub(crate) fn with_failpoints<F>(_part: &'static str, future: F) -> F {
    future
}
