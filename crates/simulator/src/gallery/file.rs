//! The form of a gallery's files; the README has it in words.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    /// What its states are shown under.
    pub(super) group: String,
    /// Values by name, for the answers of all files.
    pub(super) bodies: Map<String, Value>,
    /// What is answered in every state that says nothing else.
    pub(super) always: Always,
    pub(super) states: Vec<State>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Always {
    pub(super) answers: Answers<Answer>,
    pub(super) gopay: Answers<Reply>,
}

/// One state of the app.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    pub(super) name: String,
    pub(super) title: String,
    /// Path and query.
    pub(super) open: String,
    /// By method and path: `GET /api/orders/1`.
    #[serde(default)]
    pub(super) answers: Answers<Answer>,
    /// By class and method: `GP.launchPayment`.
    #[serde(default)]
    pub(super) gopay: Answers<Reply>,
    /// What the page's `<meta>` of this name says instead.
    #[serde(default)]
    pub(super) meta: BTreeMap<String, String>,
    /// What happens before one sees it, one after the other.
    #[serde(default)]
    pub(super) steps: Vec<Step>,
    /// The CSS selector of what is there then.
    pub(super) shows: String,
}

/// One after the other; the last one stays.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(super) struct Answers<T>(BTreeMap<String, Vec<T>>);

impl<T> Default for Answers<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Serialize> Answers<T> {
    pub(super) fn to_map(&self) -> Map<String, Value> {
        // Fails on a key that is no text only, and these are.
        match serde_json::to_value(&self.0) {
            Ok(Value::Object(map)) => map,
            _ => Map::new(),
        }
    }
}

/// What a request to the app's own back end meets.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    /// Nothing, ever.
    Never,
    /// Nothing, until the app gives up: its clock says that the time for it is over.
    Late,
    /// No network.
    Offline,
    /// A refusal with this status.
    #[serde(untagged)]
    Status { status: u16, body: Value },
    /// A success.
    #[serde(untagged)]
    Ok { body: Value },
}

/// What GoPay's container does with a call.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// Nothing, ever.
    Never,
    /// Calls the first callback with this.
    Success(Value),
    /// Calls the second one.
    Failure(Value),
}

/// What happens in the page.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    /// The buyer taps what this CSS selector finds, once it is there.
    Tap(String),
    /// This is waited for.
    See(String),
    /// One of the app's own scripts does not load.
    ScriptError,
    /// The browser is too old for the app.
    TooOld,
    /// The phone says that it has no network.
    Offline,
    /// The browser has no memory for another element: the app crashes over the next tap.
    NoElements,
}

impl State {
    pub(super) fn check(&self) -> Result<(), String> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() || !self.name.chars().all(fits) {
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
