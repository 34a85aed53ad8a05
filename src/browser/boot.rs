//! What `boot.js` started while the app was loading: signing in, and asking for GoPay's language.

use crate::locale::Locale;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    type Page;
    #[wasm_bindgen(method, getter, js_name = signIn)]
    fn sign_in(this: &Page) -> JsValue;
    #[wasm_bindgen(method, setter, js_name = signIn)]
    fn set_sign_in(this: &Page, taken: &JsValue);
    #[wasm_bindgen(method, getter, js_name = gopayLocale)]
    fn gopay_locale(this: &Page) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn locale(this: &Page) -> JsValue;

    type Outcome;
    #[wasm_bindgen(method, getter)]
    fn by(this: &Outcome) -> String;
    #[wasm_bindgen(method, getter)]
    fn late(this: &Outcome) -> bool;
    #[wasm_bindgen(method, getter)]
    fn said(this: &Outcome) -> JsValue;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Outcome) -> u16;
    #[wasm_bindgen(method, getter)]
    fn text(this: &Outcome) -> String;
    #[wasm_bindgen(method, getter, js_name = rest)]
    fn retry_after(this: &Outcome) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn token(this: &Outcome) -> Option<String>;
}

/// The sign-in of `boot.js`. Not for logs: GoPay's answer may hold an auth code.
pub enum PrefetchedSignIn {
    /// The merchant's answer to `POST /api/session`.
    Merchant(Answer),
    Offline,
    Late,
    /// GoPay's answer to `getAuthCode`, by callback, where it is no plain code.
    Gopay(Result<JsValue, JsValue>),
}

impl std::fmt::Debug for PrefetchedSignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Merchant(_) => "Merchant",
            Self::Offline => "Offline",
            Self::Late => "Late",
            Self::Gopay(_) => "Gopay",
        })
    }
}

/// A response of the merchant. Not for logs: it may hold a credential.
pub struct Answer {
    pub status: u16,
    pub text: String,
    pub retry_after: Option<String>,
    /// [`SESSION_TOKEN`](contract::SESSION_TOKEN)
    pub token: Option<String>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// GoPay's language, if its answer has come by now, in the documented form, and the app speaks it.
pub fn gopay_locale() -> Option<Locale> {
    let page: Page = js_sys::global().unchecked_into();
    Locale::from_tag(&page.gopay_locale().as_string()?)
}

/// Waits for GoPay's answer to `getLocale`, by callback; `None` where `boot.js` made no call.
pub async fn locale() -> Option<Result<JsValue, JsValue>> {
    let page: Page = js_sys::global().unchecked_into();
    let outcome = outcome(page.locale()).await?;
    Some(match outcome.by().as_str() {
        "success" => Ok(outcome.said()),
        _ => Err(outcome.said()),
    })
}

/// Waits for the prefetched sign-in and takes it, once. `None`: signing in has not started.
pub async fn take_prefetched_sign_in() -> Option<PrefetchedSignIn> {
    let page: Page = js_sys::global().unchecked_into();
    let prefetched = page.sign_in();
    page.set_sign_in(&JsValue::NULL);
    let outcome = outcome(prefetched).await?;
    Some(match outcome.by().as_str() {
        "merchant" => PrefetchedSignIn::Merchant(Answer {
            status: outcome.status(),
            text: outcome.text(),
            retry_after: outcome.retry_after(),
            token: outcome.token(),
        }),
        "success" => PrefetchedSignIn::Gopay(Ok(outcome.said())),
        "failure" => PrefetchedSignIn::Gopay(Err(outcome.said())),
        _ if outcome.late() => PrefetchedSignIn::Late,
        _ => PrefetchedSignIn::Offline,
    })
}

/// The outcome of a promise of `boot.js`, where it is one and has one.
async fn outcome(promise: JsValue) -> Option<Outcome> {
    let promise = promise.dyn_into::<js_sys::Promise>().ok()?;
    let outcome = JsFuture::from(promise).await.ok()?;
    (!outcome.is_undefined()).then(|| outcome.unchecked_into())
}
