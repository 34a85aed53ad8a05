//! What the buyer takes along: GoPay's clipboard, or else the browser's.

use gopay_container::sharing::copy_to_clipboard;
use leptos::prelude::window;
use wasm_bindgen_futures::JsFuture;

/// Whether `text` is on the clipboard now. Where GoPay did not put it there, whatever its
/// reason, the browser is asked: to have it there twice does no harm.
pub async fn copy(text: &str) -> bool {
    copy_to_clipboard(text).await.is_ok() || copy_by_browser(text).await
}

/// An old web view has no clipboard, nor has any page that came over plain http; one that has
/// may still refuse.
async fn copy_by_browser(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    !clipboard.is_undefined() && JsFuture::from(clipboard.write_text(text)).await.is_ok()
}
