//! Carries out the checkout's commands, and sends it the events that follow.
//!
//! Invariant: only the answer to the last [`Command::Read`] counts.

use crate::analytics;
use crate::api;
use crate::browser::{self, package, storage};
use crate::campaign::{self, Link, Notice, Target};
use crate::cart::Cart;
use crate::checkout::{Attempt, Command, Event, Hint, OrderSnapshot, State, apply, reminder};
use crate::context::Context;
use crate::deferred;
use crate::route::Route;
use crate::session::{self, reauth};
use crate::text::{Message, shop};
use crate::user_error::UserError;
use contract::{OpenOrder, Order, OrderId, PaymentWay, Product, Session};
use gloo_timers::future::sleep;
use gopay_container::payment::{PaymentHint, launch_payment};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use std::time::Duration;

/// How long signing in may take before an order is read with the stored session.
const EARLY_READ_DELAY: Duration = Duration::from_millis(400);

/// How often a hidden page checks whether it is visible again.
const RECHECK_VISIBILITY_SECONDS: u64 = 5;

// State of the page; a stored value of another type would add half a kilobyte.
thread_local! {
    /// Whether the menu's data is being fetched.
    static IS_REFRESHING: Cell<bool> = const { Cell::new(false) };
    static IS_SUBSCRIBED: Cell<bool> = const { Cell::new(false) };
    /// Whether the signed-in buyer is the one whose session was stored.
    static IS_SAME: Cell<bool> = const { Cell::new(false) };
    /// The number of the last read; an answer to an older one is dropped.
    static READING: Cell<u32> = const { Cell::new(0) };
}

#[derive(Debug, Clone, Copy)]
pub struct Runner(pub Context);

impl Runner {
    /// Applies an event to the checkout, and carries out its commands.
    pub fn send(self, event: Event) {
        self.subscribe();
        if matches!(event, Event::Hinted { .. }) {
            browser::assume_visible();
        }
        let before = self.0.checkout.get_untracked();
        let (next, commands) = apply(before.clone(), event);
        self.update_reminder(&next);
        // The menu needs a session, so a reload signs in first.
        let lacks_menu = matches!(next, State::Browsing { .. }) && !self.is_signed_in();
        if before != next {
            analytics::track::transition(&before, &next);
            // A message of the previous screen leaves the live region.
            if before.screen_key() != next.screen_key() {
                self.0.announcement.set(None);
            }
            self.0.checkout.set(next);
        }
        for command in commands {
            if !(lacks_menu && matches!(command, Command::Navigate(_))) {
                self.carry_out(command);
            }
        }
        if lacks_menu {
            browser::reload_at(&Route::Shop);
        }
    }

    /// Reads the address's order with the stored session, while signing in is under way: a buyer who has
    /// paid can show it, however long GoPay takes.
    pub fn read_early(self) {
        if package::is_packaged() || !storage::has_buyer() {
            return;
        }
        spawn_local(async move {
            // Signing in ends the previous session, so both at once would often be refused.
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

    fn subscribe(self) {
        if !IS_SUBSCRIBED.replace(true) {
            browser::on_resume(move || self.send(Event::Resumed));
        }
    }

    /// Updates the order of the menu's reminder.
    fn update_reminder(self, next: &State) {
        let known = self.0.session.with_untracked(|state| {
            let session = state.session();
            session.and_then(|session| session.open_order.clone())
        });
        let reminder = reminder(known.clone(), next);
        if reminder != known {
            self.update_session(|session| session.open_order = reminder);
        }
    }

    fn update_session(self, change: impl FnOnce(&mut Session)) {
        self.0.session.update(|state| {
            if let session::State::In(session) = state {
                change(session);
            }
        });
    }

    fn is_signed_in(self) -> bool {
        (self.0.session).with_untracked(|state| state.session().is_some())
    }

    /// The buyer is signed in. The menu is complete; the deferred chunk does the rest.
    pub fn signed_in_as(self, session: Session) {
        let is_same = storage::save_buyer(&session.customer.id);
        IS_SAME.set(is_same);
        // Another buyer's cart is not shown.
        let mut cart = storage::cart().filter(|_| is_same).unwrap_or_default();
        let query = browser::query();
        if cart.add_from_query(&query) {
            browser::clear_query();
        }
        self.0.cart.set(cart);
        self.0.session.set(session::State::In(Box::new(session)));
        self.retain_available();
        if browser::route() == Route::Shop && !storage::has_attempt() {
            self.0.checkout.set(State::menu());
            deferred::run_in_background(move |chunk| (chunk.started)(self.0, query));
        } else {
            deferred::run_when_loaded(*self.0.load_state, move |chunk| {
                (chunk.started)(self.0, query);
            });
        }
    }

    /// The rest of [`signed_in_as`](Self::signed_in_as); `query` is that of the address.
    pub fn started(self, query: &str) {
        self.subscribe();
        let link = Link::parse(query);
        let is_shop = browser::route() == Route::Shop;
        self.restore_campaign(is_shop && link.promo.is_some());
        if is_shop {
            self.follow_link(&link);
        }
        let shown = self.0.checkout.get_untracked();
        let customer = self.0.session.with_untracked(|state| {
            let session = state.session()?;
            Some(session.customer.id.clone())
        });
        if let State::Browsing { .. } = shown {
            analytics::track::transition(&State::Starting, &shown);
        } else if shown != State::Starting && IS_SAME.get() {
            // The order that was read early is this buyer's, and is read once more.
            self.send(Event::Resumed);
        } else if let Some(customer) = customer {
            let (stored, now) = (storage::attempt(), browser::wall_clock_ms());
            // A stored attempt makes every start wait for the deferred chunk.
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
        // After the new screen's own message.
        self.announce_sold_out();
    }

    /// Opens the menu where a campaign address says, once.
    fn follow_link(self, link: &Link) {
        if link.is_empty() {
            return;
        }
        browser::clear_query();
        let opened = self
            .0
            .with_catalogue(|products| link.checked(products, shop::TABLES));
        if let Some(name) = &opened.name {
            self.update_campaign(|state| state.name = Some(name.clone()));
        }
        match link.table(shop::TABLES) {
            None => {}
            Some(Err(notice)) => self.notice(notice),
            Some(Ok(table)) => {
                self.0
                    .announcement
                    .set(Some(Message::AtTable(table.clone())));
                self.update_campaign(|state| state.table = Some(table));
            }
        }
        match link.promo() {
            Some(Ok(code)) => {
                let mut opened = opened;
                self.set_code(&code);
                spawn_local(async move {
                    self.check_promo(code).await;
                    let promo = self.0.campaign.with_untracked(|state| state.promo.clone());
                    opened.promo = promo.map(|promo| promo.code);
                    analytics::track::campaign_opened(&opened);
                });
            }
            unreadable => {
                if let Some(Err(notice)) = unreadable {
                    self.notice(notice);
                }
                analytics::track::campaign_opened(&opened);
            }
        }
        match self.0.with_catalogue(|products| link.target(products)) {
            None => {}
            Some(Err(notice)) => self.notice(notice),
            Some(Ok(Target::Category(id))) => {
                browser::after_paint(move || browser::scroll_to(&["category-", &id].concat()));
            }
            Some(Ok(Target::Product { id, name })) => {
                let name = self.0.pick(&name);
                self.0.announcement.set(Some(Message::FromLink(name)));
                browser::after_paint(move || {
                    let id = ["product-", &id].concat();
                    browser::highlight(&id);
                    browser::scroll_to(&id);
                });
            }
        }
    }

    /// What an earlier page of this tab was opened with.
    fn restore_campaign(self, has_newer_promo: bool) {
        let stored = Link::parse(&storage::campaign());
        if let Some(name) = stored.name() {
            self.0
                .campaign
                .update(|state| state.name = Some(name.to_owned()));
        }
        if let Some(Ok(table)) = stored.table(shop::TABLES) {
            self.0.campaign.update(|state| state.table = Some(table));
        }
        if let Some(Ok(code)) = stored.promo().filter(|_| !has_newer_promo) {
            self.set_code(&code);
            spawn_local(self.check_promo(code));
        }
    }

    fn set_code(self, code: &str) {
        self.update_campaign(|state| {
            state.code = Some(code.to_owned());
            state.promo = None;
        });
    }

    /// Asks the merchant what the code takes off.
    async fn check_promo(self, code: String) {
        let answer = self
            .with_reauth(async || api::read_promo(&code).await)
            .await;
        // Another address may have brought another code meanwhile.
        let is_wanted =
            (self.0.campaign).with_untracked(|state| state.code.as_ref() == Some(&code));
        if !is_wanted {
            return;
        }
        let notice = match answer {
            Ok(promo) => {
                let words = Message::Promo(promo.code.clone());
                self.0.announcement.set(Some(words));
                return self.update_campaign(|state| state.promo = Some(promo));
            }
            Err(UserError::PromoRefused) => Notice::PromoRefused(code),
            Err(UserError::PromoExpired) => Notice::PromoExpired(code),
            // The tab keeps the code: a reload asks again.
            Err(_) => return self.notice(Notice::PromoUnchecked(code)),
        };
        self.update_campaign(|state| {
            state.code = None;
            state.promo = None;
        });
        self.notice(notice);
    }

    fn update_campaign(self, change: impl FnOnce(&mut campaign::State)) {
        let mut state = self.0.campaign.get_untracked();
        change(&mut state);
        storage::save_campaign(&state);
        self.0.campaign.set(state);
    }

    fn notice(self, notice: Notice) {
        let words = Message::LinkNoticeTitle(notice.clone());
        self.0.announcement.set(Some(words));
        self.0.campaign.update(|state| state.notice = Some(notice));
    }

    pub fn not_signed_in(self, error: UserError) {
        self.0.session.set(session::State::Failed(error));
        analytics::track::sign_in_failed(error);
    }

    fn carry_out(self, command: Command) {
        match command {
            Command::PersistAttempt(attempt) => storage::save_attempt(&attempt),
            Command::ClearAttempt => storage::clear_attempt(),
            Command::Place { attempt, after } => spawn_local(self.place(attempt, after)),
            Command::Reprice => spawn_local(async move {
                let answer = reauth::sign_in(*self.0.session, *self.0.cart).await;
                // Its rule may be what has changed.
                let code = self.0.campaign.with_untracked(|state| state.code.clone());
                if let Some(code) = code {
                    self.check_promo(code).await;
                }
                self.send(Event::Repriced(answer));
            }),
            Command::Refresh => spawn_local(self.refresh()),
            Command::FillCart(lines) => {
                let cart = Cart::from_lines(lines);
                storage::save_cart(&cart);
                self.0.cart.set(cart);
                // An order under way stays as it was sent.
                if self.is_browsing() {
                    self.retain_available();
                    self.announce_sold_out();
                }
            }
            Command::ClearPromo => self.update_campaign(|state| {
                state.refused = state.code.take();
                state.promo = None;
            }),
            Command::ClearTable => self.update_campaign(|state| state.table = None),
            Command::Navigate(route) => browser::navigate(&route),
            Command::ReplaceAddress(route) => browser::replace_address(&route),
            Command::Launch { way, launch } => spawn_local(async move {
                let hint = match way {
                    PaymentWay::Deeplink(deeplink) => match launch_payment(&deeplink).await {
                        Ok(status) => Ok(hint(&status)),
                        Err(error) => Err(session::user_error(&error)),
                    },
                    PaymentWay::SnapToken(token) => browser::snap::pay(&token).await,
                    // The buyer comes back to the order's own page.
                    PaymentWay::WebPage(address) => return browser::open_page(&address),
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
            Command::Announce(it) => self.0.announcement.set(Some(it.into())),
        }
    }

    async fn place(self, attempt: Attempt, after: u32) {
        pause(after).await;
        // Another buyer may have signed in meanwhile.
        let is_theirs = self.0.session.with_untracked(|state| {
            (state.session()).is_some_and(|session| session.customer.id == attempt.customer)
        });
        let answer = if is_theirs {
            self.place_replacing(&attempt).await
        } else {
            Err(UserError::AnotherBuyer)
        };
        self.send(Event::Placed(answer));
    }

    /// Cancels the replaced orders, then places the order. A replaced order that is paid was paid on
    /// purpose, and is an order of its own.
    async fn place_replacing(self, attempt: &Attempt) -> Result<OrderSnapshot, UserError> {
        for replaced in attempt.replaced() {
            match self.place_and_cancel(replaced).await {
                Ok(snapshot) if snapshot.order.status.is_open() => {
                    return Err(UserError::GopayDown);
                }
                Err(error) if error.outcome_is_unknown() => return Err(error),
                // There is nothing left to cancel.
                Ok(_) | Err(_) => {}
            }
        }
        self.with_reauth(async || api::place_order(attempt).await)
            .await
    }

    /// Repeats the attempt to learn its order's id, and cancels the order if it is open.
    async fn place_and_cancel(self, attempt: &Attempt) -> Result<OrderSnapshot, UserError> {
        let snapshot = self
            .with_reauth(async || api::place_order(attempt).await)
            .await?;
        if !snapshot.order.status.is_open() {
            return Ok(snapshot);
        }
        let id = &snapshot.order.id;
        self.with_reauth(async || api::cancel_order(id).await).await
    }

    /// Fetches the catalogue and the open order.
    async fn refresh(self) {
        if IS_REFRESHING.replace(true) {
            return;
        }
        let fresh = self.fetch_menu().await;
        IS_REFRESHING.set(false);
        // The buyer may have left the menu meanwhile.
        if let Ok((catalogue, open_order)) = fresh
            && self.is_browsing()
        {
            self.update_session(|session| {
                session.catalogue = catalogue;
                session.open_order = open_order;
            });
            self.retain_available();
            self.announce_sold_out();
        }
    }

    async fn fetch_menu(self) -> Result<(Vec<Product>, Option<OpenOrder>), UserError> {
        let catalogue = self.with_reauth(api::read_catalogue).await?;
        let orders = self.with_reauth(api::read_orders).await?;
        Ok((catalogue, orders.iter().find_map(Order::open)))
    }

    /// A hidden page sends no automatic read.
    async fn read(self, id: OrderId, after: u32, reading: u32) {
        if self.is_due(after, reading).await {
            let answer = self.with_reauth(async || api::read_order(&id).await).await;
            if READING.get() == reading {
                self.send(Event::Read { id, answer });
            }
        }
    }

    async fn list(self, after: u32, reading: u32) {
        if self.is_due(after, reading).await {
            let answer = self.with_reauth(api::read_orders).await;
            if READING.get() == reading {
                self.send(Event::Listed(answer));
            }
        }
    }

    /// Whether the read is still due `after` seconds from now. A read without a pause is due on a hidden
    /// page too.
    async fn is_due(self, after: u32, reading: u32) -> bool {
        pause(after).await;
        // Not every web view reports that the page is visible again.
        while after > 0 && READING.get() == reading && browser::is_hidden() {
            sleep(Duration::from_secs(RECHECK_VISIBILITY_SECONDS)).await;
        }
        READING.get() == reading
    }

    fn is_browsing(self) -> bool {
        (self.0.checkout).with_untracked(|state| matches!(state, State::Browsing { .. }))
    }

    /// Removes unavailable products from the cart.
    fn retain_available(self) {
        let catalogue = self.0.session.with_untracked(|state| {
            let session = state.session();
            session.map_or_else(Vec::new, |session| session.catalogue.clone())
        });
        let mut cart = self.0.cart.get_untracked();
        cart.retain_available(&catalogue);
        storage::save_cart(&cart);
        self.0.cart.set(cart);
    }

    /// Announces a sold-out product, on the menu only.
    fn announce_sold_out(self) {
        if self.is_browsing() && self.0.cart.with_untracked(Cart::ran_out) {
            let message = Message::ErrorTitle(UserError::SoldOut);
            self.0.announcement.set(Some(message));
        }
    }

    fn next_reading(self) -> u32 {
        READING.set(READING.get().wrapping_add(1));
        READING.get()
    }

    async fn with_reauth<T>(
        self,
        request: impl AsyncFn() -> Result<T, api::Error>,
    ) -> Result<T, UserError> {
        reauth::with_reauth(*self.0.session, *self.0.cart, request).await
    }
}

/// Waits, and at least for the rest of `Retry-After`.
async fn pause(seconds: u32) {
    let seconds = seconds.max(api::retry_after());
    if seconds > 0 {
        sleep(Duration::from_secs(seconds.into())).await;
    }
}

/// Docs disagree: GoPay's pages permute what `failed`, `pending` and `cancelled` mean (see
/// [`PaymentHint`]). Safe either way: each leads to a read, and the words are true for each meaning.
fn hint(status: &PaymentHint) -> Hint {
    match status {
        PaymentHint::Failed | PaymentHint::Cancelled => Hint::Unpaid,
        _ => Hint::Underway,
    }
}
