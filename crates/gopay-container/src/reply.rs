//! Turns a container's answer into values or into the reason there are none.
//!
//! Invariant: the only parser of the container's answers.
//!
//! Not here: retries, messages for buyers.

use crate::{BridgeCode, Error};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Which of the two callbacks the container used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Callback {
    Success,
    Failure,
}

/// The fields of a successful answer: those of `data`, then those beside `data`, because the
/// documentation shows results in both places.
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

    /// All fields as one value; `what` says what they are not, if they are not.
    pub(crate) fn read<T: DeserializeOwned>(self, what: &'static str) -> Result<T, Error> {
        let mut fields = self.envelope;
        fields.extend(self.data);
        serde_json::from_value(Value::Object(fields)).map_err(|_| Error::Unreadable { what })
    }
}

/// Decodes an answer; `None` stands for one that is no JSON value, or too large.
///
/// One "no" anywhere (the failure callback, `success: false`, another `ret` than
/// `GP_SUCCESS`, an error code) outweighs every "yes", and without a "yes" the answer is
/// unreadable.
pub(crate) fn decode(answer: Option<Value>, callback: Callback) -> Result<Reply, Error> {
    let mut envelope = match (object(answer.unwrap_or_default()), callback) {
        (Ok(envelope), _) => envelope,
        // The older SDK refuses with a bare sentence ("Mini app is not found").
        (Err(sentence), Callback::Failure) => {
            let mut envelope = Map::new();
            envelope.insert("error".into(), sentence.into());
            envelope
        }
        (Err(_), Callback::Success) => {
            return Err(Error::Unreadable {
                what: "no object of JSON, or too large",
            });
        }
    };
    let success = match envelope.get("success") {
        Some(Value::Bool(success)) => Some(*success),
        Some(Value::String(success)) if success == "true" => Some(true),
        None | Some(Value::Null) => None,
        // "false", and every other value that is no clear yes.
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
    let data = envelope.get_mut("data").map(|data| object(data.take()));
    let data = data.and_then(Result::ok).unwrap_or_default();
    Ok(Reply { data, envelope })
}

/// An object, also one that was put into a JSON string; what is another string comes back
/// as the error.
fn object(value: Value) -> Result<Map<String, Value>, String> {
    match value {
        Value::Object(object) => Ok(object),
        Value::String(text) => match parse(&text) {
            Some(Value::Object(object)) => Ok(object),
            _ => Err(text),
        },
        _ => Err(String::new()),
    }
}

/// The browser parses: serde_json's parser would cost the buyer 9 kilobytes of WebAssembly.
#[cfg(target_arch = "wasm32")]
fn parse(text: &str) -> Option<Value> {
    let value = js_sys::JSON::parse(text).ok()?;
    crate::snapshot::snapshot(&value, crate::method::MAX_RESPONSE_SIZE)
}

#[cfg(not(target_arch = "wasm32"))]
fn parse(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
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
            code: code.map(BridgeCode::from),
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

/// A string or a number as text; `None` where it is empty or of another type.
fn word(value: Option<&Value>) -> Option<String> {
    let word = match value? {
        Value::String(text) => clean(text),
        // A code. GoPay has none with a fraction, and writing one would cost the buyer 3 kilobytes.
        Value::Number(number) => (number.as_i64()).map_or("fraction".into(), |it| it.to_string()),
        _ => return None,
    };
    (!word.is_empty()).then_some(word)
}

/// Foreign text made fit for a log line: at most 200 characters, none of which breaks the line or
/// changes the direction of text.
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
