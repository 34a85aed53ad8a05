//! The one place that names GoPay's JavaScript: finding `window.gpContainer` and handing
//! it a call.
//!
//! Invariant: every access can fail and is caught; the object is looked up anew for
//! every call, so one that appears late or is replaced is found.

use crate::Error;
use gloo_timers::future::TimeoutFuture;
use js_sys::JSON;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    type Page;
    #[wasm_bindgen(method, getter, catch, js_name = gpContainer)]
    fn container(this: &Page) -> Result<Container, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    fn document(this: &Page) -> Result<Document, JsValue>;

    type Document;
    #[wasm_bindgen(method, getter, catch, js_name = readyState)]
    fn ready_state(this: &Document) -> Result<JsValue, JsValue>;

    pub(crate) type Container;
    #[wasm_bindgen(method, getter, catch, js_name = call)]
    fn call_property(this: &Container) -> Result<JsValue, JsValue>;
    // The sixth argument, `timeout`, is left out as in every sample of the documentation:
    // no page gives its unit or default, and each call has its own deadline.
    #[wasm_bindgen(method, catch)]
    fn call(
        this: &Container,
        class: &str,
        method: &str,
        params: &JsValue,
        success: &JsValue,
        failure: &JsValue,
    ) -> Result<(), JsValue>;
}

const POLL_MS: u32 = 50;
/// 10 s: the script is still on its way over a slow network.
const POLLS_WHILE_LOADING: u32 = 200;
/// 3 s: a page does not finish loading before its `<script async>` has arrived or failed,
/// so what is absent then has failed, unless the script takes a moment to set itself up
/// (the one mini app in the open polls for 3 s).
const POLLS_ONCE_LOADED: u32 = 60;

impl Container {
    /// Waits until `window.gpContainer.call` is a function.
    pub(crate) async fn appear() -> Result<Self, Error> {
        let page: Page = js_sys::global().unchecked_into();
        let mut polls_left = POLLS_WHILE_LOADING;
        loop {
            if let Some(container) = Self::find(&page) {
                return Ok(container);
            }
            if is_loaded(&page) {
                polls_left = polls_left.min(POLLS_ONCE_LOADED);
            }
            if polls_left == 0 {
                return Err(Error::NotLoaded);
            }
            polls_left -= 1;
            TimeoutFuture::new(POLL_MS).await;
        }
    }

    fn find(page: &Page) -> Option<Self> {
        let container = page.container().ok()?;
        container
            .call_property()
            .ok()?
            .is_function()
            .then_some(container)
    }

    /// Calls `gpContainer.call`; what comes back comes through the callbacks.
    pub(crate) fn hand_over(
        &self,
        (class, method): (&str, &str),
        params: &JsValue,
        success: &JsValue,
        failure: &JsValue,
    ) -> Result<(), Error> {
        self.call(class, method, params, success, failure)
            .map_err(|thrown| Error::Threw {
                message: message(&thrown),
            })
    }
}

fn is_loaded(page: &Page) -> bool {
    let state = page.document().and_then(|document| document.ready_state());
    state.is_ok_and(|state| state == "complete")
}

/// The answer as JSON, taken at once, before the container can change it. Empty where
/// there is none: `undefined`, a function, a cycle, a getter that throws, or more than
/// 64 Ki characters, of which not one is copied (today's answers have less than 1 Ki).
pub(crate) fn snapshot(answer: &JsValue) -> String {
    match JSON::stringify(answer) {
        Ok(json) if json.is_string() && json.length() <= 64 * 1024 => json.into(),
        _ => String::new(),
    }
}

fn message(thrown: &JsValue) -> String {
    let message = thrown.as_string().or_else(|| {
        js_sys::Reflect::get(thrown, &"message".into())
            .ok()?
            .as_string()
    });
    crate::reply::clean(&message.unwrap_or_default())
}
