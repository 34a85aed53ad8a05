//! What the app does once its first screen is there. In a shipped bundle that is a WebAssembly
//! file of its own, which comes after the one that the buyer waits for; everywhere else it is
//! there from the start.
//!
//! Invariant: the first part reaches the second by [`Later`] alone, for what it names otherwise
//! would come with it. Invariant: a wish that comes before the second part waits for it, and the
//! buyer sees that it does; where the second part cannot be had, nothing has come of the wish, and
//! the page says what to do.

#[cfg(feature = "split")]
mod split;

use crate::browser::boot::Begun;
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
pub struct Later {
    /// [`Runner::send`]
    pub send: fn(Runner, Event),
    /// [`session::start::carry_on`]
    pub sign_in: fn(Runner, Option<Begun>),
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

impl std::fmt::Debug for Later {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Later").finish_non_exhaustive()
    }
}

static LATER: Later = Later {
    send: Runner::send,
    sign_in: session::start::carry_on,
    started: Runner::started,
    read_early: Runner::read_early,
    follow_gopay: session::start::follow_gopay,
    press: screens::review::press,
    screen: screens::others::show,
    notice: screens::review::notice,
    details: screens::review::details,
    toast: crate::toast::view,
    say: Locale::say,
};

/// Where the second part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// On its way, or still to be asked for.
    Away,
    /// The same, and the buyer waits for it.
    Awaited,
    /// Here.
    Here,
}

type Task = Box<dyn FnOnce(&'static Later)>;

thread_local! {
    static HERE: Cell<Option<&'static Later>> = const { Cell::new(ARRIVED) };
    /// Whom to tell of what was asked for.
    static ASKED: Cell<Option<RwSignal<Presence>>> = const { Cell::new(None) };
    /// In the order in which it is to be done.
    static WAITING: RefCell<Vec<Task>> = const { RefCell::new(Vec::new()) };
}

#[cfg(feature = "split")]
const ARRIVED: Option<&Later> = None;
#[cfg(not(feature = "split"))]
const ARRIVED: Option<&Later> = Some(&LATER);

/// The second part, if it is here.
pub fn here() -> Option<&'static Later> {
    HERE.get()
}

/// Where the second part is as the app starts.
pub fn presence() -> Presence {
    match here() {
        Some(_) => Presence::Here,
        None => Presence::Away,
    }
}

/// Does it when the second part is here; until then nobody waits for it.
pub fn leave(task: impl FnOnce(&'static Later) + 'static) {
    match here() {
        Some(later) => task(later),
        None => WAITING.with_borrow_mut(|waiting| waiting.push(Box::new(task))),
    }
}

/// Does what the buyer waits for.
pub fn wish(presence: RwSignal<Presence>, task: impl FnOnce(&'static Later) + 'static) {
    if here().is_none() {
        presence.set(Presence::Awaited);
    }
    leave(task);
    fetch(presence);
}

/// Asks for the second part, unless it is here or on its way.
pub fn fetch(presence: RwSignal<Presence>) {
    if here().is_none() && ASKED.get().is_none() {
        ASKED.set(Some(presence));
        #[cfg(feature = "split")]
        split::load();
    }
}
