//! `GET /v1/mini-apps/users/profile` of the mini-app API: the buyer's name, phone and e-mail
//! `[get-profile-v2]`.
//!
//! Sent with `Authorization: Bearer <auth_token>` and a `Request-Id`, without a body. GoPay
//! answers only with the buyer's consent, which the container asks for.

use super::lenient;
use crate::Secret;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// Path of the API, on the mini-app host.
pub const PATH: &str = "/v1/mini-apps/users/profile";

/// The envelope.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Response {
    /// Whether `data` is there.
    #[serde(deserialize_with = "lenient::flag")]
    pub success: bool,
    /// The result.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub data: Option<Profile>,
}

/// Personal data. Every field may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Profile {
    #[serde(default, deserialize_with = "lenient::or_default")]
    username: Option<Secret>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    name: Option<Secret>,
    /// `+62...`
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub phone_number: Option<Secret>,
    /// As the buyer gave it to GoPay.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub email: Option<Secret>,
}

impl Profile {
    /// The buyer's name as they typed it: sanitise it before it is shown.
    ///
    /// Docs disagree: `username` on the current page, `name` on an older copy of it. The
    /// current one counts where both are there.
    pub fn name(&self) -> Option<&Secret> {
        self.username.as_ref().or(self.name.as_ref())
    }
}

/// Why there is no profile.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// Numeric, as text; absent in some samples.
    pub code: Option<String>,
    /// The name of the consent that is missing, for `GP.authorize`.
    ///
    /// Unverified: `[frontend-v2]` says that it is in "the error response from getProfile",
    /// `[get-profile-v2]` does not show where. It is looked for under `consent_name` (the word
    /// of `[frontend-v2]`), `consentName`, `consent` and `scope`; in `error`, `error.data`,
    /// `data` and beside them; and, in a refusal whose code is about consent, at the end of
    /// `error.description`, behind a colon.
    pub consent: Option<String>,
}

impl Refusal {
    /// Whether the buyer may be asked, and GoPay then once more.
    pub fn wants_consent(&self) -> bool {
        self.consent.is_some() || self.code.as_deref().is_some_and(is_about_consent)
    }
}

/// Docs disagree: the longer table of `[get-profile-v2]` has 400004, its shorter one not. 110
/// covers "missing scope" as well as an inactive token; a token is fresh from signing in, so
/// the scope is likelier, and asking the buyer does no harm.
fn is_about_consent(code: &str) -> bool {
    matches!(code, "400004" | "110")
}

impl<'de> Deserialize<'de> for Refusal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let answer = Value::deserialize(deserializer)?;
        let error = &answer["error"];
        if !error.is_object() {
            return Err(serde::de::Error::missing_field("error"));
        }
        let code = match &error["code"] {
            // It goes into logs: a code is short and plain, or it is none.
            Value::String(code) if code.len() <= 16 && is_consent_name(code) => Some(code.clone()),
            Value::Number(code) => Some(code.to_string()),
            _ => None,
        };
        let described = (error["description"].as_str())
            .filter(|_| code.as_deref().is_some_and(is_about_consent))
            .and_then(|text| text.rsplit_once(':'));
        let fields = ["consent_name", "consentName", "consent", "scope"];
        let consent = [error, &error["data"], &answer["data"], &answer]
            .into_iter()
            .flat_map(|place| fields.map(|field| place[field].as_str()))
            .flatten()
            .chain(described.map(|(_, name)| name.trim()))
            .find(|name| is_consent_name(name))
            .map(str::to_owned);
        Ok(Self { code, consent })
    }
}

/// Only such a name is passed on to a phone.
fn is_consent_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(text: &str) -> Response {
        serde_json::from_str(text).unwrap()
    }

    fn refusal(text: &str) -> Refusal {
        serde_json::from_str(text).unwrap()
    }

    fn name(text: &str) -> Option<String> {
        let profile = response(text).data?;
        Some(profile.name()?.expose().to_owned())
    }

    #[test]
    fn the_samples_of_the_page_are_read() {
        let sample = include_str!("../../tests/fixtures/profile.json");
        assert_eq!(name(sample).as_deref(), Some("example"));
        let profile = response(sample).data.unwrap();
        assert_eq!(profile.phone_number.unwrap().expose(), "+628210072773");
        assert_eq!(profile.email.unwrap().expose(), "example@gmail.com");
        let sample = include_str!("../../tests/fixtures/profile-refused.json");
        assert_eq!(response(sample).data, None);
        let refused = refusal(sample);
        assert_eq!(refused.code.as_deref(), Some("105"));
        assert!(!refused.wants_consent());
    }

    #[test]
    fn both_names_of_the_name_are_read() {
        for (data, read) in [
            (r#"{"name":"Budi"}"#, Some("Budi")),
            (r#"{"username":"budi","name":"Budi"}"#, Some("budi")),
            (r#"{"username":null,"name":"Budi"}"#, Some("Budi")),
            (r#"{"username":7}"#, None),
            ("{}", None),
            (r#""Budi""#, None),
        ] {
            let text = format!(r#"{{"success":true,"data":{data}}}"#);
            assert_eq!(name(&text).as_deref(), read, "{data}");
        }
    }

    #[test]
    fn the_missing_consent_is_found_wherever_it_may_be() {
        for answer in [
            r#"{"success":false,"error":{"code":"400004","consent_name":"user_profile"}}"#,
            r#"{"success":false,"error":{"code":400004,"data":{"scope":"user_profile"}}}"#,
            r#"{"success":false,"error":{},"data":{"consentName":"user_profile"}}"#,
            r#"{"success":false,"error":{"description":"x"},"consent":"user_profile"}"#,
            r#"{"success":false,"error":{"code":"400004","description":"Missing: user_profile"}}"#,
            r#"{"success":false,"error":{"consent":["a"],"scope":"user_profile"}}"#,
        ] {
            let refused = refusal(answer);
            assert_eq!(refused.consent.as_deref(), Some("user_profile"), "{answer}");
            assert!(refused.wants_consent(), "{answer}");
        }
    }

    #[test]
    fn a_consent_that_is_not_named_is_still_wanted() {
        for code in ["\"400004\"", "400004", "\"110\""] {
            let refused = refusal(&format!(r#"{{"error":{{"code":{code}}}}}"#));
            assert!(refused.wants_consent(), "{code}");
            assert_eq!(refused.consent, None, "{code}");
        }
    }

    #[test]
    fn another_refusal_names_no_consent() {
        let refused = refusal(
            r#"{"error":{"code":"303","description":"FIELD_CANNOT_BE_BLANK: Authorization"}}"#,
        );
        assert_eq!(refused.consent, None);
        assert!(!refused.wants_consent());
    }

    #[test]
    fn text_that_is_no_consent_name_is_not_passed_on() {
        for name in ["", "a b", "<b>", "gopay://x", &"x".repeat(65)] {
            let answer = format!(r#"{{"error":{{"code":"105","consent_name":"{name}"}}}}"#);
            assert_eq!(refusal(&answer).consent, None, "{name}");
        }
        assert!(serde_json::from_str::<Refusal>(r#"{"success":true}"#).is_err());
    }

    #[test]
    fn debug_hides_name_phone_and_email() {
        let shown = format!(
            "{:?}",
            response(include_str!("../../tests/fixtures/profile.json"))
        );
        for part in ["example", "8210072773", "gmail"] {
            assert!(!shown.contains(part), "{shown}");
        }
    }
}
