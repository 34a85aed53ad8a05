//! Without a framework: signs in and writes the outcome into the page.

use gopay_container::{Error, auth::get_auth_code};

fn main() {
    wasm_bindgen_futures::spawn_local(async {
        let text = match get_auth_code().await {
            // Send `auth_code.expose()` to the merchant's back end here.
            Ok(_auth_code) => "Signed in",
            Err(Error::NotInGoPay | Error::NotLoaded) => "Open this page in GoPay",
            Err(Error::Unsupported) => "Update GoPay",
            Err(error) if error.is_retryable() => "Try again",
            Err(_) => "GoPay refused",
        };
        let document = web_sys::window().and_then(|window| window.document());
        if let Some(page) = document.and_then(|document| document.document_element()) {
            page.set_text_content(Some(text));
        }
    });
}
