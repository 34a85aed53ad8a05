//! What the buyer's taps do besides the checkout's transitions.

use crate::browser::{self, clipboard, share, storage};
use crate::checkout::{Attempt, Event, State};
use crate::context::Context;
use crate::text::{Menu, Message};
use crate::toast;
use crate::user_error::UserError;
use contract::Product;
use leptos::prelude::*;
use leptos::task::spawn_local;

impl Context {
    pub fn set_quantity(self, product: &Product, quantity: u32) {
        self.cart.update(|cart| cart.set(&product.id, quantity));
        let name = self.locale.get_untracked().pick(&product.name).to_owned();
        // After the new number is shown, because storing takes as long.
        browser::after_render(Box::new(move || {
            let _ = self.cart.try_with_untracked(storage::save_cart);
            let words = Menu::InCart(name, quantity);
            let _ = self.announcement.try_set(Some(words.into()));
        }));
    }

    /// Announces the message and shows it as a toast.
    pub fn notify(self, message: Message) {
        let words = self.say(&message);
        self.announcement.set(Some(message));
        toast::show(self.toast, words);
    }

    pub fn copy_number(self, number: String) {
        spawn_local(self.copy(number));
    }

    /// Shares the text; without a share sheet, copies it.
    pub fn share(self, text: String) {
        spawn_local(async move {
            if !share::share(&text).await {
                self.copy(text).await;
            }
        });
    }

    async fn copy(self, text: String) {
        let copied = clipboard::copy(&text).await;
        self.notify(if copied {
            Message::Copied
        } else {
            Message::NotCopied
        });
    }

    /// Pays the cart, unless it is empty. On a phone that reports no network the first tap only says so;
    /// a second one is tried, because the report may be wrong for ever.
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
            let mut order = self
                .cart
                .with_untracked(|cart| cart.order(&session.catalogue))?;
            self.campaign.with_untracked(|state| {
                order.table = state.table.clone();
                if state.discount(order.expected_total).is_some() {
                    order.promo = state.code.clone();
                    order.expected_total = state.price(order.expected_total);
                }
            });
            let customer = session.customer.id.clone();
            let made_at = browser::wall_clock_ms();
            // An attempt that is still stored was never answered.
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
}
