//! Carries out what the checkout commands, and feeds it what comes of it.
//!
//! Invariant: one answer to [`Command::Read`] counts, that to the last one.

use super::{Attempt, Command, Event, Hint, OrderSnapshot, State, apply, reminder};
use crate::analytics;
use crate::api;
use crate::browser::{self, package, storage};
use crate::cart::Cart;
use crate::deferred::{self, LoadState};
use crate::route::Route;
use crate::session::{self, reauth};
use crate::text::Message;
use crate::user_error::UserError;
use contract::{OpenOrder, Order, Product, Session};
use gloo_timers::future::sleep;
use gopay_container::PaymentStatus;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use std::time::Duration;

/// How long signing in may take before an order is read without it.
const EARLY_READ_DELAY: Duration = Duration::from_millis(400);

/// How often a page that believes itself hidden looks whether it still is, in seconds.
const RECHECK_VISIBILITY_SECONDS: u64 = 5;

/// The checkout and what its commands act on.
#[derive(Clone, Copy)]
pub struct Runner {
    checkout: RwSignal<State>,
    session: RwSignal<session::State>,
    cart: RwSignal<Cart>,
    announcement: RwSignal<Option<Message>>,
    pub(crate) load_state: RwSignal<LoadState>,
    /// Number of the last reading that was asked for; an answer to an older one is dropped.
    reading: StoredValue<u32>,
}

// Flags of the whole page; a stored value of another type would cost the buyer half a kilobyte.
thread_local! {
    /// Whether what the menu shows is being fetched.
    static IS_REFRESHING: Cell<bool> = const { Cell::new(false) };
    /// Whether the page's coming in front again is heard of.
    static IS_WATCHING: Cell<bool> = const { Cell::new(false) };
    /// Whether the buyer who has been signed in is the one whose session was on the phone.
    static IS_SAME: Cell<bool> = const { Cell::new(false) };
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").finish_non_exhaustive()
    }
}

impl Runner {
    /// Acts on these signals.
    pub fn new(
        checkout: RwSignal<State>,
        session: RwSignal<session::State>,
        cart: RwSignal<Cart>,
        announcement: RwSignal<Option<Message>>,
        load_state: RwSignal<LoadState>,
    ) -> Self {
        Self {
            checkout,
            session,
            cart,
            announcement,
            load_state,
            reading: StoredValue::new(0),
        }
    }

    /// Lets the checkout take an event, and carries out what it commands.
    pub fn send(self, event: Event) {
        self.watch();
        if matches!(event, Event::Hinted { .. }) {
            browser::assume_visible();
        }
        let before = self.checkout.get_untracked();
        let (next, commands) = apply(before.clone(), event);
        self.remind(&next);
        // The menu comes with signing in, and a page of its own begins with that.
        let lacks_menu = matches!(next, State::Browsing { .. }) && !self.is_signed_in();
        if before != next {
            analytics::track::transition(&before, &next);
            // Whoever reads on finds nothing that was said of another screen.
            if before.screen_key() != next.screen_key() {
                self.announcement.set(None);
            }
            self.checkout.set(next);
        }
        for command in commands {
            if !(lacks_menu && matches!(command, Command::Navigate(_))) {
                self.run(command);
            }
        }
        if lacks_menu {
            browser::reload_at(&Route::Shop);
        }
    }

    /// Reads what the address is about with the session that is on the phone, while signing in is
    /// under way: a buyer who has paid can show it, however long GoPay takes.
    pub fn read_early(self) {
        if package::is_packaged() || !storage::has_buyer() {
            return;
        }
        spawn_local(async move {
            // Signing in ends the session before, so both at once would often be refused.
            sleep(EARLY_READ_DELAY).await;
            if self.is_signed_in() {
                return;
            }
            let read = match browser::route() {
                Route::Order(id) => (api::read_order(&id).await).map(|snapshot| Event::Read {
                    id,
                    answer: Ok(snapshot),
                }),
                Route::Orders => api::read_orders().await.map(|it| Event::Listed(Ok(it))),
                Route::Shop | Route::NotFound => return,
            };
            // After signing in it has to be the same buyer.
            if let Ok(event) = read
                && (IS_SAME.get() || !self.is_signed_in())
            {
                self.send(event);
            }
        });
    }

    /// Hears from now on of each time that the page comes in front of the buyer again.
    fn watch(self) {
        if !IS_WATCHING.replace(true) {
            browser::on_resume(move || self.send(Event::Resumed));
        }
    }

    /// Keeps the order that the menu reminds of.
    fn remind(self, next: &State) {
        let known = self.session.with_untracked(|state| {
            let session = state.session();
            session.and_then(|session| session.open_order.clone())
        });
        let reminder = reminder(known.clone(), next);
        if reminder != known {
            self.update_session(|session| session.open_order = reminder);
        }
    }

    fn update_session(self, change: impl FnOnce(&mut Session)) {
        self.session.update(|state| {
            if let session::State::In(session) = state {
                change(session);
            }
        });
    }

    fn is_signed_in(self) -> bool {
        (self.session).with_untracked(|state| state.session().is_some())
    }

    /// Somebody is signed in. The menu needs no more to be there; whatever else there is to do
    /// is for the second part.
    pub fn signed_in_as(self, session: Session) {
        let is_same = storage::save_buyer(&session.customer.id);
        IS_SAME.set(is_same);
        // Of another buyer's cart nothing is shown.
        let mut cart = storage::cart().filter(|_| is_same).unwrap_or_default();
        if cart.add_from_query(&browser::query()) {
            browser::clear_query();
        }
        self.cart.set(cart);
        self.session.set(session::State::In(Box::new(session)));
        self.retain_available();
        if browser::route() == Route::Shop && !storage::has_attempt() {
            self.checkout.set(State::menu());
            deferred::run_in_background(move |chunk| (chunk.started)(self));
        } else {
            deferred::run_when_loaded(self.load_state, move |chunk| (chunk.started)(self));
        }
    }

    /// The rest of [`signed_in_as`](Self::signed_in_as).
    pub fn started(self) {
        self.watch();
        let shown = self.checkout.get_untracked();
        let customer = self.session.with_untracked(|state| {
            let session = state.session()?;
            Some(session.customer.id.clone())
        });
        if let State::Browsing { .. } = shown {
            analytics::track::transition(&State::Starting, &shown);
        } else if shown != State::Starting && IS_SAME.get() {
            // What was read early is theirs, and is asked for once more in their name.
            self.send(Event::Resumed);
        } else if let Some(customer) = customer {
            let (stored, now) = (storage::attempt(), browser::wall_clock_ms());
            // It would make every start wait for the second part.
            if stored
                .as_ref()
                .is_none_or(|attempt| attempt.is_outdated(now))
            {
                storage::clear_attempt();
            }
            self.send(Event::Started {
                route: browser::route(),
                attempt: stored.filter(|attempt| attempt.is_worth_finishing(&customer, now)),
            });
        }
        // After what the new screen says.
        self.tell_of_ran_out();
    }

    /// Nobody could be signed in.
    pub fn not_signed_in(self, error: UserError) {
        self.session.set(session::State::Failed(error));
        analytics::track::sign_in_failed(error);
    }

    fn run(self, command: Command) {
        match command {
            Command::PersistAttempt(attempt) => storage::save_attempt(&attempt),
            Command::ClearAttempt => storage::clear_attempt(),
            Command::Place { attempt, after } => spawn_local(self.place(attempt, after)),
            Command::Reprice => spawn_local(async move {
                let answer = reauth::sign_in(self.session, self.cart).await;
                self.send(Event::Repriced(answer));
            }),
            Command::Refresh => spawn_local(self.refresh()),
            Command::FillCart(lines) => {
                let cart = Cart::from_lines(lines);
                storage::save_cart(&cart);
                self.cart.set(cart);
                // What is on its way to the merchant stays as it was sent.
                if self.is_browsing() {
                    self.retain_available();
                    self.tell_of_ran_out();
                }
            }
            Command::Navigate(route) => browser::navigate(&route),
            Command::Launch { deeplink, launch } => spawn_local(async move {
                let hint = match gopay_container::launch_payment(&deeplink).await {
                    Ok(status) => Ok(hint(&status)),
                    Err(error) => Err(session::user_error(&error)),
                };
                self.send(Event::Hinted { launch, hint });
            }),
            Command::Read { id, after } => {
                let reading = self.next_reading();
                spawn_local(self.read(id, after, reading));
            }
            Command::List { after } => {
                let reading = self.next_reading();
                spawn_local(self.list(after, reading));
            }
            Command::StopReading => {
                self.next_reading();
            }
            Command::Renew { id, key, after } => spawn_local(async move {
                pause(after).await;
                let answer = self
                    .with_reauth(async || api::renew_payment(&id, &key).await)
                    .await;
                self.send(Event::Renewed { key, answer });
            }),
            Command::Cancel { id } => spawn_local(async move {
                let answer = self
                    .with_reauth(async || api::cancel_order(&id).await)
                    .await;
                self.send(Event::Cancelled { id, answer });
            }),
            Command::Announce(message) => self.announcement.set(Some(message)),
        }
    }

    async fn place(self, attempt: Attempt, after: u32) {
        pause(after).await;
        // Whoever signed in again meanwhile, for whatever request, may be somebody else.
        let is_theirs = self.session.with_untracked(|state| {
            (state.session()).is_some_and(|session| session.customer.id == attempt.customer)
        });
        let answer = if is_theirs {
            self.place_instead(&attempt).await
        } else {
            Err(UserError::AnotherBuyer)
        };
        self.send(Event::Placed(answer));
    }

    /// Places the order, once what it replaces is called off. Where that was paid after all, it is
    /// the answer.
    async fn place_instead(self, attempt: &Attempt) -> Result<OrderSnapshot, UserError> {
        for replaced in attempt.replaced() {
            let snapshot = match self.place_and_call_off(replaced).await {
                Ok(snapshot) => snapshot,
                Err(error) if error.outcome_is_unknown() => return Err(error),
                // There is nothing to be called off.
                Err(_) => continue,
            };
            if snapshot.order.status.took_money() {
                return Ok(snapshot);
            }
            if snapshot.order.status.is_open() {
                return Err(UserError::GopayDown);
            }
        }
        self.with_reauth(async || api::place_order(attempt).await)
            .await
    }

    /// Only the same request under the same key says which order it is, if there is one.
    async fn place_and_call_off(self, attempt: &Attempt) -> Result<OrderSnapshot, UserError> {
        let snapshot = self
            .with_reauth(async || api::place_order(attempt).await)
            .await?;
        if !snapshot.order.status.is_open() {
            return Ok(snapshot);
        }
        let id = &snapshot.order.id;
        self.with_reauth(async || api::cancel_order(id).await).await
    }

    /// Fetches what is for sale and which order waits for its payment.
    async fn refresh(self) {
        if IS_REFRESHING.replace(true) {
            return;
        }
        let fresh = self.fetch_menu().await;
        IS_REFRESHING.set(false);
        // What the buyer has done meanwhile is newer.
        if let Ok((catalogue, open_order)) = fresh
            && self.is_browsing()
        {
            self.update_session(|session| {
                session.catalogue = catalogue;
                session.open_order = open_order;
            });
            self.retain_available();
            self.tell_of_ran_out();
        }
    }

    async fn fetch_menu(self) -> Result<(Vec<Product>, Option<OpenOrder>), UserError> {
        let catalogue = self.with_reauth(api::read_catalogue).await?;
        let orders = self.with_reauth(api::read_orders).await?;
        Ok((catalogue, orders.iter().find_map(Order::open)))
    }

    /// While the page is hidden nothing is asked by itself.
    async fn read(self, id: String, after: u32, reading: u32) {
        if self.is_due(after, reading).await {
            let answer = self.with_reauth(async || api::read_order(&id).await).await;
            if self.reading.get_value() == reading {
                self.send(Event::Read { id, answer });
            }
        }
    }

    async fn list(self, after: u32, reading: u32) {
        if self.is_due(after, reading).await {
            let answer = self.with_reauth(api::read_orders).await;
            if self.reading.get_value() == reading {
                self.send(Event::Listed(answer));
            }
        }
    }

    /// Whether the question is still to be asked after so many seconds. At once means that the buyer
    /// asks, or that something has happened.
    async fn is_due(self, after: u32, reading: u32) -> bool {
        pause(after).await;
        // Not every web view says that the page is in front again.
        while after > 0 && self.reading.get_value() == reading && browser::is_hidden() {
            sleep(Duration::from_secs(RECHECK_VISIBILITY_SECONDS)).await;
        }
        self.reading.get_value() == reading
    }

    fn is_browsing(self) -> bool {
        (self.checkout).with_untracked(|state| matches!(state, State::Browsing { .. }))
    }

    /// Takes out of the cart what cannot be had.
    fn retain_available(self) {
        let catalogue = self.session.with_untracked(|state| {
            let session = state.session();
            session.map_or_else(Vec::new, |session| session.catalogue.clone())
        });
        let mut cart = self.cart.get_untracked();
        cart.retain_available(&catalogue);
        storage::save_cart(&cart);
        self.cart.set(cart);
    }

    /// Where the buyer picks: elsewhere nobody sees it either.
    fn tell_of_ran_out(self) {
        if self.is_browsing() && self.cart.with_untracked(Cart::ran_out) {
            let told = Message::ErrorTitle(UserError::SoldOut);
            self.announcement.set(Some(told));
        }
    }

    fn next_reading(self) -> u32 {
        self.reading
            .update_value(|reading| *reading = reading.wrapping_add(1));
        self.reading.get_value()
    }

    async fn with_reauth<T>(
        self,
        request: impl AsyncFn() -> Result<T, api::Error>,
    ) -> Result<T, UserError> {
        reauth::with_reauth(self.session, self.cart, request).await
    }
}

/// And for as long as the merchant asked to be left in peace.
async fn pause(seconds: u32) {
    let seconds = seconds.max(api::retry_after());
    if seconds > 0 {
        sleep(Duration::from_secs(seconds.into())).await;
    }
}

/// Docs disagree: GoPay's pages permute what `failed`, `pending` and `cancelled` mean
/// (see [`PaymentStatus`]). Safe either way: all of them ask the merchant, and the words
/// chosen here are true for each reading.
fn hint(status: &PaymentStatus) -> Hint {
    match status {
        PaymentStatus::Success | PaymentStatus::Pending | PaymentStatus::Other(_) => Hint::Underway,
        PaymentStatus::Failed | PaymentStatus::Cancelled => Hint::Unpaid,
    }
}
