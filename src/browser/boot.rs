//! What `boot.js` has begun while the app was on its way: signing in.

use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    type Page;
    #[wasm_bindgen(method, getter, js_name = signIn)]
    fn sign_in(this: &Page) -> JsValue;
    #[wasm_bindgen(method, setter, js_name = signIn)]
    fn set_sign_in(this: &Page, taken: &JsValue);

    /// The merchant's answer, or that there was none in time.
    #[derive(Debug)]
    pub type Begun;
    /// GoPay or the merchant took too long; nothing else is there then.
    #[wasm_bindgen(method, getter)]
    pub fn late(this: &Begun) -> Option<bool>;
    /// Its HTTP status.
    #[wasm_bindgen(method, getter)]
    pub fn status(this: &Begun) -> u16;
    /// Its body.
    #[wasm_bindgen(method, getter)]
    pub fn text(this: &Begun) -> String;
    /// Its `Retry-After`.
    #[wasm_bindgen(method, getter)]
    pub fn rest(this: &Begun) -> Option<String>;
    /// Its `Session-Token`.
    #[wasm_bindgen(method, getter)]
    pub fn token(this: &Begun) -> Option<String>;
}

/// Waits for what was begun, and takes it: the next one finds nothing. From then on nothing is
/// begun any more. `None`: all of it is still to be done.
pub async fn take_sign_in() -> Option<Begun> {
    let page: Page = js_sys::global().unchecked_into();
    let promise = page.sign_in().dyn_into::<js_sys::Promise>();
    page.set_sign_in(&JsValue::NULL);
    let begun = JsFuture::from(promise.ok()?).await.ok()?;
    begun.is_object().then(|| begun.unchecked_into())
}
