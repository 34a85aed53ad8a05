//! The only extern block of GoPay's JavaScript: `window.gpContainer`, its calls and its events.
//!
//! Invariant: every access can fail and is caught; the object is looked up anew for
//! every call, so one that appears late or is replaced is found.

use crate::Error;
use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    type Page;
    #[wasm_bindgen(method, getter, catch, js_name = gpContainer)]
    fn container(this: &Page) -> Result<Sdk, JsValue>;
    #[wasm_bindgen(method, getter, catch)]
    fn document(this: &Page) -> Result<Document, JsValue>;

    type Document;
    #[wasm_bindgen(method, getter, catch, js_name = readyState)]
    fn ready_state(this: &Document) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch, js_name = addEventListener)]
    fn add_event_listener(this: &Document, event: &str, listener: &JsValue) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = removeEventListener)]
    fn remove_event_listener(
        this: &Document,
        event: &str,
        listener: &JsValue,
    ) -> Result<(), JsValue>;

    pub(crate) type Sdk;
    #[wasm_bindgen(method, getter, catch, js_name = call)]
    fn call_property(this: &Sdk) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn call(
        this: &Sdk,
        class: &str,
        method: &str,
        params: &JsValue,
        success: &JsValue,
        failure: &JsValue,
        timeout: Option<u32>,
    ) -> Result<(), JsValue>;
}

const POLL_MS: u32 = 50;
/// 10 s: the script is still on its way over a slow network.
const POLLS_WHILE_LOADING: u32 = 200;
/// 3 s: a page does not finish loading before its `<script async>` has arrived or failed,
/// so an SDK that is absent then has failed, unless its script takes a moment to start (the one
/// public mini app polls for 3 s).
const POLLS_ONCE_LOADED: u32 = 60;

impl Sdk {
    /// Waits until `window.gpContainer.call` is a function.
    pub(crate) async fn wait_until_ready() -> Result<Self, Error> {
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
    pub(crate) fn invoke(
        &self,
        (class, method): (&str, &str),
        params: &JsValue,
        [success, failure]: &[JsValue; 2],
        timeout: Option<u32>,
    ) -> Result<(), Error> {
        // Unverified: that it counts milliseconds. No page gives the unit; both public
        // wrappers pass numbers that are plausible only as milliseconds. `undefined` where the
        // call has no deadline, as in every sample of the documentation.
        self.call(class, method, params, success, failure, timeout)
            .map_err(|thrown| Error::Threw {
                message: message(&thrown),
            })
    }
}

/// A listener on `document`, where the container dispatches its events; gone when dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    event: &'static str,
    receive: Closure<dyn Fn(JsValue)>,
}

impl Listener {
    pub(crate) fn new(event: &'static str, receive: impl Fn(JsValue) + 'static) -> Self {
        let receive = Closure::new(receive);
        if let Some(document) = document() {
            document.add_event_listener(event, receive.as_ref()).ok();
        }
        Self { event, receive }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(document) = document() {
            document
                .remove_event_listener(self.event, self.receive.as_ref())
                .ok();
        }
    }
}

fn document() -> Option<Document> {
    let page: Page = js_sys::global().unchecked_into();
    page.document().ok()
}

fn is_loaded(page: &Page) -> bool {
    let state = page.document().and_then(|document| document.ready_state());
    state.is_ok_and(|state| state == "complete")
}

fn message(thrown: &JsValue) -> String {
    let message = thrown.as_string().or_else(|| {
        js_sys::Reflect::get(thrown, &"message".into())
            .ok()?
            .as_string()
    });
    crate::reply::clean(&message.unwrap_or_default())
}
