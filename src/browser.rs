//! The browser apart from the network: history, storage, clocks, random numbers.
//!
//! Invariant: no function here returns an error. Without storage or history the app is
//! forgetful, never broken.

pub mod boot;
pub mod clipboard;
pub mod package;
pub mod share;
pub mod snap;
pub mod storage;

use crate::locale::Locale;
use crate::route::{self, Route};
use crate::text::shop;
use contract::IdempotencyKey;
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

pub fn route() -> Route {
    let location = window().location();
    if package::is_packaged() {
        Route::parse_fragment(&location.hash().unwrap_or_default())
    } else {
        Route::parse(&location.pathname().unwrap_or_default())
    }
}

/// The address bar's query, with its question mark; in a package also the fragment's query.
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

/// Whether the address asks for the debug view.
#[cfg(feature = "debug")]
pub fn is_debug() -> bool {
    let query = query();
    (query.trim_start_matches('?').split('&'))
        .any(|pair| pair == "debug" || pair.starts_with("debug="))
}

/// The address of a route, without a query.
fn address(route: &Route) -> String {
    if package::is_packaged() {
        let path = window().location().pathname().unwrap_or_default();
        [&path, persistent_query(), &route.fragment()].concat()
    } else {
        [&route.path(), persistent_query()].concat()
    }
}

/// The query that every address keeps.
fn persistent_query() -> &'static str {
    #[cfg(feature = "debug")]
    if is_debug() {
        return "?debug";
    }
    ""
}

/// The history state of an entry that was pushed from the menu.
const FROM_SHOP: &str = "shop";

/// Puts `route` into the address bar as a new history entry. The menu is one step back instead, else
/// each order would add two entries before the way out of the app.
pub fn navigate(route: &Route) {
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

/// Reloads the page at this address.
pub fn reload_at(route: &Route) {
    replace_address(route);
    reload();
}

/// Puts `route` into the address bar, in place of the entry there.
pub fn replace_address(route: &Route) {
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address(route)));
    }
}

/// Removes the query from the address bar, so that a reload does not act on it again.
pub fn clear_query() {
    replace_address(&route());
}

/// Leaves the page for another site's.
pub fn open_page(address: &str) {
    let _ = window().location().assign(address);
}

pub fn reload() {
    let _ = window().location().reload();
}

/// Calls back when the buyer moves through the history.
pub fn on_popstate(callback: impl Fn(Route) + 'static) {
    window_event_listener_untyped("popstate", move |_| callback(route()));
}

thread_local! {
    /// Whether the page is taken for visible, whatever `document.hidden` says.
    static IS_ASSUMED_VISIBLE: Cell<bool> = const { Cell::new(false) };
}

/// After a tap or an answer of GoPay the page is visible. Not every web view reports it.
pub fn assume_visible() {
    IS_ASSUMED_VISIBLE.set(true);
}

/// Calls back when the page is visible again: after another app, from the back-forward cache, after a
/// lost network, or when a tap shows it.
pub fn on_resume(callback: impl Fn() + Clone + 'static) {
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
                assume_visible();
            } else if name == "visibilitychange" {
                IS_ASSUMED_VISIBLE.set(false);
            }
            // A page that has just loaded was not hidden before.
            let has_loaded = event
                .dyn_ref::<PageTransitionEvent>()
                .is_some_and(|shown| !shown.persisted());
            // On a visible page a tap is no news.
            if !is_hidden() && !has_loaded && (was_hidden || !is_proof) {
                callback();
            }
        });
    }
}

/// Whether the phone reports no network. The report may be wrong.
pub fn is_offline() -> bool {
    !window().navigator().on_line()
}

pub fn is_hidden() -> bool {
    document().hidden() && !IS_ASSUMED_VISIBLE.get()
}

/// The shortest sleep of the phone that is counted.
const MIN_SLEEP_MS: u64 = 30_000;

/// What is counted of a longer jump of the phone's clock, which may be a changed setting: more than any
/// countdown lasts, and at its end the app asks the merchant.
const MAX_SLEEP_MS: u64 = 3_600_000;

thread_local! {
    /// The last reading of both clocks, and how long the phone has slept, in milliseconds.
    static CLOCKS: Cell<(u64, u64, u64)> = const { Cell::new((0, 0, 0)) };
}

/// A clock that only goes forward, for spans. The browser's stops while an Android phone sleeps; the
/// phone's own does not.
pub fn monotonic_ms() -> u64 {
    let running = window()
        .performance()
        .map_or(0, |performance| performance.now() as u64);
    let phone = wall_clock_ms();
    let (running_before, phone_before, mut slept) = CLOCKS.get();
    let passed = running.saturating_sub(running_before);
    let missed = phone.saturating_sub(phone_before).saturating_sub(passed);
    if missed >= MIN_SLEEP_MS {
        slept += missed.min(MAX_SLEEP_MS);
    }
    CLOCKS.set((running, phone, slept));
    running + slept
}

/// Milliseconds since 1970 by the phone, which may be wrong by any amount.
pub fn wall_clock_ms() -> u64 {
    js_sys::Date::now() as u64
}

/// A new idempotency key, a version 4 UUID. `crypto.randomUUID` is younger than the supported phones,
/// and exists over https only.
pub fn new_key() -> IdempotencyKey {
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
    IdempotencyKey::from(text)
}

/// Sets the page's language, for screen readers.
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

/// Shows the element of this id at the top of the page.
pub fn scroll_to(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        element.scroll_into_view();
    }
}

/// Marks the element of this id as what a link was about.
pub fn highlight(id: &str) {
    if let Some(element) = document().get_element_by_id(id) {
        let _ = element.set_attribute("data-linked", "");
    }
}

/// The same, if the focused element has gone.
pub fn focus_if_lost(id: &str) {
    let lost = document()
        .active_element()
        .is_none_or(|it| it.tag_name() == "BODY");
    if lost {
        focus(id);
    }
}

/// Calls back when the current change is on the page, without the cost of a timer.
pub fn after_render(callback: Box<dyn FnOnce()>) {
    // The first turn runs the readers of a changed signal, the second those they wake.
    // `tick` waits as long, and costs 330 bytes.
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

/// Calls back when the page has been painted.
pub fn after_paint(callback: impl FnOnce() + 'static) {
    request_animation_frame(move || set_timeout(callback, Duration::ZERO));
}

/// Removes the boot skeleton; see `index.html`.
pub fn remove_skeleton() {
    set_root_attribute("data-boot", "ready");
    if let Some(skeleton) = document().get_element_by_id("boot") {
        skeleton.remove();
    }
}

/// Shows the static crash page of `index.html`. The merchant is told the place in the source.
pub fn show_crash(place: &str) {
    set_root_attribute("data-at", place);
    show_failure("crash");
}

/// Shows the static page of an app that did not load completely.
pub fn show_load_failure() {
    show_failure("load");
}

fn show_failure(face: &str) {
    set_root_attribute("data-failed", face);
    set_root_attribute("data-boot", "failed");
}

fn set_root_attribute(attribute: &str, value: &str) {
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.document_element());
    if let Some(root) = root {
        let _ = root.set_attribute(attribute, value);
    }
}

/// Whether the page comes from this machine: a developer's.
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

/// Whether the page is for GoPay's container. In the sandbox there is none, and the merchant says so.
pub fn has_container() -> bool {
    document().get_element_by_id("sandbox").is_none()
}

/// The content of the page's `<meta>` of this name, unless empty.
fn meta(name: &str) -> Option<String> {
    let meta = document().query_selector(&["meta[name=", name, "]"].concat());
    let content = meta.ok().flatten()?.get_attribute("content")?;
    (!content.is_empty()).then_some(content)
}
