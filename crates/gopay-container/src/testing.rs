//! A container for tests in a browser, in place of GoPay's SDK.
//!
//! ```no_run
//! use gopay_container::{auth, testing::{Answer, FakeContainer}};
//! use serde_json::json;
//!
//! # async fn test() {
//! let container = FakeContainer::install(|call| match call.method.as_str() {
//!     "getAuthCode" => Answer::success(json!({"authCode": "abc"})),
//!     _ => Answer::refusal("100"),
//! });
//! let auth_code = auth::get_auth_code().await.unwrap();
//! assert_eq!(auth_code.expose(), "abc");
//! assert_eq!(container.calls()[0].class, "GPMiniAppAuth");
//! # }
//! ```
//!
//! Not here: time. Deadlines run by the browser's clock.

use crate::{method::MAX_RESPONSE_SIZE, snapshot::snapshot};
use js_sys::{Function, Object, Reflect};
use serde::Serialize;
use serde_json::{Value, json};
use serde_wasm_bindgen::Serializer;
use std::{cell::RefCell, fmt, rc::Rc};
use wasm_bindgen::{JsValue, closure::Closure, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    type CustomEvent;
    #[wasm_bindgen(constructor, catch)]
    fn new(name: &str, init: &JsValue) -> Result<CustomEvent, JsValue>;
    #[wasm_bindgen(js_namespace = document, js_name = dispatchEvent, catch)]
    fn dispatch_event(event: &CustomEvent) -> Result<bool, JsValue>;
}

type OnCall = Closure<dyn Fn(String, String, JsValue, Function, Function) -> Result<(), JsValue>>;

/// Stands in for `window.gpContainer` until it is dropped.
#[must_use = "the container is removed when this is dropped"]
pub struct FakeContainer {
    calls: Rc<RefCell<Vec<Call>>>,
    replaced: JsValue,
    _on_call: OnCall,
}

/// A call that reached the container.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Call {
    /// First argument, such as `GPBase`.
    pub class: String,
    /// Second argument, such as `getLocale`.
    pub method: String,
    /// Third argument.
    pub params: Value,
    success: Function,
    failure: Function,
}

/// What the container does with a call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// It calls the success callback with this value.
    Success(Value),
    /// It calls the failure callback with this value.
    Failure(Value),
    /// `gpContainer.call` throws this message.
    Throw(String),
    /// It does nothing; [`Call::answer`] can answer later.
    Nothing,
}

impl Answer {
    /// A documented success with this `data`.
    pub fn success(data: Value) -> Self {
        Self::Success(json!({"success": true, "data": data, "ret": "GP_SUCCESS"}))
    }

    /// A documented refusal with this code, such as `100` for a method that is not supported.
    pub fn refusal(code: &str) -> Self {
        Self::Failure(json!({
            "success": false,
            "error_code": code,
            "error_type": "JS_BRIDGE_ERROR",
            "error_message": "",
            "ret": "GP_EXCEPTION",
        }))
    }
}

impl Call {
    /// Answers now: late, a second time or crosswise, as a container may.
    ///
    /// # Errors
    ///
    /// The message of [`Answer::Throw`].
    pub fn answer(&self, answer: Answer) -> Result<(), String> {
        let (callback, value) = match answer {
            Answer::Success(value) => (&self.success, value),
            Answer::Failure(value) => (&self.failure, value),
            Answer::Throw(message) => return Err(message),
            Answer::Nothing => return Ok(()),
        };
        // The callbacks of this crate do not throw.
        callback.call1(&JsValue::UNDEFINED, &to_js(&value)).ok();
        Ok(())
    }
}

impl FakeContainer {
    /// Puts a container into the page that answers each call as `behaviour` says.
    pub fn install(behaviour: impl Fn(&Call) -> Answer + 'static) -> Self {
        let calls = Rc::new(RefCell::new(Vec::new()));
        let kept = Rc::clone(&calls);
        let on_call: OnCall = Closure::new(move |class, method, params, success, failure| {
            let params = snapshot(&params, MAX_RESPONSE_SIZE).unwrap_or_default();
            let call = Call {
                class,
                method,
                params,
                success,
                failure,
            };
            kept.borrow_mut().push(call.clone());
            call.answer(behaviour(&call)).map_err(JsValue::from)
        });
        let container = Object::new();
        set(&container, "call", on_call.as_ref());
        let page = js_sys::global();
        let replaced = Reflect::get(&page, &NAME.into()).unwrap_or_default();
        set(&page, NAME, &container);
        Self {
            calls,
            replaced,
            _on_call: on_call,
        }
    }

    /// The calls so far, the oldest first.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.borrow().clone()
    }

    /// Dispatches an event of the container on `document`, such as `GPMotion.Event.compass`.
    pub fn dispatch(&self, event: &str, detail: &Value) {
        let init = Object::new();
        set(&init, "detail", &to_js(detail));
        if let Ok(event) = CustomEvent::new(event, &init) {
            dispatch_event(&event).ok();
        }
    }
}

impl Drop for FakeContainer {
    fn drop(&mut self) {
        set(&js_sys::global(), NAME, &self.replaced);
    }
}

impl fmt::Debug for FakeContainer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.calls.borrow().iter()).finish()
    }
}

const NAME: &str = "gpContainer";

fn set(object: &Object, name: &str, value: &JsValue) {
    Reflect::set(object, &name.into(), value).ok();
}

fn to_js(value: &Value) -> JsValue {
    let serializer = Serializer::json_compatible();
    value.serialize(&serializer).unwrap_or_default()
}
