//! Boxed parts of a view: each closure type that a view takes unboxed adds up to two kilobytes to the
//! bundle.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// A view that is rebuilt when a signal it reads changes.
pub type DynView = Box<dyn FnMut() -> AnyView + Send>;

pub fn dyn_view(build: impl FnMut() -> AnyView + Send + 'static) -> DynView {
    Box::new(build)
}

/// Text that follows the signals it reads.
pub type DynText = Box<dyn FnMut() -> String + Send>;

pub fn dyn_text(make: impl FnMut() -> String + Send + 'static) -> DynText {
    Box::new(make)
}

/// An attribute that is `true` while a condition holds, and absent otherwise.
pub type DynAttr = Box<dyn FnMut() -> Option<&'static str> + Send>;

pub fn dyn_attr(holds: impl Fn() -> bool + Send + 'static) -> DynAttr {
    Box::new(move || holds().then_some("true"))
}

/// Text whose `amount` is marked as Indonesian: an English voice reads the point in Rp25.000 as a
/// decimal point.
pub fn mark_indonesian(words: String, amount: &str) -> AnyView {
    match words.split_once(amount) {
        Some((before, after)) => view! {
            {before.to_owned()}
            <span lang="id">{amount.to_owned()}</span>
            {after.to_owned()}
        }
        .into_any(),
        None => words.into_any(),
    }
}

pub type ClickHandler = Box<dyn FnMut(MouseEvent)>;

pub fn on_click(mut act: impl FnMut() + 'static) -> ClickHandler {
    Box::new(move |_| act())
}
