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

/// Makes the address bar say `route`, as a new entry of the history.
pub fn show(route: &Route) {
    if let Ok(history) = window().history()
        && self::route() != *route
    {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(&address(route)));
    }
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

/// Calls back when the page comes in front of the buyer again, from another app, from
/// the back-forward cache or from a lost network.
pub fn on_wake(callback: impl Fn() + Clone + 'static) {
    for event in ["visibilitychange", "pageshow", "online"] {
        let callback = callback.clone();
        window_event_listener_untyped(event, move |event| {
            // A page that has just loaded, with its last picture perhaps, was not away.
            let has_loaded = event
                .dyn_ref::<PageTransitionEvent>()
                .is_some_and(|shown| !shown.persisted());
            if !is_hidden() && !has_loaded {
                callback();
            }
        });
    }
}

/// Whether the phone says that it has no network. It may be wrong.
pub fn is_offline() -> bool {
    !window().navigator().on_line()
}

/// Whether nobody can see the page.
pub fn is_hidden() -> bool {
    document().hidden()
}

/// Milliseconds of a clock that only goes forward, for spans.
pub fn monotonic_now() -> u64 {
    window()
        .performance()
        .map_or(0, |performance| performance.now() as u64)
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
pub fn soon(callback: impl FnOnce() + 'static) {
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
/// `index.html`.
pub fn show_crash() {
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
