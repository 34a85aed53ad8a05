//! `GET /v1/mini-apps/users/profile` of the mini-app API: the buyer's name, e-mail address and
//! phone number, with the buyer's consent `[get-profile-v2]`.

use super::signed_request::header_text;
use crate::{
    app_state::AppState,
    buyer::Profile,
    container::{Container, ProfileConsent, ProfileName},
    gopay_state::GoPayState,
    ledger::Event,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gopay_protocol::header;
use serde_json::{Value, json};
use std::sync::Arc;

/// Unverified: the name of the consent. `[frontend-v2]` says that the error names it, and no page
/// prints one.
const SCOPE: &str = "profile";

/// Unverified: the HTTP status of every code, as in the exchange of auth codes; and the response
/// to a missing `Request-Id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ProfileError {
    NoToken,
    MalformedToken,
    UnknownToken,
    NoRequestId,
    NoConsent,
}

impl ProfileError {
    /// HTTP status, code and description.
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::NoToken => (StatusCode::UNAUTHORIZED, "303", "FIELD_CANNOT_BE_BLANK"),
            Self::MalformedToken => (StatusCode::UNAUTHORIZED, "310", "MALFORMED_DATA"),
            Self::UnknownToken => (StatusCode::UNAUTHORIZED, "110", "UNAUTHORIZED"),
            Self::NoRequestId => (StatusCode::BAD_REQUEST, "303", "FIELD_CANNOT_BE_BLANK"),
            Self::NoConsent => (
                StatusCode::FORBIDDEN,
                "400004",
                "USER_CONSENT_DOES_NOT_EXIST",
            ),
        }
    }

    fn response(self, container: Container) -> Response {
        let (status, code, description) = self.parts();
        let mut body = json!({
            "success": false,
            "error": {"code": code, "description": description},
        });
        if self == Self::NoConsent {
            match container.profile_consent {
                ProfileConsent::Error => body["error"]["consent_name"] = json!(SCOPE),
                ProfileConsent::Data => body["data"] = json!({"consent_name": SCOPE}),
                ProfileConsent::Description => {
                    body["error"]["description"] = json!(format!("{description}: {SCOPE}"));
                }
            }
        }
        (status, Json(body)).into_response()
    }
}

pub(crate) async fn read(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    state.write(|gopay| {
        let result = profile(gopay, &headers);
        gopay.record(Event::ProfileRequested {
            outcome: result
                .as_ref()
                .err()
                .map_or("told", |error| error.parts().2),
        });
        match result {
            Ok(data) => Json(json!({"success": true, "error": {}, "data": data})).into_response(),
            Err(error) => error.response(gopay.container),
        }
    })
}

fn profile(gopay: &GoPayState, headers: &HeaderMap) -> Result<Value, ProfileError> {
    let authorization = header_text(headers, header::AUTHORIZATION)
        .filter(|value| !value.is_empty())
        .ok_or(ProfileError::NoToken)?;
    let auth_token = authorization
        .strip_prefix("Bearer ")
        .ok_or(ProfileError::MalformedToken)?;
    let buyer = gopay
        .auth_tokens
        .buyer(auth_token)
        .ok_or(ProfileError::UnknownToken)?;
    header_text(headers, header::REQUEST_ID)
        .filter(|value| !value.is_empty())
        .ok_or(ProfileError::NoRequestId)?;
    if !gopay.has_consent(buyer, SCOPE) {
        return Err(ProfileError::NoConsent);
    }
    let Profile {
        username,
        email,
        phone_number,
    } = Profile::of(buyer);
    let name = match gopay.container.profile_name {
        ProfileName::Username => "username",
        ProfileName::Name => "name",
    };
    Ok(json!({"phone_number": phone_number, "email": email, name: username}))
}
