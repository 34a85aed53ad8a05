//! The parts of a view that change, or answer a tap. All parts of a kind are one type, because each
//! closure that a view takes as it is costs the buyer up to two kilobytes.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// Built anew when what it reads changes.
pub type Live = Box<dyn FnMut() -> AnyView + Send>;

/// Makes a [`Live`] part.
pub fn live(build: impl FnMut() -> AnyView + Send + 'static) -> Live {
    Box::new(build)
}

/// Words that change with what they are made of.
pub type Words = Box<dyn FnMut() -> String + Send>;

/// Makes [`Words`].
pub fn words(make: impl FnMut() -> String + Send + 'static) -> Words {
    Box::new(make)
}

/// An attribute that says `true` while something holds, and else is not there.
pub type Flag = Box<dyn FnMut() -> Option<&'static str> + Send>;

/// Makes a [`Flag`].
pub fn flag(holds: impl Fn() -> bool + Send + 'static) -> Flag {
    Box::new(move || holds().then_some("true"))
}

/// The words with the amount in them marked as Indonesian: an English voice reads the point in
/// Rp25.000 as a decimal one.
pub fn around(words: String, amount: &str) -> AnyView {
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

/// What a button does.
pub type Tap = Box<dyn FnMut(MouseEvent)>;

/// Makes a [`Tap`].
pub fn tap(mut act: impl FnMut() + 'static) -> Tap {
    Box::new(move |_| act())
}
