//! Snap Checkout in the page: `window.snap.pay`. Its script is loaded when it is first needed.

use super::meta;
use crate::checkout::Hint;
use crate::user_error::UserError;
use futures_channel::oneshot;
use js_sys::{Function, Object, Reflect};
use leptos::prelude::{document, window};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

/// Opens the payment page of a Snap transaction, until the buyer leaves it. What it says is a hint.
pub async fn pay(token: &str) -> Result<Hint, UserError> {
    if library().is_none() {
        load().await;
    }
    let opened = library().and_then(|snap| open(&snap, token));
    let ended = opened.ok_or(UserError::ShopDown)?;
    ended.await.map_err(|_| UserError::ShopDown)
}

fn open(snap: &JsValue, token: &str) -> Option<oneshot::Receiver<Hint>> {
    let (first, ended) = Callbacks::new();
    let options = Object::new();
    for (name, hint) in [
        ("onSuccess", Hint::Underway),
        ("onPending", Hint::Underway),
        ("onError", Hint::Unpaid),
        ("onClose", Hint::Unpaid),
    ] {
        Reflect::set(&options, &name.into(), &first.call_with(hint)).ok()?;
    }
    let pay: Function = Reflect::get(snap, &"pay".into()).ok()?.dyn_into().ok()?;
    pay.call2(snap, &token.into(), &options).ok()?;
    Some(ended)
}

fn library() -> Option<JsValue> {
    let snap = Reflect::get(&window(), &"snap".into()).ok();
    snap.filter(JsValue::is_object)
}

/// The page has the script's address and the client key, with a space between them. Returns when the
/// script is there or has failed.
async fn load() -> Option<()> {
    let content = meta("snap")?;
    let (address, client_key) = content.split_once(' ')?;
    let (first, ended) = Callbacks::new();
    let script = document().create_element("script").ok()?;
    script.set_attribute("data-client-key", client_key).ok()?;
    script.set_attribute("src", address).ok()?;
    for event in ["load", "error"] {
        let listener = first.call_with(Hint::Underway);
        let listener = listener.unchecked_ref::<Function>();
        script
            .add_event_listener_with_callback(event, listener)
            .ok()?;
    }
    document().body()?.append_child(&script).ok()?;
    drop(first);
    ended.await.ok().map(|_| ())
}

/// Callbacks of which the first that is called counts.
struct Callbacks(Rc<Cell<Option<oneshot::Sender<Hint>>>>);

impl Callbacks {
    fn new() -> (Self, oneshot::Receiver<Hint>) {
        let (sender, ended) = oneshot::channel();
        (Self(Rc::new(Cell::new(Some(sender)))), ended)
    }

    fn call_with(&self, hint: Hint) -> JsValue {
        let sender = Rc::clone(&self.0);
        let call = move |_| {
            if let Some(sender) = sender.take() {
                let _ = sender.send(hint);
            }
        };
        Closure::<dyn Fn(JsValue)>::new(call).into_js_value()
    }
}
