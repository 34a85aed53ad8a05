//! A signal that outlives those who read it.

use leptos::prelude::*;
use leptos::reactive::graph::{AnySubscriber, Observer, Subscriber};
use std::cell::RefCell;
use std::ops::Deref;

/// A signal of the whole app, which each screen reads anew.
///
/// An effect or a memo that goes with its screen stays on the list of what it has read, which
/// would grow for as long as the app is open, and be gone through at every change
/// (`reactive_graph` 0.2). Whoever reads one of these takes itself off the list in the end.
pub struct Lasting<T: 'static>(RwSignal<T>);

impl<T> Clone for Lasting<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Lasting<T> {}

impl<T> std::fmt::Debug for Lasting<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lasting").finish_non_exhaustive()
    }
}

impl<T> From<RwSignal<T>> for Lasting<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self(signal)
    }
}

/// What is not followed needs nothing of this.
impl<T> Deref for Lasting<T> {
    type Target = RwSignal<T>;

    fn deref(&self) -> &RwSignal<T> {
        &self.0
    }
}

impl<T: Send + Sync> Lasting<T> {
    /// Follows it, and calls back with its value.
    pub fn with<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        leave_in_the_end();
        self.0.with(read)
    }

    /// Follows it; its value.
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        leave_in_the_end();
        self.0.get()
    }

    /// Follows it; a look at its value.
    pub fn read(&self) -> impl Deref<Target = T> + use<T> {
        leave_in_the_end();
        self.0.read()
    }
}

thread_local! {
    /// Who said last that it leaves, and has not left yet: what it reads next need not say so again.
    static LEAVES: RefCell<Option<AnySubscriber>> = const { RefCell::new(None) };
}

fn leave_in_the_end() {
    let Some(reader) = Observer::get() else {
        return;
    };
    if LEAVES.with_borrow(|leaves| leaves.as_ref() == Some(&reader)) {
        return;
    }
    LEAVES.set(Some(reader.clone()));
    on_cleanup(move || {
        LEAVES.take();
        reader.clear_sources(&reader);
    });
}
