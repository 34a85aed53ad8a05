//! The SDK stand-in against GoPay's pages, sample by sample. The app's binding is tested against the
//! same files, so that neither can drift towards the other.

mod events;
mod refusals;
mod samples;

use crate::merchant::{Merchant, text};
use reqwest::Method as Http;
use serde_json::{Map, Value, json};
use std::{fs, path::Path};

/// One method's file.
pub(crate) struct Page {
    pub(crate) name: String,
    pub(crate) content: Value,
}

fn read(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gopay-container/contract");
    serde_json::from_str(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

/// Every file of the contract except the one about all methods.
pub(crate) fn pages() -> Vec<Page> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gopay-container/contract");
    let files = fs::read_dir(folder).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let names = names.filter(|name| name.ends_with(".json") && name != "bridge.json");
    let pages: Vec<_> = names
        .map(|file| {
            let content = read(&file);
            let name = file.strip_suffix(".json").unwrap().to_owned();
            let (class, method) = name.split_once('.').unwrap();
            assert_eq!(content["class"], class, "{file}");
            assert_eq!(content["method"], method, "{file}");
            Page { name, content }
        })
        .collect();
    assert!(!pages.is_empty());
    pages
}

impl Page {
    /// The containers that have it; both where no table lists it and a switch adds it.
    pub(crate) fn containers(&self) -> Vec<String> {
        let listed: Vec<_> = list(&self.content["containers"]).iter().map(text).collect();
        if listed.is_empty() {
            return vec!["v1".to_owned(), "v2".to_owned()];
        }
        listed
    }

    pub(crate) fn answers(&self, callback: &str) -> Vec<&Value> {
        let answers = list(&self.content["answers"]);
        answers
            .iter()
            .filter(|answer| answer["callback"] == callback)
            .collect()
    }

    /// Valid parameters.
    pub(crate) fn valid_params(&self) -> Value {
        self.answers("success")[0]["params"].clone()
    }

    pub(crate) fn parameters(&self) -> &Map<String, Value> {
        self.content["params"].as_object().unwrap()
    }

    pub(crate) async fn call(&self, merchant: &Merchant, params: Value) -> Value {
        let (class, method) = self.name.split_once('.').unwrap();
        merchant.call(class, method, params).await
    }
}

/// Resets the simulator and sets some switches.
pub(crate) async fn choose(merchant: &Merchant, container: &str, switches: &Value) {
    merchant.ask(Http::POST, "/control/reset").await;
    let mut body = json!({"container": container});
    let chosen = switches.as_object().unwrap().clone();
    body.as_object_mut().unwrap().extend(chosen);
    let (status, answer) = merchant
        .control(Http::PUT, "/control/container", body)
        .await;
    assert_eq!(status, 200, "{answer}");
}

/// The switch without which the container lacks the method.
pub(crate) fn presence(name: &str) -> Value {
    match name {
        "GPBase.getAuthCode" => json!({"auth_code_class": "GPBase"}),
        "GPConsent.getUserConsent" => json!({"consent_call": "GPConsent.getUserConsent"}),
        _ => json!({}),
    }
}

pub(crate) fn both(one: &Value, other: &Value) -> Value {
    let mut together = one.as_object().unwrap().clone();
    together.extend(other.as_object().unwrap().clone());
    Value::Object(together)
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Asserts the same keys and types, and the same values of the `EXACT` keys.
pub(crate) fn assert_shape(expected: &Value, found: &Value, at: &str) {
    const EXACT: [&str; 12] = [
        "success",
        "ret",
        "msg",
        "status",
        "app_locale",
        "appLocale",
        "consent_name",
        "has_consent",
        "location",
        "errorCode",
        "errorMessage",
        "errorType",
    ];
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            let keys = |map: &Map<String, Value>| map.keys().cloned().collect::<Vec<_>>();
            let (mut wanted, mut there) = (keys(expected), keys(found));
            wanted.sort();
            there.sort();
            assert_eq!(wanted, there, "{at}");
            for (key, expected) in expected {
                let at = format!("{at}.{key}");
                if EXACT.contains(&key.as_str()) {
                    assert_eq!(expected, &found[key], "{at}");
                } else {
                    assert_shape(expected, &found[key], &at);
                }
            }
        }
        _ => assert_eq!(
            std::mem::discriminant(expected),
            std::mem::discriminant(found),
            "{at}: {expected} and {found}"
        ),
    }
}
