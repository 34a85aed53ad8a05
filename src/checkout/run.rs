//! Carries out what the checkout commands, and feeds it what comes of it.
//!
//! Invariant: one answer to [`Command::Read`] counts, that to the last one.

use super::{Attempt, Command, Event, Hint, State, apply};
use crate::api;
use crate::browser::{self, storage};
use crate::cart::Cart;
use crate::funnel;
use crate::later::{self, Presence};
use crate::route::Route;
use crate::session::{self, again};
use crate::text::Message;
use crate::trouble::Trouble;
use contract::Session;
use gloo_timers::future::sleep;
use gopay_container::PaymentStatus;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

/// The checkout and what its commands act on.
#[derive(Clone, Copy)]
pub struct Runner {
    checkout: RwSignal<State>,
    session: RwSignal<session::State>,
    cart: RwSignal<Cart>,
    announcement: RwSignal<Option<Message>>,
    pub(crate) later: RwSignal<Presence>,
    /// Number of the last reading that was asked for; an answer to an older one is dropped.
    reading: StoredValue<u32>,
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
        later: RwSignal<Presence>,
    ) -> Self {
        Self {
            checkout,
            session,
            cart,
            announcement,
            later,
            reading: StoredValue::new(0),
        }
    }

    /// Lets the checkout take an event, and carries out what it commands.
    pub fn send(self, event: Event) {
        let before = self.checkout.get_untracked();
        let (next, commands) = apply(before.clone(), event);
        if before != next {
            funnel::tell::change(&before, &next);
            // Whoever reads on finds nothing that was said of another screen.
            if before.face() != next.face() {
                self.announcement.set(None);
            }
            self.checkout.set(next);
        }
        for command in commands {
            self.run(command);
        }
    }

    /// Somebody is signed in. The menu needs no more to be there; whatever else there is to do
    /// is for the second part.
    pub fn signed_in_as(self, session: Session) {
        let open_order = session.open_order.clone();
        self.session.set(session::State::In(Box::new(session)));
        self.keep_sold();
        if browser::route() == Route::Shop && !storage::has_attempt() {
            self.checkout.set(State::menu(open_order));
            later::leave(move |later| (later.started)(self));
        } else {
            later::wish(self.later, move |later| (later.started)(self));
        }
    }

    /// The rest of [`signed_in_as`](Self::signed_in_as).
    pub fn started(self) {
        let menu = self.checkout.get_untracked();
        if menu != State::Starting {
            funnel::tell::change(&State::Starting, &menu);
        } else if let Some((customer, open_order)) = self.session.with_untracked(|state| {
            let session = state.session()?;
            Some((session.customer.id.clone(), session.open_order.clone()))
        }) {
            let (kept, now) = (storage::attempt(), browser::phone_now());
            // It would make every start wait for the second part.
            if kept.as_ref().is_none_or(|attempt| attempt.is_outdated(now)) {
                storage::drop_attempt();
            }
            self.send(Event::Started {
                route: browser::route(),
                attempt: kept.filter(|attempt| attempt.is_worth_finishing(&customer, now)),
                open_order,
            });
        }
        // After what the new screen says.
        self.tell_of_ran_out();
    }

    /// Nobody could be signed in.
    pub fn not_signed_in(self, trouble: Trouble) {
        self.session.set(session::State::Failed(trouble));
        funnel::tell::sign_in_failed(trouble);
    }

    fn run(self, command: Command) {
        match command {
            Command::Remember(attempt) => storage::keep_attempt(&attempt),
            Command::Forget => storage::drop_attempt(),
            Command::Place { attempt, after } => spawn_local(self.place(attempt, after)),
            Command::Reprice => spawn_local(async move {
                let answer = again::sign_in(self.session, self.cart).await;
                self.send(Event::Repriced(answer));
            }),
            Command::FillCart(lines) => {
                let cart = Cart::from_lines(lines);
                storage::keep_cart(&cart);
                self.cart.set(cart);
                // What is on its way to the merchant stays as it was sent.
                if self.is_browsing() {
                    self.keep_sold();
                    self.tell_of_ran_out();
                }
            }
            Command::Show(route) => browser::show(&route),
            Command::Launch { deeplink, launch } => spawn_local(async move {
                let hint = match gopay_container::launch_payment(&deeplink).await {
                    Ok(status) => Ok(hint(&status)),
                    Err(error) => Err(session::trouble(&error)),
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
            Command::Renew { id, key } => spawn_local(async move {
                let answer = self
                    .signed_in(async || api::renew_payment(&id, &key).await)
                    .await;
                self.send(Event::Renewed { key, answer });
            }),
            Command::CallOff { id } => spawn_local(async move {
                let answer = self.signed_in(async || api::cancel_order(&id).await).await;
                self.send(Event::CalledOff { id, answer });
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
            self.signed_in(async || api::place_order(&attempt).await)
                .await
        } else {
            Err(Trouble::AnotherBuyer)
        };
        self.send(Event::Placed(answer));
    }

    /// While nobody sees the page nothing is asked: whoever comes back wakes the checkout.
    async fn read(self, id: String, after: u32, reading: u32) {
        if self.is_due(after, reading).await {
            let answer = self.signed_in(async || api::read_order(&id).await).await;
            if self.reading.get_value() == reading {
                self.send(Event::Read { id, answer });
            }
        }
    }

    async fn list(self, after: u32, reading: u32) {
        if self.is_due(after, reading).await {
            let answer = self.signed_in(api::read_orders).await;
            if self.reading.get_value() == reading {
                self.send(Event::Listed(answer));
            }
        }
    }

    /// Whether the question is still to be asked after so many seconds.
    async fn is_due(self, after: u32, reading: u32) -> bool {
        pause(after).await;
        self.reading.get_value() == reading && !browser::is_hidden()
    }

    fn is_browsing(self) -> bool {
        (self.checkout).with_untracked(|state| matches!(state, State::Browsing { .. }))
    }

    /// Takes out of the cart what cannot be had.
    fn keep_sold(self) {
        let catalogue = self.session.with_untracked(|state| {
            let session = state.session();
            session.map_or_else(Vec::new, |session| session.catalogue.clone())
        });
        let mut cart = self.cart.get_untracked();
        cart.keep_sold(&catalogue);
        storage::keep_cart(&cart);
        self.cart.set(cart);
    }

    /// Where the buyer picks: elsewhere nobody sees it either.
    fn tell_of_ran_out(self) {
        if self.is_browsing() && self.cart.with_untracked(Cart::ran_out) {
            let told = Message::Happened(Trouble::SoldOut);
            self.announcement.set(Some(told));
        }
    }

    fn next_reading(self) -> u32 {
        self.reading
            .update_value(|reading| *reading = reading.wrapping_add(1));
        self.reading.get_value()
    }

    async fn signed_in<T>(
        self,
        request: impl AsyncFn() -> Result<T, api::Error>,
    ) -> Result<T, Trouble> {
        again::signed_in(self.session, self.cart, request).await
    }
}

/// And for as long as the merchant asked to be left in peace.
async fn pause(seconds: u32) {
    let seconds = seconds.max(api::rest());
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
