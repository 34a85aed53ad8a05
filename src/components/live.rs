//! The part of a view that changes.

use leptos::prelude::*;

/// Built anew when what it reads changes.
pub type Live = Box<dyn FnMut() -> AnyView + Send>;

/// Makes a [`Live`] part. All of them are one type, because each closure that a view
/// takes as it is costs the buyer some two kilobytes.
pub fn live(build: impl FnMut() -> AnyView + Send + 'static) -> Live {
    Box::new(build)
}
