//! What survives a reload or a killed app. Invariant: no credential, and no fact that the
//! merchant would have to believe. In the sandbox `boot.js` keeps a test buyer's code here, too.

use crate::analytics::Launched;
use crate::campaign;
use crate::cart::Cart;
use crate::checkout::Attempt;
use crate::json;
use crate::locale::Locale;
use contract::CustomerId;
use leptos::prelude::window;
use web_sys::Storage;

const ATTEMPT: &str = "attempt";
const BUYER: &str = "buyer";
const CAMPAIGN: &str = "campaign";
const CART: &str = "cart";
const LANGUAGE: &str = "language";
const LAUNCHED: &str = "launched";
const NAMELESS: &str = "nameless";

/// Stores an attempt until it is answered.
pub fn save_attempt(attempt: &Attempt) {
    if let (Some(storage), Ok(text)) = (local(), serde_json::to_string(attempt)) {
        let _ = storage.set_item(ATTEMPT, &text);
    }
}

pub fn attempt() -> Option<Attempt> {
    json::parse(&local()?.get_item(ATTEMPT).ok()??)
}

pub fn has_attempt() -> bool {
    has_item(ATTEMPT)
}

pub fn clear_attempt() {
    if let Some(storage) = local() {
        let _ = storage.remove_item(ATTEMPT);
    }
}

/// Stores the customer's id. Returns whether it is the one that was stored before.
pub fn save_buyer(customer: &CustomerId) -> bool {
    let Some(storage) = local() else {
        return false;
    };
    let before = storage.get_item(BUYER).ok().flatten();
    let _ = storage.set_item(BUYER, customer.as_str());
    before.as_deref() == Some(customer.as_str())
}

/// Whether a buyer was signed in here before, whose session may still be valid.
pub fn has_buyer() -> bool {
    has_item(BUYER)
}

pub fn save_cart(cart: &Cart) {
    if let Some(storage) = local() {
        let _ = storage.set_item(CART, &cart.to_stored(super::wall_clock_ms()));
    }
}

/// The stored cart, unless it is too old.
pub fn cart() -> Option<Cart> {
    let text = local()?.get_item(CART).ok()??;
    Cart::from_stored(&text, super::wall_clock_ms())
}

/// Stores the buyer's choice of language.
pub fn save_language(locale: Locale) {
    if let Some(storage) = local() {
        let _ = storage.set_item(LANGUAGE, locale.tag());
    }
    if let Some(storage) = session() {
        let _ = storage.remove_item(LANGUAGE);
    }
}

/// Stores the language of the opening link, for the life of the tab.
pub fn save_link_language(locale: Locale) {
    if let Some(storage) = session() {
        let _ = storage.set_item(LANGUAGE, locale.tag());
    }
}

/// The language that the link or the buyer chose last.
pub fn language() -> Option<Locale> {
    [session(), local()].into_iter().find_map(|storage| {
        let tag = storage?.get_item(LANGUAGE).ok()??;
        Locale::from_tag(&tag)
    })
}

/// Stores what a campaign address set for the next order, for the life of the tab.
pub fn save_campaign(state: &campaign::State) {
    if let Some(storage) = session() {
        let _ = storage.set_item(CAMPAIGN, &state.to_query());
    }
}

/// What [`save_campaign`] stored; empty for nothing.
pub fn campaign() -> String {
    let text = session().and_then(|storage| storage.get_item(CAMPAIGN).ok()?);
    text.unwrap_or_default()
}

pub fn save_launched(launched: &Launched) {
    if let Some(storage) = local() {
        let _ = storage.set_item(LAUNCHED, &launched.to_text());
    }
}

/// The orders that were launched in GoPay and are not known to be paid.
pub fn launched() -> Launched {
    let text = local().and_then(|storage| storage.get_item(LAUNCHED).ok()?);
    Launched::parse(&text.unwrap_or_default())
}

/// Stores that the buyer declined to be called by name.
pub fn save_name_declined() {
    if let Some(storage) = local() {
        let _ = storage.set_item(NAMELESS, "");
    }
}

pub fn has_declined_name() -> bool {
    has_item(NAMELESS)
}

fn has_item(key: &str) -> bool {
    let stored = local().and_then(|storage| storage.get_item(key).ok()?);
    stored.is_some()
}

fn local() -> Option<Storage> {
    window().local_storage().ok()?
}

fn session() -> Option<Storage> {
    window().session_storage().ok()?
}
