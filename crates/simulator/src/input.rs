//! What a request brings, in whatever form curl sends it. Errors have one form, `{"error": "..."}`, and say what works;
//! GoPay's APIs have their own.

use crate::path_form::is_of_form;
use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, FromRequestParts, MatchedPath, Path, Query, Request},
    http::{HeaderMap, Method, StatusCode, Uri, header::HOST, request::Parts},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

/// A JSON body with any content type, none at all for `{}`, or the pairs of a form.
#[derive(Debug)]
pub(crate) struct Input<T>(pub(crate) T);

/// The parameters behind the `?` of the address.
#[derive(Debug)]
pub(crate) struct Parameters<T>(pub(crate) T);

/// The parameters in the path of the address.
#[derive(Debug)]
pub(crate) struct PathParameters<T>(pub(crate) T);

/// Of a body that did not arrive.
pub(crate) const BODY_NOT_READ: &str = "the body is cut off, or longer than 2 MiB";

/// Of a request; more than any of GoPay's.
pub(crate) const MAX_REQUEST_BYTES: usize = 2 << 20;

/// In the place of the framework's words.
const NOT_UNDERSTOOD: &str = "the address is not understood";

/// Bodies that work, by the form of the path below `/control` and `/bridge`.
const EXAMPLES: [(&str, &str); 22] = [
    ("notifications", r#"{"mode": "delay"}"#),
    ("notifications/{reference_no}/repeat", r#"{"status": "03"}"#),
    (
        "notifications/forge",
        r#"{"ref": "A1...", "how": "tampered"}"#,
    ),
    ("payments/{reference_no}/open", r#"{"buyer": "siti"}"#),
    (
        "recording/replay",
        r#"{"steps": [{"call": "POST /control/payments/{1}/pay"}]}"#,
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
        "consent",
        r#"{"scope": "location", "buyer": "budi", "allowed": true}"#,
    ),
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
        let matched = request.extensions().get::<MatchedPath>().cloned();
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| refuse(rejection.status(), BODY_NOT_READ))?;
        read(&body).map(Self).map_err(|why| {
            let mut error = json!({"error": format!("the body is not understood: {why}")});
            let matched = matched.as_ref().map_or("", MatchedPath::as_str);
            if let Some(line) = working_line(&method, matched, uri.path(), &headers) {
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
                let why = why.body_text();
                let why = why.replacen("Failed to deserialize query string", NOT_UNDERSTOOD, 1);
                refuse(StatusCode::UNPROCESSABLE_ENTITY, &why)
            })
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathParameters<T> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(parameters)) => Ok(Self(parameters)),
            Err(why) => {
                let why = why.body_text();
                let why = why.replacen("Invalid URL", NOT_UNDERSTOOD, 1);
                Err(refuse(StatusCode::UNPROCESSABLE_ENTITY, &why))
            }
        }
    }
}

/// For a path that has other methods.
pub(crate) async fn refuse_method(method: Method, uri: Uri) -> Response {
    let why = format!(
        "{method} {}: another method is right here, see the response's header Allow",
        uri.path()
    );
    refuse(StatusCode::METHOD_NOT_ALLOWED, &why)
}

pub(crate) fn refuse(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({"error": why}))).into_response()
}

/// The error names the field.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let body = body.trim_ascii();
    let body = if body.is_empty() { b"{}" } else { body };
    let json = json_of(body).map_err(|error| error.to_string())?;
    serde_path_to_error::deserialize(json).map_err(|error| {
        let path = error.path().to_string();
        match path.as_str() {
            "." => error.inner().to_string(),
            _ => format!("{path}: {}", error.inner()),
        }
    })
}

/// JSON, or the pairs of a form.
pub(crate) fn json_of(body: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(body).or_else(|error| pairs(body).ok_or(error))
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

/// `matched` is the form of the whole path, and `path` what is left of it in a nested router.
fn working_line(method: &Method, matched: &str, path: &str, headers: &HeaderMap) -> Option<String> {
    let root = matched.split('/').nth(1)?;
    let path = path.trim_start_matches('/');
    let below = path.strip_prefix(&format!("{root}/")).unwrap_or(path);
    let (_, body) = EXAMPLES.iter().find(|(form, _)| is_of_form(below, form))?;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let host = host.unwrap_or("localhost:9090");
    Some(format!(
        "curl -X {method} http://{host}/{root}/{below} -d '{body}'"
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
        let line = |matched: &str, path: &str| {
            working_line(&Method::PUT, matched, path, &HeaderMap::new())
        };
        assert_eq!(
            line("/control/notifications", "/notifications").as_deref(),
            Some(
                "curl -X PUT http://localhost:9090/control/notifications -d '{\"mode\": \"delay\"}'"
            )
        );
        assert!(
            line(
                "/control/payments/{reference_no}/refund",
                "/payments/A1/refund"
            )
            .unwrap()
            .contains("control/payments/A1/refund")
        );
        for (path, line_of) in [
            ("/bridge/call", "/bridge/call"),
            ("/bridge/consent", "/consent"),
        ] {
            let line = line(path, line_of).unwrap();
            assert!(line.contains(&format!("9090{path} ")), "{line}");
        }
        assert_eq!(line("/control/unknown", "/unknown"), None);
    }
}
