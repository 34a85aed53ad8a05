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
pub struct AppSignal<T: 'static>(RwSignal<T>);

impl<T> Clone for AppSignal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for AppSignal<T> {}

impl<T> std::fmt::Debug for AppSignal<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppSignal").finish_non_exhaustive()
    }
}

impl<T> From<RwSignal<T>> for AppSignal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self(signal)
    }
}

/// What is not followed needs nothing of this.
impl<T> Deref for AppSignal<T> {
    type Target = RwSignal<T>;

    fn deref(&self) -> &RwSignal<T> {
        &self.0
    }
}

impl<T: Send + Sync> AppSignal<T> {
    /// Follows it, and calls back with its value.
    pub fn with<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        unsubscribe_on_cleanup();
        self.0.with(read)
    }

    /// Follows it; its value.
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        unsubscribe_on_cleanup();
        self.0.get()
    }

    /// Follows it; a look at its value.
    pub fn read(&self) -> impl Deref<Target = T> + use<T> {
        unsubscribe_on_cleanup();
        self.0.read()
    }
}

thread_local! {
    /// Who said last that it leaves, and has not left yet: what it reads next need not say so again.
    static LEAVES: RefCell<Option<AnySubscriber>> = const { RefCell::new(None) };
}

fn unsubscribe_on_cleanup() {
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
