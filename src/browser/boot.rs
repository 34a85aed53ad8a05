//! What `boot.js` has begun while the app was on its way: signing in, and asking which language
//! GoPay speaks.

use crate::text::Locale;
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
    #[wasm_bindgen(method, getter)]
    fn rest(this: &Outcome) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    fn token(this: &Outcome) -> Option<String>;
}

/// What came of it. Not for logs: GoPay's own words may hold a code.
pub enum Begun {
    /// The merchant's answer to `POST /api/session`.
    Merchant(Answer),
    /// The merchant could not be reached.
    Offline,
    /// GoPay or the merchant took too long.
    Late,
    /// GoPay's answer to `getAuthCode`, which is no plain code: by which of its callbacks, and
    /// what it said.
    Gopay(Result<JsValue, JsValue>),
}

impl std::fmt::Debug for Begun {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Merchant(_) => "Merchant",
            Self::Offline => "Offline",
            Self::Late => "Late",
            Self::Gopay(_) => "Gopay",
        })
    }
}

/// An answer of the merchant, whatever it says. Not for logs: it may hold a credential.
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub text: String,
    /// `Retry-After`
    pub rest: Option<String>,
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
    /// Whether it is what was asked for.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The language that GoPay speaks, if it has said so in its documented form by now, and in one of
/// ours.
pub fn gopay_locale() -> Option<Locale> {
    let page: Page = js_sys::global().unchecked_into();
    Locale::from_tag(&page.gopay_locale().as_string()?)
}

/// Waits for GoPay's answer to `getLocale`, where it has been asked: by which of its callbacks, and
/// what it said.
pub async fn locale() -> Option<Result<JsValue, JsValue>> {
    let page: Page = js_sys::global().unchecked_into();
    let outcome = outcome(page.locale()).await?;
    Some(match outcome.by().as_str() {
        "success" => Ok(outcome.said()),
        _ => Err(outcome.said()),
    })
}

/// Waits for what was begun, and takes it: the next one finds nothing, and from then on nothing
/// is begun any more. `None`: all of it is still to be done.
pub async fn take_sign_in() -> Option<Begun> {
    let page: Page = js_sys::global().unchecked_into();
    let begun = page.sign_in();
    page.set_sign_in(&JsValue::NULL);
    let outcome = outcome(begun).await?;
    Some(match outcome.by().as_str() {
        "merchant" => Begun::Merchant(Answer {
            status: outcome.status(),
            text: outcome.text(),
            rest: outcome.rest(),
            token: outcome.token(),
        }),
        "success" => Begun::Gopay(Ok(outcome.said())),
        "failure" => Begun::Gopay(Err(outcome.said())),
        _ if outcome.late() => Begun::Late,
        _ => Begun::Offline,
    })
}

/// What comes of a promise of `boot.js`, where it is one and something does.
async fn outcome(promise: JsValue) -> Option<Outcome> {
    let promise = promise.dyn_into::<js_sys::Promise>().ok()?;
    let outcome = JsFuture::from(promise).await.ok()?;
    (!outcome.is_undefined()).then(|| outcome.unchecked_into())
}
