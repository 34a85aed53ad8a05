//! What a request brings, in whatever form curl sends it. Errors have one form, and name a line that works.

use crate::path_form::is_of_form;
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Query, Request},
    http::{HeaderMap, Method, StatusCode, header::HOST, request::Parts},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

/// A JSON body with any content type, none at all for `{}`, or the pairs of a form.
#[derive(Debug)]
pub(crate) struct Input<T>(pub(crate) T);

/// The parameters of the address.
#[derive(Debug)]
pub(crate) struct Parameters<T>(pub(crate) T);

/// Bodies that work, by the form of the path below `/control`.
const EXAMPLES: [(&str, &str); 19] = [
    ("notifications", r#"{"mode": "delay"}"#),
    ("notifications/{reference_no}/repeat", r#"{"status": "03"}"#),
    (
        "notifications/forge",
        r#"{"ref": "A1...", "how": "tampered"}"#,
    ),
    ("payments/{reference_no}/refund", r#"{"amount": 10000}"#),
    ("faults", r#"[{"on": "payment", "do": "answer_lost"}]"#),
    (
        "sdk-faults",
        r#"[{"on": "GP.launchPayment", "do": "called_twice"}]"#,
    ),
    ("outcomes", r#"[{"do": "fail", "for": {"amount": 13000}}]"#),
    (
        "setup",
        r#"{"notifications": "delay", "outcomes": [{"do": "pay"}]}"#,
    ),
    ("refunds", r#"{"ending": "failed"}"#),
    ("mini-app", r#"{"wallet": 10000}"#),
    ("scenario", r#"{"name": "outside"}"#),
    ("container", r#"{"container": "v1"}"#),
    ("checkout", r#"{"snap_notification": "classic"}"#),
    ("merchant", r#"{"notify": "http://localhost:8080"}"#),
    ("clock/advance", r#"{"seconds": 120}"#),
    ("clock", r#"{"ahead_seconds": 0}"#),
    ("keys", r#"{"gopay": "next"}"#),
    ("buyers/{id}", r#"{"balance": 10000}"#),
    (
        "call",
        r#"{"class": "GPMiniAppAuth", "method": "getAuthCode"}"#,
    ),
];

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Input<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let headers = request.headers().clone();
        let body = Bytes::from_request(request, state)
            .await
            .map_err(IntoResponse::into_response)?;
        read(&body).map(Self).map_err(|why| {
            let mut error = json!({"error": format!("the body is not understood: {why}")});
            if let Some(line) = working_line(&method, uri.path(), &headers) {
                error["works"] = json!(line);
            }
            (StatusCode::UNPROCESSABLE_ENTITY, Json(error)).into_response()
        })
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(parameters)| Self(parameters))
            .map_err(|why| {
                let error = json!({"error": why.body_text()});
                (StatusCode::UNPROCESSABLE_ENTITY, Json(error)).into_response()
            })
    }
}

/// The error names the field.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let body = body.trim_ascii();
    let body = if body.is_empty() { b"{}" } else { body };
    let json = match serde_json::from_slice::<Value>(body) {
        Ok(json) => json,
        Err(error) => pairs(body).ok_or_else(|| error.to_string())?,
    };
    serde_path_to_error::deserialize(json).map_err(|error| {
        let path = error.path().to_string();
        match path.as_str() {
            "." => error.inner().to_string(),
            _ => format!("{path}: {}", error.inner()),
        }
    })
}

/// `mode=delay&seconds=5`, as `curl -d` and forms send it.
fn pairs(body: &[u8]) -> Option<Value> {
    let is_form = body.contains(&b'=') && !body.starts_with(b"{") && !body.starts_with(b"[");
    is_form.then(|| {
        let pairs = form_urlencoded::parse(body).map(|(name, value)| {
            let value = serde_json::from_str(&value).unwrap_or_else(|_| json!(value));
            (name.into_owned(), value)
        });
        Value::Object(pairs.collect::<Map<_, _>>())
    })
}

/// `path` is what is left of it in a nested router.
fn working_line(method: &Method, path: &str, headers: &HeaderMap) -> Option<String> {
    let path = path.trim_start_matches('/');
    let below = path.strip_prefix("bridge/").unwrap_or(path);
    let (_, body) = EXAMPLES.iter().find(|(form, _)| is_of_form(below, form))?;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.unwrap_or("localhost:9090");
    let root = if below == path { "control/" } else { "" };
    Some(format!(
        "curl -X {method} http://{host}/{root}{path} -d '{body}'"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Choice {
        mode: String,
        seconds: Option<u32>,
    }

    #[test]
    fn json_and_pairs_are_read_alike() {
        let delay = || Choice {
            mode: "delay".to_owned(),
            seconds: Some(5),
        };
        for body in [
            r#" {"mode": "delay", "seconds": 5} "#,
            "mode=delay&seconds=5",
        ] {
            assert_eq!(read::<Choice>(body.as_bytes()).unwrap(), delay(), "{body}");
        }
        for (body, words) in [
            ("", "missing field `mode`"),
            ("{", "EOF"),
            ("nonsense", "expected"),
            (r#"{"mode": 1}"#, "mode: invalid type"),
            ("mod=delay", "unknown field `mod`"),
        ] {
            let error = read::<Choice>(body.as_bytes()).unwrap_err();
            assert!(error.contains(words), "{body}: {error}");
        }
    }

    #[test]
    fn an_error_has_a_line_that_works() {
        let line = |path: &str| working_line(&Method::PUT, path, &HeaderMap::new());
        assert_eq!(
            line("/notifications").as_deref(),
            Some(
                "curl -X PUT http://localhost:9090/control/notifications -d '{\"mode\": \"delay\"}'"
            )
        );
        assert!(
            line("/payments/A1/refund")
                .unwrap()
                .contains("control/payments/A1/refund")
        );
        assert!(line("/bridge/call").unwrap().contains("9090/bridge/call"));
        assert_eq!(line("/unknown"), None);
    }
}
