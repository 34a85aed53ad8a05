//! A signal that outlives its readers.

use leptos::prelude::*;
use leptos::reactive::graph::{AnySubscriber, Observer, Subscriber};
use std::cell::RefCell;
use std::ops::Deref;

/// A signal of the whole app, which each screen reads.
///
/// In `reactive_graph` 0.2 an effect or a memo of a removed screen stays in the signal's list of
/// subscribers, which would grow without end. A reader of this signal unsubscribes on cleanup.
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

/// Untracked access needs no cleanup.
impl<T> Deref for AppSignal<T> {
    type Target = RwSignal<T>;

    fn deref(&self) -> &RwSignal<T> {
        &self.0
    }
}

impl<T: Send + Sync> AppSignal<T> {
    /// Tracked.
    pub fn with<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        unsubscribe_on_cleanup();
        self.0.with(read)
    }

    /// Tracked.
    pub fn get(&self) -> T
    where
        T: Clone,
    {
        unsubscribe_on_cleanup();
        self.0.get()
    }

    /// Tracked.
    pub fn read(&self) -> impl Deref<Target = T> + use<T> {
        unsubscribe_on_cleanup();
        self.0.read()
    }
}

thread_local! {
    /// The last reader with a pending cleanup, which its next reads need not register again.
    static LAST_READER: RefCell<Option<AnySubscriber>> = const { RefCell::new(None) };
}

fn unsubscribe_on_cleanup() {
    let Some(reader) = Observer::get() else {
        return;
    };
    if LAST_READER.with_borrow(|leaves| leaves.as_ref() == Some(&reader)) {
        return;
    }
    LAST_READER.set(Some(reader.clone()));
    on_cleanup(move || {
        LAST_READER.take();
        reader.clear_sources(&reader);
    });
}
