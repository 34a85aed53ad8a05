//! Answers that a repeated request gets again. Pure.
//!
//! The same `X-EXTERNAL-ID` after a successful answer returns that answer
//! `[signature-generation]`, for 24 hours `[core-api-snap-open-api-overview]`. A failed
//! request leaves nothing behind and may be tried again under its id.

use gopay_protocol::ServiceCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::HashMap;

const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// Successful answers by service and external id.
#[derive(Debug, Default)]
pub(crate) struct Answers(HashMap<(u8, String), Answer>);

#[derive(Debug)]
struct Answer {
    at: Timestamp,
    request: Value,
    answer: Value,
}

/// Whether an id was used before.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Before {
    Never,
    /// With the same request; what it was answered.
    Answered(Value),
    /// With another request.
    Conflict,
}

impl Answers {
    pub(crate) fn find(
        &self,
        service: ServiceCode,
        external_id: &str,
        request: &Value,
        now: Timestamp,
    ) -> Before {
        let key = (service.digits(), external_id.to_owned());
        match self.0.get(&key) {
            Some(found) if now.duration_since(found.at) < REMEMBERED => {
                if found.request == comparable(request) {
                    Before::Answered(found.answer.clone())
                } else {
                    Before::Conflict
                }
            }
            _ => Before::Never,
        }
    }

    /// Whether a request under this id was answered with success, whatever it was.
    pub(crate) fn knows(&self, service: ServiceCode, external_id: &str, now: Timestamp) -> bool {
        let found = self.0.get(&(service.digits(), external_id.to_owned()));
        found.is_some_and(|found| now.duration_since(found.at) < REMEMBERED)
    }

    pub(crate) fn remember(
        &mut self,
        service: ServiceCode,
        external_id: &str,
        request: &Value,
        answer: Value,
        now: Timestamp,
    ) {
        self.0.insert(
            (service.digits(), external_id.to_owned()),
            Answer {
                at: now,
                request: comparable(request),
                answer,
            },
        );
    }
}

/// `chargeToken` is the bearer token: it changes while the request stays the same.
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
    fn an_answer_is_given_again_for_a_day() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut answers = Answers::default();
        let request = json!({"a": 1, "chargeToken": "x"});
        answers.remember(ServiceCode::Payment, "id", &request, json!("yes"), at(0));
        let find = |service, request, second| answers.find(service, "id", &request, at(second));
        let same = json!({"chargeToken": "y", "a": 1});
        assert_eq!(
            find(ServiceCode::Payment, same.clone(), 86_399),
            Before::Answered(json!("yes"))
        );
        assert_eq!(
            find(ServiceCode::Payment, json!({"a": 2}), 1),
            Before::Conflict
        );
        assert_eq!(
            find(ServiceCode::Payment, same.clone(), 86_400),
            Before::Never
        );
        assert_eq!(find(ServiceCode::Cancel, same, 1), Before::Never);
    }
}
