//! The documented answers, for tests.

use crate::reply::Callback;
use serde_json::Value;

pub(crate) const V2: &str = include_str!("../fixtures/frontend-v2.2026-07-23.json");
pub(crate) const V1: &str = include_str!("../fixtures/frontend-v1.2026-03-16.json");
pub(crate) const FIELD: &str = include_str!("../fixtures/field.2026-11.json");

/// The answer as JSON, and the callback that gets it.
pub(crate) fn answer(page: &str, name: &str) -> (String, Callback) {
    let page: Value = serde_json::from_str(page).unwrap();
    let answer = &page["answers"][name];
    let callback = match answer["callback"].as_str() {
        Some("success") => Callback::Success,
        Some("failure") => Callback::Failure,
        _ => panic!("no answer called {name}"),
    };
    (answer["answer"].to_string(), callback)
}
