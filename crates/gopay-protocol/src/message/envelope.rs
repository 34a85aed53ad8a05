//! The envelope of every answer of the mini-app API `[backend-v2]`.

use super::lenient;
use crate::MiniAppErrorCode;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::Value;

/// An answer of the mini-app API.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Envelope<T> {
    /// Whether GoPay has done what was asked.
    pub success: bool,
    /// The result, where there is one and it can be read.
    pub data: Option<T>,
    /// The reason of a refusal; without content on some successes.
    pub error: Option<Refusal>,
}

/// Why GoPay refuses a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Refusal {
    /// Absent in some samples.
    pub code: Option<MiniAppErrorCode>,
    /// For developers.
    pub description: Option<String>,
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
        let code = self.code.as_ref();
        self.consent.is_some() || code.is_some_and(MiniAppErrorCode::is_about_consent)
    }

    fn read(answer: &Value) -> Self {
        let error = &answer["error"];
        let code = match &error["code"] {
            // It goes into logs: a code is short and plain, or it is none.
            Value::String(code) if code.len() <= 16 && is_plain(code) => Some(code.clone()),
            Value::Number(code) => Some(code.to_string()),
            _ => None,
        };
        let code = code.as_deref().map(MiniAppErrorCode::from_code);
        let description = lenient::text_of(&error["description"]);
        let described = (description.as_deref())
            .filter(|_| (code.as_ref()).is_some_and(MiniAppErrorCode::is_about_consent))
            .and_then(|text| text.rsplit_once(':'));
        let fields = ["consent_name", "consentName", "consent", "scope"];
        let consent = [error, &error["data"], &answer["data"], answer]
            .into_iter()
            .flat_map(|place| fields.map(|field| place[field].as_str()))
            .flatten()
            .chain(described.map(|(_, name)| name.trim()))
            .find(|name| is_plain(name))
            .map(str::to_owned);
        Self {
            code,
            description,
            consent,
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Envelope<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut answer = Value::deserialize(deserializer)?;
        let success = answer.get("success");
        let success = lenient::is_true(success.ok_or_else(|| D::Error::missing_field("success"))?);
        let error = answer["error"].is_object().then(|| Refusal::read(&answer));
        let data = answer.get_mut("data").map(Value::take);
        Ok(Self {
            success,
            data: data.and_then(|data| serde_json::from_value(data).unwrap_or_default()),
            error,
        })
    }
}

/// Only such a name of a consent is passed on to a phone, and only such a code into a log.
fn is_plain(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(text: &str) -> Envelope<String> {
        serde_json::from_str(text).unwrap()
    }

    fn refusal(error: &str) -> Refusal {
        envelope(&format!(r#"{{"success":false,{error}}}"#))
            .error
            .unwrap()
    }

    #[test]
    fn the_parts_of_an_answer_do_not_hide_each_other() {
        for (text, success, data, has_error) in [
            (r#"{"success":true,"data":"x"}"#, true, Some("x"), false),
            (
                r#"{"success":"true","error":{},"data":"x"}"#,
                true,
                Some("x"),
                true,
            ),
            (r#"{"success":true,"data":7}"#, true, None, false),
            (
                r#"{"success":1,"data":null,"error":null}"#,
                false,
                None,
                false,
            ),
            (r#"{"success":false,"error":"no"}"#, false, None, false),
        ] {
            let read = envelope(text);
            assert_eq!(read.success, success, "{text}");
            assert_eq!(read.data.as_deref(), data, "{text}");
            assert_eq!(read.error.is_some(), has_error, "{text}");
        }
        for nonsense in ["{}", "[]", "null", r#""success""#] {
            assert!(
                serde_json::from_str::<Envelope<String>>(nonsense).is_err(),
                "{nonsense}"
            );
        }
    }

    #[test]
    fn an_answer_without_data_is_a_success() {
        let read: Envelope<()> = serde_json::from_str(r#"{"success":true}"#).unwrap();
        assert!(read.success);
    }

    #[test]
    fn the_missing_consent_is_found_wherever_it_may_be() {
        for error in [
            r#""error":{"code":"400004","consent_name":"user_profile"}"#,
            r#""error":{"code":400004,"data":{"scope":"user_profile"}}"#,
            r#""error":{},"data":{"consentName":"user_profile"}"#,
            r#""error":{"description":"x"},"consent":"user_profile""#,
            r#""error":{"code":"400004","description":"Missing: user_profile"}"#,
            r#""error":{"consent":["a"],"scope":"user_profile"}"#,
        ] {
            let refused = refusal(error);
            assert_eq!(refused.consent.as_deref(), Some("user_profile"), "{error}");
            assert!(refused.wants_consent(), "{error}");
        }
    }

    #[test]
    fn a_consent_that_is_not_named_is_still_wanted() {
        for code in ["\"400004\"", "400004", "\"110\""] {
            let refused = refusal(&format!(r#""error":{{"code":{code}}}"#));
            assert!(refused.wants_consent(), "{code}");
            assert_eq!(refused.consent, None, "{code}");
        }
    }

    #[test]
    fn another_refusal_names_no_consent() {
        let refused = refusal(
            r#""error":{"code":"303","description":"FIELD_CANNOT_BE_BLANK: Authorization"}"#,
        );
        assert_eq!(refused.consent, None);
        assert!(!refused.wants_consent());
    }

    #[test]
    fn text_that_is_no_consent_name_is_not_passed_on() {
        for name in ["", "a b", "<b>", "gopay://x", &"x".repeat(65)] {
            let error = format!(r#""error":{{"code":"105","consent_name":"{name}"}}"#);
            assert_eq!(refusal(&error).consent, None, "{name}");
        }
    }

    #[test]
    fn a_code_is_short_and_plain_or_none() {
        for (code, read) in [
            ("\"4060\"", Some("4060")),
            ("4060", Some("4060")),
            ("\"E-1\"", Some("E-1")),
            ("\"budi@example.com\"", None),
            ("\"12345678901234567\"", None),
            ("\"\"", None),
            ("[]", None),
        ] {
            let code = refusal(&format!(r#""error":{{"code":{code}}}"#)).code;
            assert_eq!(code.as_ref().map(MiniAppErrorCode::code), read);
        }
    }
}
