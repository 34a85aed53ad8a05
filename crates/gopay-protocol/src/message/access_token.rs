//! `POST /v1.0/access-token/b2b`, service 73 `[access-token-api]`.

use super::lenient;
use crate::Secret;
use serde::{Deserialize, Deserializer, Serialize};

/// Path of the API.
pub const PATH: &str = "/v1.0/access-token/b2b";

/// The lifetime of a token.
pub const LIFETIME_SECONDS: u64 = 900;

/// Asks for a token; the signature is in the headers.
///
/// Docs disagree: the API page names the field `grantType`, GoPay's own libraries send
/// `grant_type`. We send the former and read both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Always `client_credentials`.
    #[serde(rename = "grantType", alias = "grant_type")]
    pub grant_type: String,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            grant_type: "client_credentials".to_owned(),
        }
    }
}

/// A token. Its `responseCode` is ignored: older samples print `2007400` for the documented
/// `2007300`. HTTP status and the presence of a token decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Response {
    /// For `Authorization: Bearer` and for the string to sign.
    pub access_token: Secret,
    /// `Bearer`.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub token_type: String,
    /// Seconds; documented as text, read as a number too, `None` where it is neither.
    #[serde(
        default,
        deserialize_with = "seconds",
        serialize_with = "text",
        skip_serializing_if = "Option::is_none"
    )]
    pub expires_in: Option<u64>,
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(match &value {
        serde_json::Value::String(text) => text.parse().ok(),
        number => number.as_u64(),
    })
}

#[expect(clippy::ref_option, reason = "the signature is serde's")]
fn text<S: serde::Serializer>(seconds: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    match seconds {
        Some(seconds) => serializer.collect_str(seconds),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_of_the_api_page_is_read() {
        let sample = include_str!("../../tests/fixtures/access-token-response.json");
        let response: Response = serde_json::from_str(sample).unwrap();
        assert_eq!(response.expires_in, Some(900));
        assert_eq!(response.token_type, "Bearer");
    }

    #[test]
    fn an_odd_lifetime_is_no_reason_to_refuse_a_token() {
        for (odd, read) in [
            (r#""expiresIn":900,"#, Some(900)),
            (r#""expiresIn":"-1","#, None),
            (r#""expiresIn":null,"#, None),
            ("", None),
        ] {
            let body = format!(r#"{{{odd}"accessToken":"t"}}"#);
            let response: Response = serde_json::from_str(&body).unwrap();
            assert_eq!(response.expires_in, read, "{body}");
        }
    }

    #[test]
    fn both_spellings_of_the_grant_are_read_and_the_documented_one_is_sent() {
        assert_eq!(
            serde_json::to_string(&Request::default()).unwrap(),
            r#"{"grantType":"client_credentials"}"#
        );
        assert!(serde_json::from_str::<Request>(r#"{"grant_type":"client_credentials"}"#).is_ok());
    }
}
