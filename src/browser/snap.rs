//! Snap Checkout in the page: `window.snap.pay`. Its script is loaded when it is first needed.

use super::meta;
use crate::checkout::Hint;
use crate::user_error::UserError;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

/// Opens the payment page of a Snap transaction, until the buyer leaves it. What it says is a hint.
pub async fn pay(token: &str) -> Result<Hint, UserError> {
    let snap = match library() {
        Some(snap) => snap,
        None => {
            load().await.map_err(|_| UserError::ShopDown)?;
            library().ok_or(UserError::ShopDown)?
        }
    };
    let pay: Function = (Reflect::get(&snap, &"pay".into()).ok())
        .and_then(|pay| pay.dyn_into().ok())
        .ok_or(UserError::ShopDown)?;
    let paid = JsFuture::from(Promise::new(&mut |resolve, reject| {
        let options = Object::new();
        for (name, is_unpaid) in [
            ("onSuccess", false),
            ("onPending", false),
            ("onError", true),
            ("onClose", true),
        ] {
            let resolve = resolve.clone();
            let call = Closure::once_into_js(move || {
                let _ = resolve.call1(&JsValue::UNDEFINED, &is_unpaid.into());
            });
            let _ = Reflect::set(&options, &name.into(), &call);
        }
        if pay.call2(&snap, &token.into(), &options).is_err() {
            let _ = reject.call0(&JsValue::UNDEFINED);
        }
    }));
    match paid.await {
        Ok(is_unpaid) if is_unpaid.is_truthy() => Ok(Hint::Unpaid),
        Ok(_) => Ok(Hint::Underway),
        Err(_) => Err(UserError::ShopDown),
    }
}

fn library() -> Option<JsValue> {
    let snap = Reflect::get(&window(), &"snap".into()).ok();
    snap.filter(JsValue::is_object)
}

/// The page has the script's address and the client key, with a space between them.
async fn load() -> Result<(), JsValue> {
    let content = meta("snap").ok_or(JsValue::NULL)?;
    let (address, client_key) = content.split_once(' ').ok_or(JsValue::NULL)?;
    let script: HtmlElement = document().create_element("script")?.unchecked_into();
    script.set_attribute("data-client-key", client_key)?;
    script.set_attribute("src", address)?;
    let loaded = Promise::new(&mut |resolve, reject| {
        script.set_onload(Some(&resolve));
        script.set_onerror(Some(&reject));
    });
    let head = document().head().ok_or(JsValue::NULL)?;
    head.append_child(&script)?;
    JsFuture::from(loaded).await.map(|_| ())
}
