//! What the app does once its first screen is there. In a shipped bundle that is a WebAssembly
//! file of its own, which comes after the one that the buyer waits for; everywhere else it is
//! there from the start.
//!
//! Invariant: the first part reaches the second by [`DeferredChunk`] alone, for what it names otherwise
//! would come with it. Invariant: a wish that comes before the second part waits for it, and the
//! buyer sees that it does; where the second part cannot be had, nothing has come of the wish, and
//! the page says what to do.

#[cfg(feature = "split")]
mod split;

use crate::browser::boot::PrefetchedSignIn;
use crate::checkout::Event;
use crate::checkout::run::Runner;
use crate::context::Context;
use crate::screens::{self, Screen};
use crate::session;
use crate::text::{Locale, Message};
use leptos::prelude::*;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};

/// The second part, as far as the first one asks for it.
pub struct DeferredChunk {
    /// [`Runner::send`]
    pub send: fn(Runner, Event),
    /// [`session::start::finish_sign_in`]
    pub sign_in: fn(Runner, Option<PrefetchedSignIn>),
    /// [`Runner::started`]
    pub started: fn(Runner),
    /// [`Runner::read_early`]
    pub read_early: fn(Runner),
    /// Speaks the language that GoPay speaks.
    pub follow_gopay: fn(Context),
    /// [`Context::pay`], or once more what nobody has answered.
    pub press: fn(Context),
    /// Every screen but the first.
    pub screen: fn(Context, Screen, UnsyncCallback<()>) -> AnyView,
    /// What stands in the way of paying.
    pub notice: fn(Context) -> AnyView,
    /// What is in the order, and for whom.
    pub details: fn(Context) -> AnyView,
    /// What lies over the screen for a moment.
    pub toast: fn(Context) -> AnyView,
    /// [`Locale::say`]
    pub say: fn(Locale, &Message) -> Cow<'static, str>,
}

impl std::fmt::Debug for DeferredChunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeferredChunk").finish_non_exhaustive()
    }
}

static TABLE: DeferredChunk = DeferredChunk {
    send: Runner::send,
    sign_in: session::start::finish_sign_in,
    started: Runner::started,
    read_early: Runner::read_early,
    follow_gopay: session::start::follow_gopay,
    press: screens::review::press,
    screen: screens::secondary::show,
    notice: screens::review::notice,
    details: screens::review::details,
    toast: crate::toast::view,
    say: Locale::say,
};

/// Where the second part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadState {
    /// On its way, or still to be asked for.
    NotLoaded,
    /// The same, and the buyer waits for it.
    Awaited,
    /// Here.
    Loaded,
}

type Task = Box<dyn FnOnce(&'static DeferredChunk)>;

thread_local! {
    static CHUNK: Cell<Option<&'static DeferredChunk>> = const { Cell::new(LINKED) };
    /// Whom to tell of what was asked for.
    static REQUESTED: Cell<Option<RwSignal<LoadState>>> = const { Cell::new(None) };
    /// In the order in which it is to be done.
    static QUEUE: RefCell<Vec<Task>> = const { RefCell::new(Vec::new()) };
}

#[cfg(feature = "split")]
const LINKED: Option<&DeferredChunk> = None;
#[cfg(not(feature = "split"))]
const LINKED: Option<&DeferredChunk> = Some(&TABLE);

/// The second part, if it is here.
pub fn get() -> Option<&'static DeferredChunk> {
    CHUNK.get()
}

/// Where the second part is as the app starts.
pub fn load_state() -> LoadState {
    match get() {
        Some(_) => LoadState::Loaded,
        None => LoadState::NotLoaded,
    }
}

/// Does it when the second part is here; until then nobody waits for it.
pub fn run_in_background(task: impl FnOnce(&'static DeferredChunk) + 'static) {
    match get() {
        Some(chunk) => task(chunk),
        None => QUEUE.with_borrow_mut(|queue| queue.push(Box::new(task))),
    }
}

/// Does what the buyer waits for.
pub fn run_when_loaded(
    state: RwSignal<LoadState>,
    task: impl FnOnce(&'static DeferredChunk) + 'static,
) {
    if get().is_none() {
        state.set(LoadState::Awaited);
    }
    run_in_background(task);
    fetch(state);
}

/// Asks for the second part, unless it is here or on its way.
pub fn fetch(state: RwSignal<LoadState>) {
    if get().is_none() && REQUESTED.get().is_none() {
        REQUESTED.set(Some(state));
        #[cfg(feature = "split")]
        split::load();
    }
}
