//! The clipboard: GoPay's, or else the browser's.

use crate::browser;
use gopay_container::sharing::copy_to_clipboard;
use leptos::prelude::window;
use wasm_bindgen_futures::JsFuture;

/// Whether `text` is on the clipboard now. Where GoPay fails the browser copies; copying twice does
/// no harm.
pub async fn copy(text: &str) -> bool {
    browser::has_container() && copy_to_clipboard(text).await.is_ok() || copy_by_browser(text).await
}

/// Old web views and pages over plain http have no clipboard; others may refuse.
async fn copy_by_browser(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    !clipboard.is_undefined() && JsFuture::from(clipboard.write_text(text)).await.is_ok()
}
