//! What every screen can reach: the buyer's state as signals, and where to send events.

mod app_signal;

pub use app_signal::AppSignal;

use crate::browser::{self, clipboard, share, storage};
use crate::cart::Cart;
use crate::checkout::{self, Attempt, Event, State};
use crate::components::{DynView, dyn_view};
use crate::deferred::{self, DeferredChunk, LoadState};
use crate::profile;
use crate::session;
use crate::text::{Locale, Menu, Message};
use crate::toast::{self, Toast};
use crate::user_error::UserError;
use contract::{Product, Wording};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// State travels by these signals, events by [`send`](Self::send).
#[derive(Clone, Copy)]
pub struct Context {
    /// The language on the screen. What lasts as long as the app follows it, and nothing else.
    pub locale: RwSignal<Locale>,
    /// Who is signed in, and what is for sale.
    pub session: AppSignal<session::State>,
    /// What is picked.
    pub cart: AppSignal<Cart>,
    /// Where the buyer is on the way to a settled order.
    pub checkout: AppSignal<checkout::State>,
    /// Whether they have been asked what to call them.
    pub profile: AppSignal<profile::State>,
    /// What the live region says.
    pub announcement: RwSignal<Option<Message>>,
    /// The short message that lies over the screen.
    pub toast: RwSignal<Option<Toast>>,
    /// Where the second part of the app is.
    pub load_state: AppSignal<LoadState>,
    /// Whether the order above the pay button is unfolded.
    pub unfolded: RwSignal<bool>,
    /// Whether a screen has been shown yet; the first one does not take the focus.
    pub settled: StoredValue<bool>,
    events: UnsyncCallback<Event>,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

impl Context {
    /// A buyer of whom nothing is known yet; `events` is told what they do.
    pub fn new(
        checkout: RwSignal<checkout::State>,
        session: RwSignal<session::State>,
        cart: RwSignal<Cart>,
        announcement: RwSignal<Option<Message>>,
        load_state: RwSignal<LoadState>,
        locale: Locale,
        events: UnsyncCallback<Event>,
    ) -> Self {
        Self {
            locale: RwSignal::new(locale),
            session: session.into(),
            cart: cart.into(),
            checkout: checkout.into(),
            profile: RwSignal::new(profile::State::begin(storage::has_declined_name())).into(),
            announcement,
            toast: RwSignal::new(None),
            load_state: load_state.into(),
            unfolded: RwSignal::new(false),
            settled: StoredValue::new(false),
            events,
        }
    }

    /// Tells what the buyer did. While they wait for the second part they have already said what
    /// they want.
    pub fn send(self, event: Event) {
        if !self.is_awaiting_untracked() {
            self.events.run(event);
        }
    }

    /// Has the second part of the app do what the buyer asked for, unless they wait for it already.
    pub fn run_when_loaded(self, task: impl FnOnce(&'static DeferredChunk) + 'static) {
        if !self.is_awaiting_untracked() {
            deferred::run_when_loaded(*self.load_state, task);
        }
    }

    /// Whether the buyer waits for the second part.
    pub fn is_awaiting(self) -> bool {
        self.load_state.get() == LoadState::Awaited
    }

    fn is_awaiting_untracked(self) -> bool {
        self.load_state.get_untracked() == LoadState::Awaited
    }

    /// What the second part shows; nothing before it is here.
    pub fn deferred_view(
        self,
        view: impl Fn(&'static DeferredChunk) -> AnyView + Send + 'static,
    ) -> DynView {
        dyn_view(move || {
            self.load_state.get();
            deferred::get().map_or_else(|| ().into_any(), &view)
        })
    }

    /// The words for it, in the language on the screen. Not followed: a change of
    /// language builds the screen anew.
    pub fn say(self, message: &Message) -> String {
        let locale = self.locale.get_untracked();
        let words = match message {
            Message::Menu(words) => Some(locale.menu(words)),
            message => deferred::get().map(|chunk| (chunk.say)(locale, message)),
        };
        words.unwrap_or_default().into_owned()
    }

    /// The same, for what the menu says.
    pub fn menu(self, words: &Menu) -> String {
        self.locale.get_untracked().menu(words).into_owned()
    }

    /// The merchant's words, in the language on the screen.
    pub fn pick(self, wording: &Wording) -> String {
        self.locale.get_untracked().pick(wording).to_owned()
    }

    /// Calls back with what is for sale.
    pub fn with_catalogue<T>(self, callback: impl FnOnce(&[Product]) -> T) -> T {
        self.session.with(|state| {
            let catalogue = state.session().map(|session| &session.catalogue);
            callback(catalogue.map_or(&[], |catalogue| catalogue))
        })
    }

    /// Makes it so many pieces of a product, and says so.
    pub fn set_quantity(self, product: &Product, quantity: u32) {
        self.cart.update(|cart| cart.set(&product.id, quantity));
        let name = self.locale.get_untracked().pick(&product.name).to_owned();
        // Not first: it takes as long as showing the new number.
        browser::after_render(Box::new(move || {
            let _ = self.cart.try_with_untracked(storage::save_cart);
            let words = Menu::InCart(name, quantity);
            let _ = self.announcement.try_set(Some(words.into()));
        }));
    }

    /// Says something in passing: aloud in the live region, and shortly over the screen.
    pub fn tell(self, message: Message) {
        let words = self.say(&message);
        self.announcement.set(Some(message));
        toast::show(self.toast, words);
    }

    /// Puts the order's number on the clipboard, and says whether it got there.
    pub fn copy_number(self, number: String) {
        spawn_local(self.copy(number));
    }

    /// Passes the text on; where no share sheet is, it is on the clipboard.
    pub fn share(self, text: String) {
        spawn_local(async move {
            if !share::share(&text).await {
                self.copy(text).await;
            }
        });
    }

    async fn copy(self, text: String) {
        let copied = clipboard::copy(&text).await;
        self.tell(if copied {
            Message::Copied
        } else {
            Message::NotCopied
        });
    }

    /// Asks to pay what is in the cart; with nothing in it, nothing happens. Where the phone says
    /// that it is offline the buyer is told so; a second tap is tried all the same, because a web
    /// view may say so for ever.
    pub fn pay(self) {
        let is_told = self.checkout.with_untracked(|state| {
            matches!(
                state,
                State::Browsing {
                    notice: Some(UserError::Offline),
                    ..
                }
            )
        });
        if browser::is_offline() && !is_told {
            return self.send(Event::PayBlocked(UserError::Offline));
        }
        let attempt = self.session.with_untracked(|state| {
            let session = state.session()?;
            let order = self
                .cart
                .with_untracked(|cart| cart.order(&session.catalogue))?;
            let customer = session.customer.id.clone();
            let made_at = browser::wall_clock_ms();
            // What is still kept was never answered.
            let replaces =
                storage::attempt().filter(|it| it.is_worth_finishing(&customer, made_at));
            Some(Attempt {
                key: browser::new_key(),
                customer,
                order,
                made_at,
                replaces: replaces.map(Box::new),
            })
        });
        if let Some(attempt) = attempt {
            self.send(Event::PayTapped(attempt));
        }
    }

    /// Speaks this language from now on. The screen stays what it is, so its heading does not take
    /// the focus.
    pub fn speak(self, locale: Locale) {
        browser::set_language(locale);
        self.settled.set_value(false);
        self.locale.set(locale);
    }
}
