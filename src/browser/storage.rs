//! What survives a reload or a killed app. Invariant: never a credential; nothing that
//! the merchant would be asked to believe.

use crate::cart::Cart;
use crate::checkout::Attempt;
use crate::funnel::Launched;
use crate::json;
use crate::text::Locale;
use leptos::prelude::window;
use web_sys::Storage;

const ATTEMPT: &str = "attempt";
const BUYER: &str = "buyer";
const CART: &str = "cart";
const LANGUAGE: &str = "language";
const LAUNCHED: &str = "launched";
const NAMELESS: &str = "nameless";

/// Keeps an unanswered attempt, also across the app's death.
pub fn keep_attempt(attempt: &Attempt) {
    if let (Some(storage), Ok(text)) = (lasting(), serde_json::to_string(attempt)) {
        let _ = storage.set_item(ATTEMPT, &text);
    }
}

/// The attempt that is kept.
pub fn attempt() -> Option<Attempt> {
    json::parse(&lasting()?.get_item(ATTEMPT).ok()??)
}

/// Whether there may be one.
pub fn has_attempt() -> bool {
    is_kept(ATTEMPT)
}

/// It has been answered.
pub fn drop_attempt() {
    if let Some(storage) = lasting() {
        let _ = storage.remove_item(ATTEMPT);
    }
}

/// Keeps who is signed in, by the merchant's own number. Whether it was the same one before.
pub fn keep_buyer(customer: &str) -> bool {
    let Some(storage) = lasting() else {
        return false;
    };
    let before = storage.get_item(BUYER).ok().flatten();
    let _ = storage.set_item(BUYER, customer);
    before.as_deref() == Some(customer)
}

/// Whether a buyer was signed in here before, whose session may still be good.
pub fn has_buyer() -> bool {
    is_kept(BUYER)
}

/// Keeps the cart, also across the app's death.
pub fn keep_cart(cart: &Cart) {
    if let Some(storage) = lasting() {
        let _ = storage.set_item(CART, &cart.to_kept(super::phone_now()));
    }
}

/// The cart that is kept, unless it has been for too long.
pub fn cart() -> Option<Cart> {
    let text = lasting()?.get_item(CART).ok()??;
    Cart::from_kept(&text, super::phone_now())
}

/// Keeps the buyer's own choice of language.
pub fn keep_language(locale: Locale) {
    if let Some(storage) = lasting() {
        let _ = storage.set_item(LANGUAGE, locale.tag());
    }
    if let Some(storage) = passing() {
        let _ = storage.remove_item(LANGUAGE);
    }
}

/// Keeps the language of the link that the buyer came by, for as long as the page's tab lives.
pub fn keep_language_of_link(locale: Locale) {
    if let Some(storage) = passing() {
        let _ = storage.set_item(LANGUAGE, locale.tag());
    }
}

/// The language that the link or the buyer chose, whichever was last.
pub fn language() -> Option<Locale> {
    [passing(), lasting()].into_iter().find_map(|storage| {
        let tag = storage?.get_item(LANGUAGE).ok()??;
        Locale::from_tag(&tag)
    })
}

/// Keeps which orders GoPay got.
pub fn keep_launched(launched: &Launched) {
    if let Some(storage) = lasting() {
        let _ = storage.set_item(LAUNCHED, &launched.to_text());
    }
}

/// The orders that GoPay got and that are not known to be paid.
pub fn launched() -> Launched {
    let text = lasting().and_then(|storage| storage.get_item(LAUNCHED).ok()?);
    Launched::parse(&text.unwrap_or_default())
}

/// Keeps that the buyer would rather not be called by name.
pub fn keep_nameless() {
    if let Some(storage) = lasting() {
        let _ = storage.set_item(NAMELESS, "");
    }
}

/// Whether they said so.
pub fn is_nameless() -> bool {
    is_kept(NAMELESS)
}

fn is_kept(key: &str) -> bool {
    let kept = lasting().and_then(|storage| storage.get_item(key).ok()?);
    kept.is_some()
}

fn lasting() -> Option<Storage> {
    window().local_storage().ok()?
}

fn passing() -> Option<Storage> {
    window().session_storage().ok()?
}
