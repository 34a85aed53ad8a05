//! What GoPay's pages say about each call, and how an answer compares with it. Unstable: not
//! covered by semantic versioning.
//!
//! Invariant: nothing here repeats a value of an answer but flags, codes and GoPay's own
//! words for what happened; any other value stands as its type.

mod files;

use crate::{
    Error,
    payment::PaymentHint,
    reply::{self, Callback},
};
use files::FILES;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::OnceLock;

/// A method, as documented.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Method {
    /// First argument of `gpContainer.call`.
    pub class: String,
    /// Second argument.
    pub method: String,
    /// What it is for.
    #[serde(rename = "use")]
    pub purpose: String,
    /// `v1`, `v2`.
    pub containers: Vec<String>,
    /// The consent it needs; without a name where no page gives one.
    pub consent: Option<Consent>,
    /// Lowest version of GoPay, where a page gives one.
    pub since: Option<String>,
    /// Whether calling it shows nothing and changes nothing.
    pub harmless: bool,
    /// Where it is described.
    pub pages: Vec<String>,
    /// Its documented answers.
    pub answers: Vec<Sample>,
    /// What arrives on `document` afterwards.
    #[serde(default)]
    pub events: Vec<Event>,
}

/// A consent that a method needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Consent {
    /// For [`get_consent`](crate::consent::get_consent).
    pub name: Option<String>,
}

/// A documented answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Sample {
    /// Its name, unique within the method.
    pub name: String,
    /// Where it stands.
    pub page: String,
    /// The parameters it answers to.
    pub params: Option<Value>,
    /// `success` or `failure`.
    pub callback: String,
    /// The answer.
    pub answer: Value,
}

/// A documented event.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Event {
    /// Its name.
    pub event: String,
    /// What it carries.
    pub carries: Value,
    /// Where the page reads it: `detail`, `param` or `event`.
    pub place: String,
}

impl Method {
    /// `class.method`.
    pub fn name(&self) -> String {
        [&self.class, ".", &self.method].concat()
    }
}

/// All methods of all pages.
pub fn methods() -> &'static [Method] {
    static METHODS: OnceLock<Vec<Method>> = OnceLock::new();
    METHODS.get_or_init(|| {
        let parsed = FILES.iter().map(|(_, text)| serde_json::from_str(text));
        parsed.filter_map(Result::ok).collect()
    })
}

/// The documented refusals that any method may give.
pub fn failures() -> &'static [Sample] {
    #[derive(Deserialize)]
    struct Bridge {
        failures: Vec<Sample>,
    }
    static FAILURES: OnceLock<Vec<Sample>> = OnceLock::new();
    FAILURES.get_or_init(|| {
        let bridge = serde_json::from_str(include_str!("../contract/bridge.json"));
        bridge.map_or_else(|_| Vec::new(), |Bridge { failures }| failures)
    })
}

/// What an answer of `GP.launchPayment` says, by the callback that it came to: `success` or `failure`.
///
/// # Errors
///
/// [`Error`] where the answer is a refusal, or cannot be read.
pub fn payment_hint(callback: &str, answer: Option<Value>) -> Result<PaymentHint, Error> {
    let callback = match callback {
        "success" => Callback::Success,
        _ => Callback::Failure,
    };
    PaymentHint::read(&reply::decode(answer, callback)?)
}

/// How an answer compares with the documented ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// It has all that this sample has, in the same types; perhaps more.
    Like {
        /// The sample's name and page.
        sample: String,
        /// Fields that the sample does not have.
        more: Vec<String>,
    },
    /// It lacks something of each sample, or has it in another type.
    Unlike {
        /// The sample that comes closest.
        closest: String,
        /// What is different.
        differences: Vec<String>,
    },
    /// No page says anything about such an answer.
    Undocumented,
}

/// Compares an answer of `call` (`class.method`) with what the documentation says.
pub fn judge(call: &str, callback: &str, answer: Option<&Value>) -> Judgement {
    let null = Value::Null;
    let answer = answer.unwrap_or(&null);
    let method = methods().iter().find(|method| method.name() == call);
    let of_method = method.map_or(&[][..], |method| &method.answers);
    let compared = (of_method.iter().chain(failures()))
        .filter(|sample| sample.callback == callback)
        .map(|sample| {
            let mut differences = Vec::new();
            compare(&sample.answer, answer, "", &mut differences);
            (differences, sample)
        });
    match compared.min_by_key(|(different, sample)| (different.len(), count(answer, sample))) {
        None => Judgement::Undocumented,
        Some((differences, sample)) => {
            let name = [&sample.name, " (", &sample.page, ")"].concat();
            if differences.is_empty() {
                let mut more = Vec::new();
                surplus(&sample.answer, answer, "", &mut more);
                Judgement::Like { sample: name, more }
            } else {
                Judgement::Unlike {
                    closest: name,
                    differences,
                }
            }
        }
    }
}

/// How much the answer has that the sample has not: of two that fit, the fuller one is meant.
fn count(answer: &Value, sample: &Sample) -> usize {
    let mut more = Vec::new();
    surplus(&sample.answer, answer, "", &mut more);
    more.len()
}

/// A map: its keys are data, one of them is as good as another.
const MAPS: [&str; 2] = ["successScope", "data.successScope"];

fn compare(sample: &Value, answer: &Value, path: &str, different: &mut Vec<String>) {
    if kind(sample) != kind(answer) {
        let path = if path.is_empty() { "answer" } else { path };
        different.push([path, ": ", kind(answer), " instead of ", kind(sample)].concat());
    } else if let (Value::Object(sample), Value::Object(answer)) = (sample, answer) {
        if MAPS.contains(&path) {
            return;
        }
        for (name, inner) in sample {
            let path = below(path, name);
            match answer.get(name) {
                Some(value) => compare(inner, value, &path, different),
                None => different.push([&path, ": missing"].concat()),
            }
        }
    } else if let (Value::Bool(sample), Value::Bool(answer)) = (sample, answer)
        && path == "success"
        && sample != answer
    {
        different.push("success: the other way round".to_owned());
    } else if path == "ret" && sample != answer {
        different.push("ret: another one".to_owned());
    }
}

fn surplus(sample: &Value, answer: &Value, path: &str, more: &mut Vec<String>) {
    if let (Value::Object(sample), Value::Object(answer)) = (sample, answer)
        && !MAPS.contains(&path)
    {
        for (name, inner) in answer {
            let path = below(path, name);
            match sample.get(name) {
                Some(known) => surplus(known, inner, &path, more),
                None => more.push([&path, ": ", kind(inner)].concat()),
            }
        }
    }
}

fn below(path: &str, name: &str) -> String {
    let name = if is_plain(name) { name } else { "<odd>" };
    match path {
        "" => name.to_owned(),
        _ => [path, ".", name].concat(),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// Fields whose values are flags, codes or GoPay's own words for what happened.
const SHOWN_FIELDS: [&str; 12] = [
    "success",
    "ret",
    "msg",
    "errorCode",
    "error_code",
    "errorType",
    "error_type",
    "app_locale",
    "appLocale",
    "status",
    "is_rooted",
    "platform",
];

/// The fields of an answer, with their types for values.
pub fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let field = |(name, inner): (&String, &Value)| {
                let shown = SHOWN_FIELDS.contains(&name.as_str()) && is_shown(inner);
                let inner = if shown { inner.clone() } else { shape(inner) };
                (below("", name), inner)
            };
            Value::Object(fields.iter().map(field).collect())
        }
        Value::Array(items) => Value::Array(items.first().map(shape).into_iter().collect()),
        Value::String(text) => match serde_json::from_str(text) {
            Ok(inner @ Value::Object(_)) => {
                let fields = [("<JSON in a string>".to_owned(), shape(&inner))];
                Value::Object(fields.into_iter().collect())
            }
            _ => Value::from(["<string of ", &text.chars().count().to_string(), ">"].concat()),
        },
        Value::Null => Value::Null,
        other => Value::from(["<", kind(other), ">"].concat()),
    }
}

fn is_shown(value: &Value) -> bool {
    match value {
        Value::Bool(_) => true,
        Value::Number(number) => is_plain(&number.to_string()),
        Value::String(text) => text.is_empty() || is_plain(text),
        _ => false,
    }
}

/// Whether it is a name or a code: short, of letters, digits and underscores, and no long
/// number, which could be a person's.
pub(crate) fn is_plain(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (1..=32).contains(&text.len())
        && digits <= 4
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
pub(crate) fn answer(call: &str, name: &str) -> Result<crate::reply::Reply, crate::Error> {
    let method = methods().iter().find(|method| method.name() == call);
    let samples = method.unwrap().answers.iter();
    decoded(samples.clone().find(|sample| sample.name == name).unwrap())
}

#[cfg(test)]
pub(crate) fn decoded(sample: &Sample) -> Result<crate::reply::Reply, crate::Error> {
    let callback = match sample.callback.as_str() {
        "success" => crate::reply::Callback::Success,
        _ => crate::reply::Callback::Failure,
    };
    crate::reply::decode(Some(sample.answer.clone()), callback)
}

#[cfg(test)]
mod tests;
