//! Holding the GoPay that the page is open in against its documentation: what a merchant
//! opens once on a phone, so that what is `Unverified:` can be settled.
//!
//! Invariant: a report holds types, codes and times; see [`contract`].

use crate::{
    Container, Environment,
    call::Method,
    container::Listener,
    contract, detect,
    events::places,
    log::{self, Call},
};
use futures_channel::oneshot;
use gloo_timers::callback::Timeout;
use js_sys::{Object, Reflect};
use serde_json::{Value, json};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue};

/// How long an event is waited for, in milliseconds.
const PATIENCE: u32 = 2_000;

/// Calls a method with the parameters that the documentation uses, and tells what was
/// written down about it. Where events follow, it waits up to two seconds for the first and
/// stops them.
///
/// A method that is not [`harmless`](contract::Method::harmless) shows the buyer something
/// or changes something: whoever calls this has asked them.
pub async fn try_out(documented: &contract::Method) -> Option<Call> {
    let (class, name) = (documented.class.as_str(), documented.method.as_str());
    let mut method = Method::patient(class, name);
    if documented.consent.is_some() {
        method = method.with_consent();
    }
    let params = documented.sample_params();
    let (sender, over) = oneshot::channel::<()>();
    let sender = Rc::new(Cell::new(Some(sender)));
    let listeners: Vec<Listener> = (documented.events.iter().cloned())
        .map(|event| {
            let sender = Rc::clone(&sender);
            Listener::new(event.event.clone(), move |carrier| {
                log::heard(&event.event, place(&event.carries, &carrier));
                drop(sender.take());
            })
        })
        .collect();
    let (entry, worked) = method.trace(&params).await;
    if worked && !listeners.is_empty() {
        let _patience = Timeout::new(PATIENCE, move || drop(sender.take()));
        // Ends when the sender is dropped: by the first event, or by the clock.
        over.await.ok();
        if params.get("on").is_some() {
            method.tell(&json!({"on": false}));
        } else {
            Method::patient(class, &name.replacen("start", "stop", 1)).tell(&json!({}));
        }
    }
    entry.read()
}

/// Where the event has what it is documented to carry.
fn place(carries: &Value, event: &JsValue) -> &'static str {
    let fits = |value: &Option<Value>| {
        (value.as_ref()).is_some_and(|value| contract::differences(carries, value).is_empty())
    };
    let found = places(event).into_iter().find(|(_, value)| fits(value));
    found.map_or("nowhere", |(place, _)| place)
}

/// All that was called on this page, as JSON: to be copied and sent to support.
pub async fn report() -> String {
    let environment = match detect().await {
        Environment::GoPay(Some(Container::V1)) => "GoPay, container V1",
        Environment::GoPay(Some(Container::V2)) => "GoPay, container V2",
        Environment::GoPay(None) => "GoPay, unknown container",
        Environment::Browser => "no GoPay",
        Environment::NoSdk => "no SDK",
        Environment::Silent => "an SDK that does not answer",
    };
    let address = js_sys::global();
    let query = text(&address, &["location", "search"]);
    let names: Vec<&str> = (query.trim_start_matches('?').split('&'))
        .filter_map(|pair| pair.split('=').next())
        .filter(|name| contract::is_plain(name))
        .collect();
    let report = json!({
        "gopay_container": env!("CARGO_PKG_VERSION"),
        "environment": environment,
        "user_agent": text(&address, &["navigator", "userAgent"]),
        "sdk_has": keys(&get(&address, &["gpContainer"])),
        "address_has": names,
        "calls": log::calls(),
        "events": log::events(),
    });
    format!("{report:#}")
}

fn get(object: &JsValue, path: &[&str]) -> JsValue {
    path.iter().fold(object.clone(), |object, name| {
        Reflect::get(&object, &JsValue::from_str(name)).unwrap_or_default()
    })
}

fn text(object: &JsValue, path: &[&str]) -> String {
    get(object, path).as_string().unwrap_or_default()
}

fn keys(object: &JsValue) -> Vec<String> {
    let Some(object) = object.dyn_ref::<Object>() else {
        return Vec::new();
    };
    let names = Object::keys(object).into_iter();
    names.filter_map(|name| name.as_string()).collect()
}
