//! `POST /v1/mini-apps/authorizations/token` of the mini-app API: an auth code for the
//! buyer's `auth_token` `[seamless-login-v2]`.

use super::signed::text;
use crate::{account, id, ledger::Event, logins::CodeError, shared::Shared};
use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gopay_protocol::header;
use serde_json::{Value, json};
use std::sync::Arc;

/// Why there is no grant: the documented `error.code` where there is one, and what to say.
///
/// Unverified: the HTTP status of every code. The documents only promise an appropriate one,
/// and 401 for credentials.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Refused {
    NoCredentials,
    WrongCredentials,
    NotJson,
    NoCode,
    Code(CodeError),
}

impl Refused {
    fn status_and_code(self) -> (StatusCode, Option<&'static str>) {
        match self {
            Self::NoCredentials => (StatusCode::UNAUTHORIZED, Some("303")),
            Self::WrongCredentials => (StatusCode::UNAUTHORIZED, Some("110")),
            Self::NotJson => (StatusCode::BAD_REQUEST, Some("902")),
            Self::NoCode => (StatusCode::BAD_REQUEST, Some("303")),
            Self::Code(_) => (StatusCode::NOT_FOUND, None),
        }
    }

    fn description(self) -> &'static str {
        match self {
            Self::NoCredentials => "FIELD_CANNOT_BE_BLANK: Authorization",
            Self::WrongCredentials => "UNAUTHORIZED",
            Self::NotJson => "MALFORMED_JSON",
            Self::NoCode => "FIELD_CANNOT_BE_BLANK: auth_code",
            Self::Code(_) => "AuthCode Not Found",
        }
    }

    /// What the ledger says.
    fn outcome(self) -> String {
        match self {
            Self::Code(error) => error.to_string(),
            other => other.description().to_owned(),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        let mut error = json!({"description": self.description()});
        if let Some(code) = code {
            error["code"] = json!(code);
        }
        (status, Json(json!({"success": false, "error": error}))).into_response()
    }
}

/// Exchanges an auth code.
///
/// Unverified: what `Request-Id` does exactly. Here a request that was granted is granted the
/// same again when id and code are the same.
pub(crate) async fn exchange(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request_id = text(&headers, header::REQUEST_ID).unwrap_or_default();
    let code = check(&shared, &headers, &body);
    shared.write(|world| {
        let number = code
            .as_ref()
            .ok()
            .and_then(|code| world.logins.number(code));
        let result = code.and_then(|code| {
            let key = (request_id.to_owned(), code);
            if let Some(granted) = world.grants.get(&key).filter(|_| !request_id.is_empty()) {
                return Ok((granted.clone(), true));
            }
            let now = world.now();
            let buyer = world.logins.exchange(&key.1, now).map_err(Refused::Code)?;
            let auth_token = id::opaque();
            let granted = json!({
                "auth_token": auth_token,
                "gopay_account_id": account::gopay_account_id(buyer),
            });
            world.auth_tokens.add(auth_token, buyer.to_owned());
            world.grants.insert(key, granted.clone());
            Ok((granted, false))
        });
        world.record(Event::AuthCodeExchanged {
            auth_code: number,
            outcome: match &result {
                Ok(_) => "granted".to_owned(),
                Err(refused) => refused.outcome(),
            },
            repeated: matches!(result, Ok((_, true))),
        });
        match result {
            Ok((granted, _)) => Json(json!({"success": true, "data": granted})).into_response(),
            Err(refused) => refused.into_response(),
        }
    })
}

/// The auth code, from a merchant that is who it says it is.
fn check(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Result<String, Refused> {
    let authorization = text(headers, header::AUTHORIZATION).ok_or(Refused::NoCredentials)?;
    if authorization.strip_prefix("Basic ") != Some(shared.keys.auth_credentials.expose()) {
        return Err(Refused::WrongCredentials);
    }
    let body: Value = serde_json::from_slice(body).map_err(|_| Refused::NotJson)?;
    match body.get("auth_code").and_then(Value::as_str) {
        Some(code) if !code.is_empty() => Ok(code.to_owned()),
        _ => Err(Refused::NoCode),
    }
}
