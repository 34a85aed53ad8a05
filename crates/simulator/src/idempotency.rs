//! Responses that a repeated request receives again. Pure.
//!
//! The same `X-EXTERNAL-ID` after a successful response returns that response
//! `[signature-generation]`, for 24 hours `[core-api-snap-open-api-overview]`. A failed request
//! is not remembered: its id may be used again.

use crate::faults::Endpoint;
use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::HashMap;

const IDEMPOTENCY_WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Successful responses by endpoint and id of the request.
#[derive(Debug, Default)]
pub(crate) struct IdempotencyCache(HashMap<(Endpoint, String), Entry>);

/// As texts: maps take ten times the memory.
#[derive(Debug)]
struct Entry {
    at: Timestamp,
    /// Of the request, see [`request_hash`].
    hash: [u8; SHA256_OUTPUT_LEN],
    response: Box<str>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Lookup {
    Miss,
    /// The id was used with the same request, which had this response.
    Hit(Value),
    /// The id was used with another request.
    Conflict,
}

impl IdempotencyCache {
    pub(crate) fn lookup(
        &self,
        endpoint: Endpoint,
        external_id: &str,
        request: &Value,
        now: Timestamp,
    ) -> Lookup {
        match self.get(endpoint, external_id, now) {
            Some(entry) if entry.hash == request_hash(request) => {
                Lookup::Hit(serde_json::from_str(&entry.response).unwrap_or_default())
            }
            Some(_) => Lookup::Conflict,
            None => Lookup::Miss,
        }
    }

    /// Whether a request under this id succeeded, whatever its body.
    pub(crate) fn contains(&self, endpoint: Endpoint, external_id: &str, now: Timestamp) -> bool {
        self.get(endpoint, external_id, now).is_some()
    }

    fn get(&self, endpoint: Endpoint, external_id: &str, now: Timestamp) -> Option<&Entry> {
        let entry = self.0.get(&(endpoint, external_id.to_owned()))?;
        (now.duration_since(entry.at) < IDEMPOTENCY_WINDOW).then_some(entry)
    }

    pub(crate) fn insert(
        &mut self,
        endpoint: Endpoint,
        external_id: &str,
        request: &Value,
        response: &Value,
        now: Timestamp,
    ) {
        self.0.insert(
            (endpoint, external_id.to_owned()),
            Entry {
                at: now,
                hash: request_hash(request),
                response: response.to_string().into(),
            },
        );
    }
}

/// The hash of a request without `chargeToken`, which is the access token: it changes while the request stays the
/// same. The fields are in the order of their names.
fn request_hash(request: &Value) -> [u8; SHA256_OUTPUT_LEN] {
    let mut request = request.clone();
    if let Some(fields) = request.as_object_mut() {
        fields.remove("chargeToken");
    }
    let mut hash = [0; SHA256_OUTPUT_LEN];
    let digest = digest(&SHA256, request.to_string().as_bytes());
    hash.copy_from_slice(digest.as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_response_is_repeated_for_a_day() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut cache = IdempotencyCache::default();
        let request = json!({"a": 1, "chargeToken": "x"});
        cache.insert(Endpoint::Payment, "id", &request, &json!("yes"), at(0));
        let lookup = |endpoint, request, second| cache.lookup(endpoint, "id", &request, at(second));
        let same = json!({"chargeToken": "y", "a": 1});
        assert_eq!(
            lookup(Endpoint::Payment, same.clone(), 86_399),
            Lookup::Hit(json!("yes"))
        );
        assert_eq!(
            lookup(Endpoint::Payment, json!({"a": 2}), 1),
            Lookup::Conflict
        );
        assert_eq!(
            lookup(Endpoint::Payment, same.clone(), 86_400),
            Lookup::Miss
        );
        assert_eq!(lookup(Endpoint::Cancel, same, 1), Lookup::Miss);
    }
}
