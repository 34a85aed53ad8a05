//! `POST /v1/mini-apps/authorizations/token` of the mini-app API: exchanges an auth code for the
//! buyer's `auth_token` `[seamless-login-v2]`.

use super::{headers::header_text, rule::Rule};
use crate::{
    account,
    app_state::AppState,
    auth_codes::{AuthCodeError, Exchange, Grant},
    ledger::Event,
    mini_apps::{MiniAppId, MiniApps},
};
use axum::{
    Extension, Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gopay_protocol::header;
use serde_json::{Value, json};
use std::sync::Arc;

/// Unverified: the HTTP status of every code. The documents promise an appropriate one, and 401
/// for credentials.
#[derive(Debug, Clone, Copy, PartialEq)]
enum ExchangeError {
    NoCredentials,
    WrongCredentials,
    NotJson,
    NoCode,
    Code(AuthCodeError),
}

impl ExchangeError {
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

    fn rule(self) -> Rule {
        let says = match self {
            Self::NoCredentials | Self::WrongCredentials => {
                "Authorization is Basic, a space, and the AuthCredentials of a mini app"
            }
            Self::NotJson => "the body is JSON",
            Self::NoCode => "auth_code is a mandatory text",
            Self::Code(AuthCodeError::Unknown) => "the auth code is one of getAuthCode",
            Self::Code(AuthCodeError::OtherMiniApp) => {
                "an auth code is exchanged with the AuthCredentials of its mini app"
            }
            Self::Code(AuthCodeError::Expired) => {
                "an auth code is valid for six minutes, on older pages for five"
            }
            Self::Code(AuthCodeError::Used) => "an auth code is exchanged once",
        };
        Rule::new(says, "seamless-login-v2")
    }

    fn outcome(self) -> String {
        match self {
            Self::Code(error) => error.to_string(),
            other => other.description().to_owned(),
        }
    }
}

impl IntoResponse for ExchangeError {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        let mut error = json!({"description": self.description()});
        if let Some(code) = code {
            error["code"] = json!(code);
        }
        let body = json!({"success": false, "error": error});
        (status, Extension(self.rule()), Json(body)).into_response()
    }
}

/// Unverified: what `Request-Id` does exactly. Here a repetition with the same id and code gets
/// the same grant.
pub(crate) async fn exchange(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request_id = header_text(&headers, header::REQUEST_ID).unwrap_or_default();
    state.write(|gopay| {
        let mini_app = authenticate(&gopay.mini_apps, &headers);
        let code = mini_app.clone().and_then(|_| auth_code(&body));
        let number = code
            .as_ref()
            .ok()
            .and_then(|code| gopay.auth_codes.number(code));
        let result = mini_app.clone().and_then(|mini_app| {
            let exchange = Exchange {
                mini_app: &mini_app,
                code: &code?,
                request_id,
            };
            let (now, auth_token) = (gopay.now(), gopay.ids.auth_token());
            let lifetime = gopay.container.auth_code_lifetime.duration();
            let Grant {
                user,
                auth_token,
                is_repeated,
            } = gopay
                .auth_codes
                .exchange(exchange, auth_token, now, lifetime)
                .map_err(ExchangeError::Code)?;
            let granted = json!({
                "auth_token": *auth_token,
                "gopay_account_id": account::gopay_account_id(&user.buyer),
            });
            gopay.auth_tokens.add(auth_token, user);
            Ok((granted, is_repeated))
        });
        gopay.record(Event::AuthCodeExchanged {
            mini_app: mini_app.ok(),
            auth_code: number,
            outcome: match &result {
                Ok(_) => "granted".to_owned(),
                Err(error) => error.outcome(),
            },
            repeated: matches!(result, Ok((_, true))),
        });
        match result {
            Ok((granted, _)) => Json(json!({"success": true, "data": granted})).into_response(),
            Err(error) => error.into_response(),
        }
    })
}

/// The mini app of the AuthCredentials.
fn authenticate(mini_apps: &MiniApps, headers: &HeaderMap) -> Result<MiniAppId, ExchangeError> {
    let authorization =
        header_text(headers, header::AUTHORIZATION).ok_or(ExchangeError::NoCredentials)?;
    let mini_app = authorization
        .strip_prefix("Basic ")
        .and_then(|credentials| mini_apps.by_auth_credentials(credentials));
    mini_app
        .map(|mini_app| mini_app.id.clone())
        .ok_or(ExchangeError::WrongCredentials)
}

fn auth_code(body: &[u8]) -> Result<String, ExchangeError> {
    let body: Value = serde_json::from_slice(body).map_err(|_| ExchangeError::NotJson)?;
    match body.get("auth_code").and_then(Value::as_str) {
        Some(code) if !code.is_empty() => Ok(code.to_owned()),
        _ => Err(ExchangeError::NoCode),
    }
}
