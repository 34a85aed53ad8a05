//! Responses that a repeated request receives again. Pure.
//!
//! The same `X-EXTERNAL-ID` after a successful response returns that response
//! `[signature-generation]`, for 24 hours `[core-api-snap-open-api-overview]`. A failed request
//! is not remembered: its id may be used again.

use gopay_protocol::ServiceCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::HashMap;

const IDEMPOTENCY_WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Successful responses by service and external id.
#[derive(Debug, Default)]
pub(crate) struct IdempotencyCache(HashMap<(u8, String), Entry>);

#[derive(Debug)]
struct Entry {
    at: Timestamp,
    request: Value,
    response: Value,
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
        service: ServiceCode,
        external_id: &str,
        request: &Value,
        now: Timestamp,
    ) -> Lookup {
        match self.get(service, external_id, now) {
            Some(entry) if entry.request == comparable(request) => {
                Lookup::Hit(entry.response.clone())
            }
            Some(_) => Lookup::Conflict,
            None => Lookup::Miss,
        }
    }

    /// Whether a request under this id succeeded, whatever its body.
    pub(crate) fn contains(&self, service: ServiceCode, external_id: &str, now: Timestamp) -> bool {
        self.get(service, external_id, now).is_some()
    }

    fn get(&self, service: ServiceCode, external_id: &str, now: Timestamp) -> Option<&Entry> {
        let entry = self.0.get(&(service.digits(), external_id.to_owned()))?;
        (now.duration_since(entry.at) < IDEMPOTENCY_WINDOW).then_some(entry)
    }

    pub(crate) fn insert(
        &mut self,
        service: ServiceCode,
        external_id: &str,
        request: &Value,
        response: Value,
        now: Timestamp,
    ) {
        self.0.insert(
            (service.digits(), external_id.to_owned()),
            Entry {
                at: now,
                request: comparable(request),
                response,
            },
        );
    }
}

/// Without `chargeToken`, which is the access token: it changes while the request stays the same.
fn comparable(request: &Value) -> Value {
    let mut request = request.clone();
    if let Some(fields) = request.as_object_mut() {
        fields.remove("chargeToken");
    }
    request
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
        cache.insert(ServiceCode::Payment, "id", &request, json!("yes"), at(0));
        let lookup = |service, request, second| cache.lookup(service, "id", &request, at(second));
        let same = json!({"chargeToken": "y", "a": 1});
        assert_eq!(
            lookup(ServiceCode::Payment, same.clone(), 86_399),
            Lookup::Hit(json!("yes"))
        );
        assert_eq!(
            lookup(ServiceCode::Payment, json!({"a": 2}), 1),
            Lookup::Conflict
        );
        assert_eq!(
            lookup(ServiceCode::Payment, same.clone(), 86_400),
            Lookup::Miss
        );
        assert_eq!(lookup(ServiceCode::Cancel, same, 1), Lookup::Miss);
    }
}
