//! The share sheet: GoPay's, or else the browser's.

use crate::browser;
use gopay_container::Error;
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DomException, ShareData};

/// Whether a share sheet was opened. Unverified: whether the buyer shares from it, which neither GoPay
/// nor a browser reports reliably.
pub async fn share(text: &str) -> bool {
    if !browser::has_container() {
        return share_by_browser(text).await;
    }
    match gopay_container::sharing::share(text).await {
        // After two minutes without an answer the sheet was open.
        Ok(()) | Err(Error::TimedOut) => true,
        Err(_) => share_by_browser(text).await,
    }
}

/// Android's web views have no share sheet. Where there is one, `AbortError` is the buyer's choice.
async fn share_by_browser(text: &str) -> bool {
    let navigator = window().navigator();
    let sheet = js_sys::Reflect::get(&navigator, &JsValue::from_str("share"));
    if !sheet.is_ok_and(|sheet| sheet.is_function()) {
        return false;
    }
    let data = ShareData::new();
    data.set_text(text);
    match JsFuture::from(navigator.share_with_data(&data)).await {
        Ok(_) => true,
        Err(refusal) => (refusal.dyn_ref::<DomException>())
            .is_some_and(|refusal| refusal.name() == "AbortError"),
    }
}
