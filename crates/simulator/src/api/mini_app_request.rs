//! What the mini-app API's requests with a buyer's `auth_token` have in common: the token, the
//! `Request-Id`, the envelope and the error codes.

use super::{headers::header_text, rule::Rule};
use crate::{
    app_state::AppState, caller::Caller, faults::Endpoint, gopay_state::GoPayState, host::Host,
    idempotency::Lookup, ledger::Event, mini_apps::MiniAppUser,
};
use axum::{
    Extension, Json,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gopay_protocol::{MiniAppErrorCode, header};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Unverified: the HTTP status of every code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MiniAppError {
    status: StatusCode,
    pub(crate) code: Option<MiniAppErrorCode>,
    pub(crate) description: String,
    /// The rule, where the code alone does not say it.
    why: Option<String>,
}

impl MiniAppError {
    pub(crate) fn new(status: StatusCode, code: MiniAppErrorCode) -> Self {
        Self {
            status,
            description: code.name().unwrap_or_default().to_owned(),
            code: Some(code),
            why: None,
        }
    }

    /// Some samples have no code.
    pub(crate) fn described(status: StatusCode, description: &str) -> Self {
        Self {
            status,
            code: None,
            description: description.to_owned(),
            why: None,
        }
    }

    pub(super) fn because(self, why: impl Into<String>) -> Self {
        Self {
            why: Some(why.into()),
            ..self
        }
    }

    pub(super) fn rule(&self, endpoint: Endpoint) -> Rule {
        let by_code = || self.code.as_ref().map_or("", rule_of).to_owned();
        let page = match endpoint {
            Endpoint::Profile => "get-profile-v2",
            Endpoint::Rewards => "reward-coins-emoney-v2",
            Endpoint::GemsBalance | Endpoint::GemsCollect => "reward-gems-v2",
            Endpoint::Reminder => "reminder-v2",
            Endpoint::Push => "push-notification-v2",
            _ => "backend-v2",
        };
        Rule::new(self.why.clone().unwrap_or_else(by_code), page)
    }

    pub(crate) fn body(&self) -> Value {
        let mut error = json!({"description": self.description});
        if let Some(code) = &self.code {
            error["code"] = json!(code.code());
        }
        json!({"success": false, "error": error})
    }

    pub(crate) fn with_body(&self, body: Value) -> Response {
        (self.status, Json(body)).into_response()
    }
}

/// Names in brackets are settings of `PUT /control/mini-app`.
fn rule_of(code: &MiniAppErrorCode) -> &'static str {
    match code {
        MiniAppErrorCode::Unauthorized => "Authorization is Bearer and a buyer's auth_token",
        MiniAppErrorCode::MalformedJson => "the body is JSON",
        MiniAppErrorCode::UserConsentDoesNotExist => "the buyer has given the consent",
        MiniAppErrorCode::MiniAppRewardConfigNotFound => {
            "the type of the reward is configured (reward_types)"
        }
        MiniAppErrorCode::DatasourceNotFound => "gems are configured (reward_types)",
        MiniAppErrorCode::FraudValidationError => "the buyer may be given rewards (refused_buyers)",
        MiniAppErrorCode::GenericServiceError => {
            "the merchant's wallet has the amount of the reward (wallet)"
        }
        MiniAppErrorCode::RequestValueExceedsMaxLimit => {
            "the gems are within the limit (max_gems), and no more than the buyer has"
        }
        MiniAppErrorCode::MiniAppReminderTemplateNotFound => {
            "the template is registered (templates)"
        }
        _ => "the body has the fields of the page",
    }
}

impl From<MiniAppErrorCode> for MiniAppError {
    fn from(code: MiniAppErrorCode) -> Self {
        let status = match &code {
            MiniAppErrorCode::GenericServiceError => StatusCode::INTERNAL_SERVER_ERROR,
            MiniAppErrorCode::FraudValidationError | MiniAppErrorCode::UserConsentDoesNotExist => {
                StatusCode::FORBIDDEN
            }
            code if code.is_about_token() => StatusCode::UNAUTHORIZED,
            code if code.is_about_buyer() || code.is_about_configuration() => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, code)
    }
}

impl IntoResponse for MiniAppError {
    fn into_response(self) -> Response {
        self.with_body(self.body())
    }
}

/// The mini app and the buyer of the request's `auth_token`.
pub(super) fn authenticate(
    gopay: &GoPayState,
    headers: &HeaderMap,
) -> Result<MiniAppUser, MiniAppError> {
    let refused = |code| MiniAppError::new(StatusCode::UNAUTHORIZED, code);
    let authorization = header_text(headers, header::AUTHORIZATION)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| {
            refused(MiniAppErrorCode::FieldCannotBeBlank).because("Authorization is mandatory")
        })?;
    let auth_token = authorization.strip_prefix("Bearer ").ok_or_else(|| {
        refused(MiniAppErrorCode::MalformedData)
            .because("Authorization is Bearer, a space, and a buyer's auth_token")
    })?;
    let user = gopay.auth_tokens.user(auth_token);
    Ok(user.cloned().ok_or(MiniAppErrorCode::Unauthorized)?)
}

/// Unverified: the response to a missing `Request-Id`.
pub(super) fn mandatory_request_id(headers: &HeaderMap) -> Result<&str, MiniAppError> {
    request_id(headers).ok_or_else(|| {
        MiniAppError::from(MiniAppErrorCode::FieldCannotBeBlank).because("Request-Id is mandatory")
    })
}

fn request_id(headers: &HeaderMap) -> Option<&str> {
    header_text(headers, header::REQUEST_ID).filter(|value| !value.is_empty())
}

/// The JSON of a body; the code of a body that is none.
pub(super) fn json_body(body: &[u8], otherwise: MiniAppErrorCode) -> Result<Value, MiniAppError> {
    serde_json::from_slice(body).map_err(|_| otherwise.into())
}

/// A part of a body in its form; the code of a part in another form.
pub(super) fn read<T: DeserializeOwned>(
    part: &Value,
    otherwise: MiniAppErrorCode,
) -> Result<T, MiniAppError> {
    serde_path_to_error::deserialize(part)
        .map_err(|error| MiniAppError::from(otherwise).because(error.to_string()))
}

/// Carries out a request once for its `Request-Id`, which only reminders may lack; `act` returns
/// the response's `data`. A refused request is not remembered.
///
/// Unverified: how long GoPay remembers an id, here as long as in BI-SNAP; and 409 with 310 for an
/// id that was used with another body, buyer or mini app.
pub(super) fn serve(
    state: &AppState,
    endpoint: Endpoint,
    headers: &HeaderMap,
    request: Result<Value, MiniAppError>,
    act: impl FnOnce(&mut GoPayState, &MiniAppUser, &Value) -> Result<Value, MiniAppError>,
) -> Response {
    state.write(|gopay| {
        let now = gopay.now();
        let user = authenticate(gopay, headers);
        let result = user.clone().and_then(|user| {
            let id = match endpoint {
                Endpoint::Reminder => request_id(headers),
                _ => Some(mandatory_request_id(headers)?),
            };
            let request = request?;
            let whole = json!({"user": user, "request": request});
            let caller = Caller {
                host: Host::Production,
                merchant: gopay.mini_apps.merchant_of(&user.mini_app),
            };
            let before = id.map(|id| {
                let cache = gopay.idempotency.of(caller);
                cache.lookup(endpoint, id, &whole, now)
            });
            match before {
                Some(Lookup::Hit(data)) => return Ok((request, data, true)),
                Some(Lookup::Conflict) => {
                    let code = MiniAppErrorCode::MalformedData;
                    return Err(MiniAppError::new(StatusCode::CONFLICT, code).because(
                        "a Request-Id is of one request: the same one is sent with the same body",
                    ));
                }
                Some(Lookup::Miss) | None => {}
            }
            let data = act(gopay, &user, &request)?;
            if let Some(id) = id {
                let cache = gopay.idempotency.of(caller);
                cache.insert(endpoint, id, &whole, &data, now);
            }
            Ok((request, data, false))
        });
        let (outcome, request, data, repeated) = match &result {
            Ok((request, data, repeated)) => ("done", request.clone(), data.clone(), *repeated),
            Err(error) => (error.description.as_str(), Value::Null, Value::Null, false),
        };
        gopay.record(Event::MiniAppRequested {
            on: endpoint,
            user: user.ok(),
            request,
            data,
            outcome: outcome.to_owned(),
            repeated,
        });
        match result {
            Ok((_, Value::Null, _)) => Json(json!({"success": true})).into_response(),
            Ok((_, data, _)) => Json(json!({"success": true, "data": data})).into_response(),
            Err(error) => (Extension(error.rule(endpoint)), error).into_response(),
        }
    })
}
