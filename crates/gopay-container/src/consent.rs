//! The buyer's consent: `GP.authorize`.

use crate::{Error, call, method::Method, reply::Reply};
use serde::Serialize;
use serde_json::Value;

/// Shows GoPay's consent popup for one consent name, such as `location` or `camera`.
///
/// Only for consents that GoPay configured as asked *after* launch. V2 only, since GoPay
/// app 1.52.0. <https://docs.midtrans.com/reference/frontend-v2#get-user-consent>
///
/// # Errors
///
/// Any [`Error`] but [`Error::NoConsent`]: a refusal is [`Consent::Refused`].
/// [`Error::TimedOut`] after 2 min.
pub async fn get_consent(scope: &str) -> Result<Consent, Error> {
    // Docs disagree: the method table of `frontend-v2` lists GPConsent.getUserConsent,
    // the specification under that very heading calls GP.authorize. Asking the second
    // only where the first is unknown never shows two popups.
    // Unverified: GPConsent's parameters are documented nowhere; these are GP.authorize's.
    let methods = [
        Method::interactive("GP", "authorize"),
        Method::interactive("GPConsent", "getUserConsent"),
    ];
    let reply = call::first_supported(methods, &Ask { scope }).await?;
    Consent::read(&reply, scope)
}

#[derive(Serialize)]
struct Ask<'a> {
    scope: &'a str,
}

/// The buyer's answer to a consent popup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Consent {
    /// The buyer agreed.
    Granted,
    /// The buyer refused, or the answer is no clear yes to this very consent.
    Refused,
}

impl Consent {
    /// Docs disagree: in `frontend-v2` the sample answer has `successScope` inside `data`,
    /// the sample code reads it from the top; [`Reply`] finds it in either. The older
    /// `get-consent` page has `consent_name` and `has_consent` in its place.
    pub(crate) fn read(reply: &Reply, scope: &str) -> Result<Self, Error> {
        let decision = match reply.get(["successScope", "success_scope"]) {
            Some(Value::Object(scopes)) => scopes.get(scope),
            None if reply.text(["consentName", "consent_name"]) == Some(scope) => {
                reply.get(["hasConsent", "has_consent"])
            }
            _ => {
                return Err(Error::Unreadable {
                    what: "no successScope",
                });
            }
        };
        Ok(if decision == Some(&Value::Bool(true)) {
            Self::Granted
        } else {
            Self::Refused
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        contract::answer,
        reply::{Callback, decode},
    };
    use serde_json::json;

    fn read(data: Value) -> Result<Consent, Error> {
        let answer = json!({"success": true, "data": data});
        Consent::read(&decode(Some(answer), Callback::Success)?, "location")
    }

    #[test]
    fn the_documented_consent_is_read_in_all_its_shapes() {
        for (method, name) in [
            ("GP.authorize", "documented"),
            ("GP.authorize", "as_the_sample_code_reads_it"),
            ("GPConsent.getUserConsent", "as_authorize"),
        ] {
            let reply = answer(method, name).unwrap();
            assert_eq!(Consent::read(&reply, "location"), Ok(Consent::Granted));
            assert_eq!(Consent::read(&reply, "camera"), Ok(Consent::Refused));
        }
        let refused = answer("GP.authorize", "refused_by_the_buyer").unwrap();
        assert_eq!(Consent::read(&refused, "location"), Ok(Consent::Refused));
        let older = answer("GPConsent.getUserConsent", "older").unwrap();
        assert_eq!(Consent::read(&older, "location"), Ok(Consent::Granted));
    }

    #[test]
    fn only_a_clear_yes_to_this_very_scope_grants() {
        for scopes in [
            json!({}),
            json!({"location": false}),
            json!({"location": null}),
            json!({"location": "true"}),
            json!({"location": 1}),
            json!({"camera": true}),
        ] {
            let result = read(json!({"successScope": scopes}));
            assert_eq!(result, Ok(Consent::Refused), "{scopes}");
        }
    }

    #[test]
    fn the_older_shape_is_read_for_this_very_scope() {
        let answer = |name, yes| read(json!({"consent_name": name, "has_consent": yes}));
        assert_eq!(answer("location", true), Ok(Consent::Granted));
        assert_eq!(answer("location", false), Ok(Consent::Refused));
        assert!(matches!(
            answer("camera", true),
            Err(Error::Unreadable { .. })
        ));
    }

    #[test]
    fn an_answer_without_a_decision_is_unreadable() {
        for data in [json!(null), json!({}), json!({"successScope": true})] {
            let result = read(data.clone());
            assert!(matches!(result, Err(Error::Unreadable { .. })), "{data}");
        }
    }
}
