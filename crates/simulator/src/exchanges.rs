//! The messages that crossed the line between merchant, mini app and GoPay, whole: requests to GoPay's APIs, calls
//! of the SDK, and notifications, each with its response.
//!
//! Invariant: at most [`MAX_EXCHANGES`] and [`MAX_BYTES`] of them are kept; the oldest go first. Of a body above
//! [`MAX_BODY_BYTES`] only the length is kept: a part of one has another hash, and secrets that are not found.

use crate::{
    api::Rule,
    faults::{Api, Endpoint},
    host::Host,
    keys::ExchangedKeys,
};
use axum::http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};
use strum::Display;

const MAX_EXCHANGES: usize = 1000;
const MAX_BYTES: usize = 16 << 20;
pub(crate) const MAX_BODY_BYTES: usize = 256 << 10;

/// Who talks to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, Serialize)]
#[strum(serialize_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    /// A page calls the SDK.
    Sdk,
    /// The merchant's back end calls.
    MiniAppApi,
    BiSnap,
    Snap,
    /// What the simulator does not play.
    Unknown,
    /// GoPay calls the merchant.
    Notification,
}

impl Line {
    /// That of a request to GoPay.
    pub(crate) fn of(path: &str) -> Self {
        if path == SDK_PATH {
            return Self::Sdk;
        }
        match Endpoint::at(path).map(Endpoint::api) {
            Some(Api::BiSnap(_)) => Self::BiSnap,
            Some(Api::Snap | Api::Core) => Self::Snap,
            Some(Api::MiniApp) => Self::MiniAppApi,
            None => Self::Unknown,
        }
    }
}

/// Where the SDK stand-in posts each call.
pub(crate) const SDK_PATH: &str = "/bridge/call";

/// Names and values.
pub(crate) type Fields = Vec<(String, String)>;

pub(crate) fn fields(headers: &HeaderMap) -> Fields {
    headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            (name.to_string(), value.into_owned())
        })
        .collect()
}

/// A body, whole or left out.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeptBody {
    bytes: Vec<u8>,
    length: usize,
}

impl KeptBody {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut body = Self::default();
        body.push(bytes);
        body
    }

    /// One more part of it.
    pub(crate) fn push(&mut self, part: &[u8]) {
        self.length += part.len();
        match self.length <= MAX_BODY_BYTES {
            true => self.bytes.extend_from_slice(part),
            false => self.bytes = Vec::new(),
        }
    }

    /// `None` where it is too long to be kept.
    pub(crate) fn whole(&self) -> Option<&[u8]> {
        (self.length <= MAX_BODY_BYTES).then_some(&self.bytes)
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }
}

/// A request, as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) line: Line,
    pub(crate) host: Option<Host>,
    pub(crate) method: String,
    /// With scheme and host.
    pub(crate) url: String,
    pub(crate) headers: Fields,
    pub(crate) body: KeptBody,
}

impl Sent {
    /// The path, with the query where there is one.
    pub(crate) fn target(&self) -> &str {
        let third_slash = self.url.match_indices('/').nth(2);
        third_slash
            .and_then(|(at, _)| self.url.get(at..))
            .unwrap_or("/")
    }

    /// `name` is in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Fields,
    pub(crate) body: KeptBody,
    /// Of a refusal; it does not go over the wire.
    pub(crate) rule: Option<Rule>,
}

#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) number: u64,
    pub(crate) at: Timestamp,
    pub(crate) sent: Sent,
    pub(crate) answer: Option<Answer>,
    /// Why there is no answer.
    pub(crate) failure: Option<&'static str>,
    pub(crate) began: Instant,
    pub(crate) took: Option<Duration>,
    /// As they were when the request came.
    pub(crate) keys: Arc<ExchangedKeys>,
    /// What is found out about its signature, once it has ended. Kept, since a mistake that is not known takes thousands
    /// of hashes. Not longer than the message by more than the strings to sign, and so bounded with it.
    pub(crate) signature: Arc<OnceLock<Value>>,
}

impl Exchange {
    pub(crate) const fn has_ended(&self) -> bool {
        self.took.is_some()
    }

    fn bytes(&self) -> usize {
        let of = |headers: &Fields, body: &KeptBody| {
            let headers = headers.iter().map(|(name, value)| name.len() + value.len());
            headers.sum::<usize>() + body.bytes.capacity()
        };
        let answer = self.answer.as_ref();
        self.sent.url.len()
            + of(&self.sent.headers, &self.sent.body)
            + answer.map_or(0, |answer| of(&answer.headers, &answer.body))
    }
}

#[derive(Debug, Default)]
pub(crate) struct Exchanges(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    next: u64,
    bytes: usize,
    all: VecDeque<Exchange>,
}

impl Kept {
    fn change(&mut self, number: u64, change: impl FnOnce(&mut Exchange)) -> Option<Exchange> {
        let exchange = self.all.iter_mut().rev().find(|it| it.number == number)?;
        let before = exchange.bytes();
        change(exchange);
        let changed = exchange.clone();
        self.bytes += changed.bytes();
        self.bytes -= before;
        self.shrink();
        Some(changed)
    }

    fn shrink(&mut self) {
        while self.all.len() > MAX_EXCHANGES || self.bytes > MAX_BYTES {
            let Some(oldest) = self.all.pop_front() else {
                return;
            };
            self.bytes -= oldest.bytes();
        }
    }
}

impl Exchanges {
    fn kept<T>(&self, act: impl FnOnce(&mut Kept) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Keeps a request, whose answer follows. Returns its number.
    pub(crate) fn begin(&self, sent: Sent, at: Timestamp, keys: Arc<ExchangedKeys>) -> u64 {
        self.kept(|kept| {
            kept.next += 1;
            let exchange = Exchange {
                number: kept.next,
                at,
                sent,
                answer: None,
                failure: None,
                began: Instant::now(),
                took: None,
                keys,
                signature: Arc::default(),
            };
            kept.bytes += exchange.bytes();
            kept.all.push_back(exchange);
            kept.shrink();
            kept.next
        })
    }

    /// The answer is there, or its beginning where the connection broke.
    pub(crate) fn end(&self, number: u64, answer: Answer) -> Option<Exchange> {
        self.change(number, |exchange| exchange.answer = Some(answer))
    }

    /// There is no answer.
    pub(crate) fn fail(&self, number: u64, why: &'static str) -> Option<Exchange> {
        self.change(number, |exchange| exchange.failure = Some(why))
    }

    fn change(&self, number: u64, change: impl FnOnce(&mut Exchange)) -> Option<Exchange> {
        self.kept(|kept| {
            kept.change(number, |exchange| {
                exchange.took = Some(exchange.began.elapsed());
                change(exchange);
            })
        })
    }

    /// The latest `count`, oldest first.
    pub(crate) fn last(&self, count: usize) -> Vec<Exchange> {
        self.kept(|kept| {
            let from = kept.all.len().saturating_sub(count);
            kept.all.iter().skip(from).cloned().collect()
        })
    }

    pub(crate) fn get(&self, number: u64) -> Option<Exchange> {
        self.kept(|kept| kept.all.iter().find(|it| it.number == number).cloned())
    }

    pub(crate) fn clear(&self) {
        self.kept(|kept| {
            kept.all.clear();
            kept.bytes = 0;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_kept_whole_or_not_at_all() {
        let mut body = KeptBody::of(&[b'x'; MAX_BODY_BYTES]);
        assert_eq!(body.whole().map(<[u8]>::len), Some(MAX_BODY_BYTES));
        body.push(b"y");
        assert_eq!(body.whole(), None);
        assert_eq!(body.len(), MAX_BODY_BYTES + 1);
        assert_eq!(body.bytes.capacity(), 0);
    }
}
