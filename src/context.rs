//! The state of the app, as one value: its signals, and where events go.

mod app_signal;

pub use app_signal::AppSignal;

use crate::browser::{self, storage};
use crate::campaign;
use crate::cart::Cart;
use crate::checkout::{self, Event};
use crate::locale::Locale;
use crate::profile;
use crate::session;
use crate::text::{Menu, Message};
use crate::toast::Toast;
use contract::{Product, Wording};
use leptos::prelude::*;

/// Whether the deferred chunk is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadState {
    NotLoaded,
    /// Not loaded, and the buyer waits for it.
    Awaited,
    Loaded,
}

/// State is read from these signals, events go to [`send`](Self::send).
#[derive(Clone, Copy)]
pub struct Context {
    pub session: AppSignal<session::State>,
    pub cart: AppSignal<Cart>,
    pub checkout: AppSignal<checkout::State>,
    pub profile: AppSignal<profile::State>,
    pub campaign: AppSignal<campaign::State>,
    pub load_state: AppSignal<LoadState>,
    /// Followed by readers that live as long as the app, and by no other.
    pub locale: RwSignal<Locale>,
    pub announcement: RwSignal<Option<Message>>,
    pub toast: RwSignal<Option<Toast>>,
    /// Whether the order above the pay button is unfolded.
    pub unfolded: RwSignal<bool>,
    /// Whether a screen was shown before; the first one does not take the focus.
    settled: StoredValue<bool>,
    on_event: fn(Self, Event),
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

impl Context {
    /// An empty cart and an unknown buyer.
    pub fn new(
        session: session::State,
        checkout: checkout::State,
        load_state: LoadState,
        on_event: fn(Self, Event),
    ) -> Self {
        Self {
            session: RwSignal::new(session).into(),
            cart: RwSignal::new(Cart::default()).into(),
            checkout: RwSignal::new(checkout).into(),
            profile: RwSignal::new(profile::State::begin(storage::has_declined_name())).into(),
            campaign: RwSignal::new(campaign::State::default()).into(),
            load_state: RwSignal::new(load_state).into(),
            locale: RwSignal::new(Locale::Id),
            announcement: RwSignal::new(None),
            toast: RwSignal::new(None),
            unfolded: RwSignal::new(false),
            settled: StoredValue::new(false),
            on_event,
        }
    }

    /// Reports what the buyer did. An earlier tap that waits for the deferred chunk blocks others.
    pub fn send(self, event: Event) {
        if !self.is_awaiting_untracked() {
            (self.on_event)(self, event);
        }
    }

    /// Whether the buyer waits for the deferred chunk.
    pub fn is_awaiting(self) -> bool {
        self.load_state.get() == LoadState::Awaited
    }

    pub fn is_awaiting_untracked(self) -> bool {
        self.load_state.get_untracked() == LoadState::Awaited
    }

    /// Words of the first chunk, in the current language.
    pub fn menu(self, words: &Menu) -> String {
        self.locale.get_untracked().menu(words).into_owned()
    }

    /// The merchant's words, in the current language.
    pub fn pick(self, wording: &Wording) -> String {
        self.locale.get_untracked().pick(wording).to_owned()
    }

    pub fn with_catalogue<T>(self, callback: impl FnOnce(&[Product]) -> T) -> T {
        self.session.with(|state| {
            let catalogue = state.session().map(|session| &session.catalogue);
            callback(catalogue.map_or(&[], |catalogue| catalogue))
        })
    }

    /// Whether the heading that is about to appear takes the focus: each but the first.
    pub fn takes_focus(self) -> bool {
        let settled = self.settled.get_value();
        self.settled.set_value(true);
        settled
    }

    /// Changes the language. The screen stays the same, so its heading does not take the focus.
    pub fn set_locale(self, locale: Locale) {
        browser::set_language(locale);
        self.settled.set_value(false);
        self.locale.set(locale);
    }
}
