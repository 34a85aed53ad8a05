//! `GET /v1/mini-apps/users/profile` of the mini-app API: the buyer's name, e-mail address and
//! phone number, with the buyer's consent `[get-profile-v2]`.

use super::mini_app_request::{MiniAppError, authenticate, mandatory_request_id};
use crate::{
    app_state::AppState,
    buyer::Profile,
    container::{Container, ProfileConsent, ProfileName},
    faults::Endpoint,
    gopay_state::GoPayState,
    ledger::Event,
    mini_apps::MiniAppUser,
};
use axum::{
    Extension, Json,
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
        let user = authenticate(gopay, &headers);
        let result = user
            .clone()
            .and_then(|user| profile(gopay, &user, &headers));
        gopay.record(Event::ProfileRequested {
            mini_app: user.ok().map(|user| user.mini_app),
            outcome: match &result {
                Ok(_) => "told".to_owned(),
                Err(error) => error.description.clone(),
            },
        });
        match result {
            Ok(data) => Json(json!({"success": true, "error": {}, "data": data})).into_response(),
            Err(error) => {
                let rule = error.rule(Endpoint::Profile);
                (Extension(rule), refuse(&error, gopay.container)).into_response()
            }
        }
    })
}

fn profile(
    gopay: &GoPayState,
    user: &MiniAppUser,
    headers: &HeaderMap,
) -> Result<Value, MiniAppError> {
    mandatory_request_id(headers)?;
    if !gopay.has_consent(user, SCOPE) {
        return Err(MiniAppErrorCode::UserConsentDoesNotExist.into());
    }
    let Profile {
        username,
        email,
        phone_number,
    } = gopay.buyers.profile(&user.buyer);
    let name = match gopay.container.profile_name {
        ProfileName::Username => "username",
        ProfileName::Name => "name",
    };
    Ok(json!({"phone_number": phone_number, "email": email, name: username}))
}
