//! The deferred chunk: what the app does after its first screen. A shipped bundle has it in a second
//! WebAssembly file; every other build has it from the start.
//!
//! Invariant: the first chunk reaches the second by [`DeferredChunk`] alone; any other reference would
//! move code into the first. Invariant: a task that comes before the second chunk waits for it, and the
//! buyer sees the wait. Where the chunk cannot be loaded the task has no effect, and the page says what
//! to do.

use crate::browser::boot::PrefetchedSignIn;
use crate::checkout::Event;
use crate::components::{DynView, dyn_view};
use crate::context::{Context, LoadState};
use crate::locale::Locale;
use crate::screens::screen::Screen;
use crate::text::Message;
use crate::toast::Toast;
use leptos::prelude::*;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};

/// The functions of the second chunk that the first one calls.
pub struct DeferredChunk {
    pub send: fn(Context, Event),
    pub sign_in: fn(Context, Option<PrefetchedSignIn>),
    pub started: fn(Context, String),
    pub read_early: fn(Context),
    pub follow_gopay: fn(Context),
    pub press_pay: fn(Context),
    pub screen: fn(Context, Screen, UnsyncCallback<()>) -> AnyView,
    pub notice: fn(Context) -> AnyView,
    pub details: fn(Context) -> AnyView,
    pub toast: fn(RwSignal<Option<Toast>>) -> AnyView,
    pub say: fn(Locale, &Message) -> Cow<'static, str>,
}

impl std::fmt::Debug for DeferredChunk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeferredChunk").finish_non_exhaustive()
    }
}

type Task = Box<dyn FnOnce(&'static DeferredChunk)>;

thread_local! {
    static CHUNK: Cell<Option<&'static DeferredChunk>> = const { Cell::new(None) };
    /// Set while the chunk is being loaded.
    static REQUESTED: Cell<Option<RwSignal<LoadState>>> = const { Cell::new(None) };
    static QUEUE: RefCell<Vec<Task>> = const { RefCell::new(Vec::new()) };
}

/// The chunk, if it is loaded.
pub fn get() -> Option<&'static DeferredChunk> {
    CHUNK.get()
}

/// The state at the start of the app.
pub fn load_state() -> LoadState {
    match get() {
        Some(_) => LoadState::Loaded,
        None => LoadState::NotLoaded,
    }
}

/// The chunk is loaded: runs the tasks that wait for it.
pub fn provide(chunk: &'static DeferredChunk) {
    CHUNK.set(Some(chunk));
    if let Some(state) = REQUESTED.take() {
        state.set(LoadState::Loaded);
    }
    for task in QUEUE.take() {
        task(chunk);
    }
}

/// Runs the task once the chunk is loaded; the buyer does not wait for it.
pub fn run_in_background(task: impl FnOnce(&'static DeferredChunk) + 'static) {
    match get() {
        Some(chunk) => task(chunk),
        None => QUEUE.with_borrow_mut(|queue| queue.push(Box::new(task))),
    }
}

/// Runs a task that the buyer waits for, and loads the chunk.
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

/// Loads the chunk, unless it is loaded or under way.
pub fn fetch(state: RwSignal<LoadState>) {
    if get().is_none() && REQUESTED.get().is_none() {
        REQUESTED.set(Some(state));
        #[cfg(feature = "split")]
        split::load();
    }
}

impl Context {
    /// Runs a task of the buyer once the chunk is loaded, unless an earlier one waits already.
    pub fn run_when_loaded(self, task: impl FnOnce(&'static DeferredChunk) + 'static) {
        if !self.is_awaiting_untracked() {
            run_when_loaded(*self.load_state, task);
        }
    }

    /// A view of the chunk; empty before it is loaded.
    pub fn deferred_view(
        self,
        view: impl Fn(&'static DeferredChunk) -> AnyView + Send + 'static,
    ) -> DynView {
        dyn_view(move || {
            self.load_state.get();
            get().map_or_else(|| ().into_any(), &view)
        })
    }

    /// The words of a message, in the current language. A change of language rebuilds the screen, so
    /// they are not tracked.
    pub fn say(self, message: &Message) -> String {
        let locale = self.locale.get_untracked();
        let words = match message {
            Message::Menu(words) => Some(locale.menu(words)),
            message => get().map(|chunk| (chunk.say)(locale, message)),
        };
        words.unwrap_or_default().into_owned()
    }
}

/// The seam along which `wasm-split` 0.2 cuts, by names that it knows. Its own macro uses futures, which
/// would add three kilobytes to the first chunk.
#[cfg(feature = "split")]
#[expect(unsafe_code, reason = "the chunks know each other by name alone")]
mod split {
    use super::{LoadState, QUEUE, REQUESTED};
    use crate::browser;
    use leptos::prelude::*;
    use std::ffi::c_void;
    use std::ptr;

    #[link(wasm_import_module = "__wasm_split_placeholder__")]
    unsafe extern "C" {
        /// Fetches the second chunk, and calls back with whether it is loaded.
        #[link_name = "__wasm_split_load_later"]
        safe fn fetch(done: extern "C" fn(*const c_void, bool), data: *const c_void);

        /// `link::arrive` of the second chunk, once it is loaded.
        #[link_name = "__wasm_split_00later00_import_00000000000000000000000000000000_arrive"]
        safe fn call_arrive();
    }

    pub(super) fn load() {
        fetch(done, ptr::null());
    }

    extern "C" fn done(_: *const c_void, is_loaded: bool) {
        if is_loaded {
            call_arrive();
        } else if let Some(state) = REQUESTED.take()
            && state.get_untracked() == LoadState::Awaited
        {
            // No task may run behind the page that reports the failure.
            QUEUE.take();
            state.set(LoadState::NotLoaded);
            browser::show_load_failure();
        }
    }
}
