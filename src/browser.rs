//! What the app needs of the browser besides the network: history, storage, clocks, chance.
//!
//! Invariant: nothing here can fail upwards. A browser that refuses storage or history
//! makes the app forgetful, never broken.

pub mod boot;
pub mod clipboard;
pub mod package;
pub mod share;
pub mod storage;

use crate::checkout::Key;
use crate::route::{self, Route};
use crate::text::{Locale, shop};
use leptos::prelude::{
    document, request_animation_frame, set_timeout, window, window_event_listener_untyped,
};
use leptos::task::spawn_local;
use std::cell::Cell;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, PageTransitionEvent};

/// The route in the address bar.
pub fn route() -> Route {
    let location = window().location();
    if package::is_packaged() {
        Route::parse_fragment(&location.hash().unwrap_or_default())
    } else {
        Route::parse(&location.pathname().unwrap_or_default())
    }
}

/// The query in the address bar, with its question mark; in a package also the one behind
/// the route.
pub fn query() -> String {
    let location = window().location();
    let query = location.search().unwrap_or_default();
    if package::is_packaged() {
        let fragment = location.hash().unwrap_or_default();
        [&query, "&", route::fragment_query(&fragment)].concat()
    } else {
        query
    }
}

/// Where the address bar says `route`, without a query.
fn address(route: &Route) -> String {
    if package::is_packaged() {
        let path = window().location().pathname().unwrap_or_default();
        [&path, lasting_query(), &route.fragment()].concat()
    } else {
        [&route.path(), lasting_query()].concat()
    }
}

/// What stays in the address bar wherever the buyer goes, and through each reload.
fn lasting_query() -> &'static str {
    #[cfg(feature = "debug")]
    if crate::debug::is_asked_for() {
        return "?debug";
    }
    ""
}

/// What the history keeps of an entry that was made from the menu.
const FROM_SHOP: &str = "shop";

/// Makes the address bar say `route`: as a new entry of the history, but for the menu, which is one
/// step back. Else each order would put two more entries between the buyer and the way out of the app.
pub fn show(route: &Route) {
    let before = self::route();
    let Ok(history) = window().history() else {
        return;
    };
    if before == *route {
        return;
    }
    let address = Some(&*address(route));
    let _ = if *route != Route::Shop {
        let from = if before == Route::Shop {
            FROM_SHOP.into()
        } else {
            JsValue::NULL
        };
        history.push_state_with_url(&from, "", address)
    } else if history.state().is_ok_and(|from| from == FROM_SHOP) {
        history.back()
    } else {
        history.replace_state_with_url(&JsValue::NULL, "", address)
    };
}

/// Loads the page anew, at this address.
pub fn reload_at(route: &Route) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address(route)));
    }
    reload();
}

/// Takes the query out of the address bar, so that a reload does not act on it again.
pub fn drop_query() {
    if let Ok(history) = window().history() {
        let address = address(&route());
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address));
    }
}

/// Loads the page anew.
pub fn reload() {
    let _ = window().location().reload();
}

/// Calls back when the buyer goes back or forward in the history.
pub fn on_travel(callback: impl Fn(Route) + 'static) {
    window_event_listener_untyped("popstate", move |_| callback(route()));
}

thread_local! {
    /// Whether something has shown that the buyer is there since the page was last told of its being
    /// hidden or not.
    static IS_PRESENT: Cell<bool> = const { Cell::new(false) };
}

/// A tap, or an answer of GoPay's: whatever the page believes, it is in front of the buyer. Not every
/// web view tells it.
pub fn prove_presence() {
    IS_PRESENT.set(true);
}

/// Calls back when the page comes in front of the buyer again, from another app, from
/// the back-forward cache or from a lost network; also where only a tap shows that it has.
pub fn on_wake(callback: impl Fn() + Clone + 'static) {
    for name in [
        "visibilitychange",
        "pageshow",
        "online",
        "focus",
        "pointerdown",
    ] {
        let callback = callback.clone();
        window_event_listener_untyped(name, move |event| {
            let is_proof = matches!(name, "focus" | "pointerdown");
            let was_hidden = is_hidden();
            if is_proof {
                prove_presence();
            } else if name == "visibilitychange" {
                IS_PRESENT.set(false);
            }
            // A page that has just loaded, with its last picture perhaps, was not away.
            let has_loaded = event
                .dyn_ref::<PageTransitionEvent>()
                .is_some_and(|shown| !shown.persisted());
            // What is in front all the time has been told nothing new.
            if !is_hidden() && !has_loaded && (was_hidden || !is_proof) {
                callback();
            }
        });
    }
}

/// Whether the phone says that it has no network. It may be wrong.
pub fn is_offline() -> bool {
    !window().navigator().on_line()
}

/// Whether the page is hidden, as far as is known.
pub fn is_hidden() -> bool {
    document().hidden() && !IS_PRESENT.get()
}

/// The shortest sleep of the phone that is counted, in milliseconds.
const SHORTEST_SLEEP: u64 = 30_000;

/// So much is counted of a longer step of the phone's clock, which may have been set: more than any
/// countdown has, and at its end the merchant is asked.
const LONGEST_SLEEP: u64 = 3_600_000;

thread_local! {
    /// Both clocks when they were last looked at, and how long the phone has slept, in milliseconds.
    static CLOCKS: Cell<(u64, u64, u64)> = const { Cell::new((0, 0, 0)) };
}

/// Milliseconds of a clock that only goes forward, for spans. The browser's stands still while an
/// Android phone sleeps; the phone's own goes on.
pub fn monotonic_now() -> u64 {
    let running = window()
        .performance()
        .map_or(0, |performance| performance.now() as u64);
    let phone = phone_now();
    let (running_before, phone_before, mut slept) = CLOCKS.get();
    let passed = running.saturating_sub(running_before);
    let missed = phone.saturating_sub(phone_before).saturating_sub(passed);
    if missed >= SHORTEST_SLEEP {
        slept += missed.min(LONGEST_SLEEP);
    }
    CLOCKS.set((running, phone, slept));
    running + slept
}

/// Milliseconds since 1970 by the phone, which may be wrong by any amount.
pub fn phone_now() -> u64 {
    js_sys::Date::now() as u64
}

/// A new idempotency key, a version 4 UUID. Made by hand because `crypto.randomUUID` is
/// younger than the phones we serve, and exists over https only.
pub fn new_key() -> Key {
    let mut bytes = [0_u8; 16];
    let random = window()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    if random.is_err() {
        for byte in &mut bytes {
            *byte = js_sys::Math::random().to_bits() as u8;
        }
    }
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.into_iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 0x0f] {
            text.extend(char::from_digit(digit.into(), 16));
        }
    }
    Key(text)
}

/// Tells the page's language to whoever reads it aloud.
pub fn set_language(locale: Locale) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("lang", locale.tag());
    }
}

/// Names the page after what it shows: `Pembayaran diterima · Kedai Senja`.
pub fn set_title(words: &str) {
    document().set_title(&[words, " · ", shop::NAME].concat());
}

/// Gives the focus to the element of this id.
pub fn focus(id: &str) {
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// The same, if what had it has gone.
pub fn focus_if_lost(id: &str) {
    let lost = document()
        .active_element()
        .is_none_or(|it| it.tag_name() == "BODY");
    if lost {
        focus(id);
    }
}

/// Calls back when what follows from what is going on now is on the page, without the cost of a timer.
pub fn soon(callback: Box<dyn FnOnce()>) {
    // In the first turn runs what reads a signal that has changed, in the second what that wakes.
    // `tick` waits as long, and costs the buyer 330 bytes.
    let mut before = 2;
    let turns = poll_fn(move |context| {
        if before == 0 {
            return Poll::Ready(());
        }
        before -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    });
    spawn_local(async {
        turns.await;
        callback();
    });
}

/// Calls back when what is on the page now has been painted.
pub fn once_painted(callback: impl FnOnce() + 'static) {
    request_animation_frame(move || set_timeout(callback, Duration::ZERO));
}

/// Takes the boot skeleton away; see `index.html`.
pub fn boot_done() {
    mark_root("data-boot", "ready");
    if let Some(skeleton) = document().get_element_by_id("boot") {
        skeleton.remove();
    }
}

/// Shows the static page of an app that stopped, which needs nothing of the app; see
/// `index.html`. The merchant learns at which place of the source.
pub fn show_crash(place: &str) {
    mark_root("data-at", place);
    show_failure("crash");
}

/// Shows the static page of an app that could not be loaded to the end.
pub fn show_load_failure() {
    show_failure("load");
}

fn show_failure(face: &str) {
    mark_root("data-failed", face);
    mark_root("data-boot", "failed");
}

fn mark_root(attribute: &str, value: &str) {
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.document_element());
    if let Some(root) = root {
        let _ = root.set_attribute(attribute, value);
    }
}

/// Whether the page comes from the machine it is looked at on: a developer's.
pub fn is_local() -> bool {
    let host = window().location().hostname().unwrap_or_default();
    matches!(host.as_str(), "localhost" | "127.0.0.1" | "[::1]")
}

/// The link that opens this mini app in GoPay, where the merchant has written one into the page.
pub fn gopay_deeplink() -> Option<String> {
    let content = meta("gopay-deeplink")?;
    let is_gopay = content.starts_with("gopay://") || content.starts_with("https://");
    // The simulator's phone.
    let is_simulator = is_local() && content.starts_with("http://localhost:");
    (is_gopay || is_simulator).then_some(content)
}

/// What the page's `<meta>` of this name says, if it says something.
fn meta(name: &str) -> Option<String> {
    let meta = document().query_selector(&["meta[name=", name, "]"].concat());
    let content = meta.ok().flatten()?.get_attribute("content")?;
    (!content.is_empty()).then_some(content)
}
