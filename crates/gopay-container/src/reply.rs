//! Turns a container's answer, as JSON text, into values or into the reason there are
//! none.
//!
//! Invariant: the only reader of the container's JSON. Text has own properties only, so
//! what lies on a polluted prototype, behind a getter or in a promise cannot pose as an
//! answer.
//!
//! Not here: retries, words for people.

use crate::Error;
use serde_json::{Map, Value};

/// Which of the two callbacks the container used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Callback {
    Success,
    Failure,
}

/// The fields of an answer that says yes: those of `data`, and behind them those beside
/// `data`, because the documentation shows results in both places.
///
/// May hold an auth code, so it has no Debug outside tests.
#[cfg_attr(test, derive(Debug, PartialEq))]
pub(crate) struct Reply {
    data: Map<String, Value>,
    envelope: Map<String, Value>,
}

impl Reply {
    /// The field under either of its spellings.
    pub(crate) fn get(&self, spellings: [&str; 2]) -> Option<&Value> {
        let [camel, snake] = spellings;
        [&self.data, &self.envelope]
            .into_iter()
            .find_map(|fields| fields.get(camel).or_else(|| fields.get(snake)))
    }

    /// The field under either of its spellings, if it is a string.
    pub(crate) fn text(&self, spellings: [&str; 2]) -> Option<&str> {
        self.get(spellings)?.as_str()
    }
}

/// Judges an answer: `answer` is its JSON, or empty where it had none.
///
/// One "no" anywhere (the failure callback, `success: false`, another `ret` than
/// `GP_SUCCESS`, an error code) outweighs every "yes", and without a "yes" the answer is
/// unreadable.
pub(crate) fn decode(answer: &str, callback: Callback) -> Result<Reply, Error> {
    let mut envelope = match (object(answer), callback) {
        (Ok(envelope), _) => envelope,
        // The older SDK refuses with a bare sentence ("Mini app is not found").
        (Err(sentence), Callback::Failure) => {
            let mut envelope = Map::new();
            envelope.insert("error".into(), sentence.into());
            envelope
        }
        (Err(_), Callback::Success) => {
            return Err(Error::Unreadable {
                what: "not a JSON object, or larger than 64 Ki characters",
            });
        }
    };
    let success = match envelope.get("success") {
        Some(Value::Bool(success)) => Some(*success),
        Some(Value::String(success)) if success == "true" => Some(true),
        None | Some(Value::Null) => None,
        // "false", and whatever else is no clear yes.
        Some(_) => Some(false),
    };
    let ret = ret(&envelope);
    let refused = callback == Callback::Failure
        || success == Some(false)
        || ret.is_some_and(|ret| ret != "GP_SUCCESS")
        || code(&envelope).is_some();
    if refused {
        return Err(refusal(&envelope, ret));
    }
    if success.is_none() && ret.is_none() {
        return Err(Error::Unreadable {
            what: "neither success nor ret",
        });
    }
    let data = match envelope.get_mut("data").map(Value::take) {
        Some(Value::Object(data)) => data,
        Some(Value::String(data)) => object(&data).unwrap_or_default(),
        _ => Map::new(),
    };
    Ok(Reply { data, envelope })
}

/// Parses a JSON object, also one that was put into a JSON string once more; what is
/// another JSON string comes back as the error.
fn object(json: &str) -> Result<Map<String, Value>, String> {
    match serde_json::from_str(json) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::String(text)) => match serde_json::from_str(&text) {
            Ok(Value::Object(object)) => Ok(object),
            _ => Err(text),
        },
        _ => Err(String::new()),
    }
}

/// The bridge's verdict: a word, or as in the container's relative WindVane a list of one.
fn ret(envelope: &Map<String, Value>) -> Option<&str> {
    let ret = envelope.get("ret")?;
    ret.as_str()
        .or_else(|| ret.as_array()?.first()?.as_str())
        .filter(|ret| !ret.is_empty())
}

fn refusal(envelope: &Map<String, Value>, ret: Option<&str>) -> Error {
    let code = code(envelope);
    match code.as_deref() {
        // Unverified: in no official table, seen in the field outside GoPay.
        Some("1003") => Error::NotInGoPay,
        Some("100") => Error::Unsupported,
        Some("300") => Error::Permission,
        Some("401") => Error::Offline,
        // Unverified: WindVane's is HY_TIMEOUT; GoPay documents none.
        None if ret.is_some_and(|ret| ret.ends_with("_TIMEOUT")) => Error::TimedOut,
        _ => Error::Refused {
            code,
            kind: error_field(envelope, ["errorType", "error_type", "type"]),
            message: error_field(envelope, ["errorMessage", "error_message", "message"])
                .or_else(|| word(envelope.get("error")))
                .unwrap_or_default(),
        },
    }
}

fn code(envelope: &Map<String, Value>) -> Option<String> {
    error_field(envelope, ["errorCode", "error_code", "code"]).filter(|code| code != "0")
}

/// Docs disagree: `frontend-v1` and the migration guide spell the error fields in
/// camelCase, `frontend-v2` in snake_case, and the older SDK nests them in `error`.
/// Whichever is there and not empty counts.
fn error_field(envelope: &Map<String, Value>, names: [&str; 3]) -> Option<String> {
    let [camel, snake, nested] = names;
    word(envelope.get(camel))
        .or_else(|| word(envelope.get(snake)))
        .or_else(|| word(envelope.get("error")?.get(nested)))
}

/// A string or a number as a word; nothing where it is empty or anything else.
fn word(value: Option<&Value>) -> Option<String> {
    let word = match value? {
        Value::String(text) => clean(text),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!word.is_empty()).then_some(word)
}

/// Foreign words made fit for a log line: at most 200 characters, none of which breaks
/// the line or turns the direction of the text.
pub(crate) fn clean(foreign: &str) -> String {
    let turns = |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    foreign
        .trim()
        .chars()
        .filter(|c| !c.is_control() && !turns(*c))
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests;
