//! `GET /v1/mini-apps/users/profile` of the mini-app API: the buyer's name, e-mail address and
//! phone number, with the buyer's consent `[get-profile-v2]`.

use super::mini_app_request::{MiniAppError, authenticate, mandatory_request_id};
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
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use gopay_protocol::MiniAppErrorCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// Unverified: the name of the consent. `[frontend-v2]` says that the error names it, and no page
/// prints one.
const SCOPE: &str = "profile";

fn refuse(error: &MiniAppError, container: Container) -> Response {
    let mut body = error.body();
    if error.code == Some(MiniAppErrorCode::UserConsentDoesNotExist) {
        match container.profile_consent {
            ProfileConsent::Error => body["error"]["consent_name"] = json!(SCOPE),
            ProfileConsent::Data => body["data"] = json!({"consent_name": SCOPE}),
            ProfileConsent::Description => {
                let description = format!("{}: {SCOPE}", error.description);
                body["error"]["description"] = json!(description);
            }
        }
    }
    error.with_body(body)
}

pub(crate) async fn read(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    state.write(|gopay| {
        let result = profile(gopay, &headers);
        gopay.record(Event::ProfileRequested {
            outcome: match &result {
                Ok(_) => "told".to_owned(),
                Err(error) => error.description.clone(),
            },
        });
        match result {
            Ok(data) => Json(json!({"success": true, "error": {}, "data": data})).into_response(),
            Err(error) => refuse(&error, gopay.container),
        }
    })
}

fn profile(gopay: &GoPayState, headers: &HeaderMap) -> Result<Value, MiniAppError> {
    let buyer = authenticate(gopay, headers)?;
    mandatory_request_id(headers)?;
    if !gopay.has_consent(&buyer, SCOPE) {
        return Err(MiniAppErrorCode::UserConsentDoesNotExist.into());
    }
    let Profile {
        username,
        email,
        phone_number,
    } = Profile::of(&buyer);
    let name = match gopay.container.profile_name {
        ProfileName::Username => "username",
        ProfileName::Name => "name",
    };
    Ok(json!({"phone_number": phone_number, "email": email, name: username}))
}
