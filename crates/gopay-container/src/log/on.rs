//! The log, where it is built in.

use crate::{
    Error,
    contract::{self, Judgement},
    method::Method,
    reply::Callback,
};
use serde::Serialize;
use serde_json::Value;
use std::{cell::RefCell, collections::VecDeque};

const MAX_CALLS_KEPT: usize = 100;

/// A call.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Call {
    /// Counts from 1.
    pub number: u32,
    /// `class.method`.
    pub call: String,
    /// Milliseconds since 1970 by the phone's clock.
    pub began: u64,
    /// Milliseconds until it ended; `None` while it runs or where its future was dropped.
    pub took: Option<u64>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The first answer.
    pub answer: Option<Answer>,
    /// Further answers, and those that came too late.
    pub ignored: u32,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// With a reply.
    Ok,
    /// Its answer is not awaited, as where a sensor is stopped.
    Told,
    /// With this variant of [`Error`].
    Failed {
        /// Its name.
        error: &'static str,
        /// The bridge's code, if it looks like one.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
}

/// An answer, without its values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// Which callback got it: `success` or `failure`.
    pub callback: &'static str,
    /// How it compares with what the documentation says.
    pub judgement: Judgement,
    /// Its fields, with their types for values.
    pub shape: Value,
}

/// An event of the container's on `document`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Heard {
    /// Its name.
    pub event: String,
    /// Where what it carries was found: `detail`, `param`, `event`, or `nowhere`.
    pub place: &'static str,
    /// How often.
    pub times: u32,
}

/// The calls that are kept, the oldest first.
pub fn calls() -> Vec<Call> {
    LOG.with_borrow(|log| log.calls.iter().cloned().collect())
}

/// The events so far, by name and place.
pub fn events() -> Vec<Heard> {
    LOG.with_borrow(|log| log.events.clone())
}

/// The answer of the last call is not awaited.
pub(crate) fn unawaited() {
    LOG.with_borrow_mut(|log| {
        if let Some(call) = log.calls.back_mut() {
            call.outcome.get_or_insert(Outcome::Told);
        }
    });
}

pub(crate) fn heard(event: &str, place: &'static str) {
    LOG.with_borrow_mut(|log| {
        let before = (log.events.iter_mut()).find(|it| it.event == event && it.place == place);
        match before {
            Some(heard) => heard.times = heard.times.saturating_add(1),
            None => log.events.push(Heard {
                event: event.to_owned(),
                place,
                times: 1,
            }),
        }
    });
}

#[derive(Default)]
struct Log {
    calls: VecDeque<Call>,
    begun: u32,
    events: Vec<Heard>,
}

thread_local! {
    static LOG: RefCell<Log> = RefCell::default();
}

/// The log's entry for one call.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    number: u32,
}

impl Entry {
    pub(crate) fn begin(method: &Method<'_>) -> Self {
        LOG.with_borrow_mut(|log| {
            log.begun += 1;
            if log.calls.len() == MAX_CALLS_KEPT {
                log.calls.pop_front();
            }
            log.calls.push_back(Call {
                number: log.begun,
                call: [method.class, ".", method.name].concat(),
                began: now(),
                took: None,
                outcome: None,
                answer: None,
                ignored: 0,
            });
            Self { number: log.begun }
        })
    }

    pub(crate) fn answered(&self, callback: Callback, answer: Option<&Value>) {
        let callback = match callback {
            Callback::Success => "success",
            Callback::Failure => "failure",
        };
        self.change(|call| {
            call.answer = Some(Answer {
                callback,
                judgement: contract::judge(&call.call, callback, answer),
                shape: answer.map_or(Value::from("<no JSON, or too large>"), contract::shape),
            });
        });
    }

    pub(crate) fn ignore(&self) {
        self.change(|call| call.ignored = call.ignored.saturating_add(1));
    }

    pub(crate) fn end<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        self.change(|call| {
            call.took = Some(now().saturating_sub(call.began));
            call.outcome = Some(match &result {
                Ok(_) => Outcome::Ok,
                Err(error) => Outcome::Failed {
                    error: name(error),
                    code: code(error),
                },
            });
        });
        result
    }

    fn change(&self, change: impl FnOnce(&mut Call)) {
        LOG.with_borrow_mut(|log| {
            let call = log.calls.iter_mut().find(|it| it.number == self.number);
            if let Some(call) = call {
                change(call);
            }
        });
    }
}

fn now() -> u64 {
    js_sys::Date::now() as u64
}

fn name(error: &Error) -> &'static str {
    match error {
        Error::NotInGoPay => "NotInGoPay",
        Error::NotLoaded => "NotLoaded",
        Error::Threw { .. } => "Threw",
        Error::Unsupported => "Unsupported",
        Error::Permission => "Permission",
        Error::NoConsent => "NoConsent",
        Error::Offline => "Offline",
        Error::TimedOut => "TimedOut",
        Error::Unreadable { .. } => "Unreadable",
        Error::Refused { .. } => "Refused",
    }
}

/// A code is short and plain; other text in its place is not repeated.
fn code(error: &Error) -> Option<String> {
    match error {
        Error::Refused {
            code: Some(code), ..
        } => Some(if contract::is_plain(code.as_str()) {
            code.to_string()
        } else {
            "<odd>".to_owned()
        }),
        _ => None,
    }
}
