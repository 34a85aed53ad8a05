//! The format of a gallery's files, which the README describes.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct GalleryFile {
    /// The heading of its states.
    pub(super) group: String,
    /// Bodies by name, for all files.
    pub(super) bodies: Map<String, Value>,
    /// The answers in every state that has no own.
    pub(super) always: Defaults,
    pub(super) states: Vec<StateEntry>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Defaults {
    pub(super) answers: Sequences<ApiAnswer>,
    pub(super) gopay: Sequences<ContainerAnswer>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StateEntry {
    pub(super) name: String,
    pub(super) title: String,
    /// Path and query.
    pub(super) open: String,
    /// By method and path: `GET /api/orders/1`.
    #[serde(default)]
    pub(super) answers: Sequences<ApiAnswer>,
    /// By class and method: `GP.launchPayment`.
    #[serde(default)]
    pub(super) gopay: Sequences<ContainerAnswer>,
    /// The content of the page's `<meta>` elements, by name.
    #[serde(default)]
    pub(super) meta: BTreeMap<String, String>,
    /// The steps that lead to the state, in order.
    #[serde(default)]
    pub(super) steps: Vec<Step>,
    /// A CSS selector that matches once the state is reached.
    pub(super) shows: String,
}

/// By call, the answers in order; the last one repeats.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(super) struct Sequences<T>(BTreeMap<String, Vec<T>>);

impl<T> Default for Sequences<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Serialize> Sequences<T> {
    pub(super) fn to_map(&self) -> Map<String, Value> {
        // Only a key that is not text fails.
        match serde_json::to_value(&self.0) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }
}

/// The answer to a request to the app's back end.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ApiAnswer {
    Never,
    /// Never, and the app's timeout elapses.
    Late,
    Offline,
    #[serde(untagged)]
    Status {
        status: u16,
        body: Value,
    },
    #[serde(untagged)]
    Ok {
        body: Value,
    },
}

/// The answer of GoPay's container to a call.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ContainerAnswer {
    Never,
    /// The argument of the success callback.
    Success(Value),
    /// The argument of the failure callback.
    Failure(Value),
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// Waits for the CSS selector and clicks its element.
    Tap(String),
    /// Waits for the CSS selector.
    See(String),
    /// One of the app's own scripts fails to load.
    ScriptError,
    /// The browser is too old for the app.
    TooOld,
    /// The browser reports that it is offline.
    Offline,
    /// The browser creates no more elements: the next tap crashes the app.
    NoElements,
}

impl StateEntry {
    pub(super) fn validate(&self) -> Result<(), String> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(allowed) {
            return Err("needs a name of lower-case letters, digits and hyphens".to_owned());
        }
        if !self.open.starts_with('/') {
            return Err(format!(
                "opens {:?}: say which path of the app, from its / on",
                self.open
            ));
        }
        let calls = (self.answers.0.iter().map(|(on, all)| (on, all.len())))
            .chain(self.gopay.0.iter().map(|(on, all)| (on, all.len())));
        for (on, count) in calls {
            if count == 0 {
                return Err(format!("has no answer to {on}: name at least one"));
            }
        }
        Ok(())
    }
}
