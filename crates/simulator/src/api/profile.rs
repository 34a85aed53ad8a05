//! `GET /v1/mini-apps/users/profile` of the mini-app API: the buyer's name, e-mail address and
//! phone number, where the buyer allowed it `[get-profile-v2]`.

use super::signed::text;
use crate::{
    buyer::Profile,
    container::{Container, ProfileConsent, ProfileName},
    ledger::Event,
    shared::Shared,
    world::World,
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

/// Unverified: the name of the consent. `[frontend-v2]` says that the refusal has it, and no
/// page prints one.
const SCOPE: &str = "profile";

/// Why there is no profile.
///
/// Unverified: the HTTP status of every code, as in the exchange of auth codes; and what a
/// missing `Request-Id` is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Refused {
    NoToken,
    MalformedToken,
    UnknownToken,
    NoRequestId,
    NoConsent,
}

impl Refused {
    fn answer(self) -> (StatusCode, &'static str, &'static str) {
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
        let (status, code, description) = self.answer();
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

/// Tells who a buyer is.
pub(crate) async fn tell(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    shared.write(|world| {
        let told = profile(world, &headers);
        world.record(Event::ProfileRequested {
            outcome: told
                .as_ref()
                .err()
                .map_or("told", |refused| refused.answer().2),
        });
        match told {
            Ok(data) => Json(json!({"success": true, "error": {}, "data": data})).into_response(),
            Err(refused) => refused.response(world.container),
        }
    })
}

fn profile(world: &World, headers: &HeaderMap) -> Result<Value, Refused> {
    let authorization = text(headers, header::AUTHORIZATION)
        .filter(|value| !value.is_empty())
        .ok_or(Refused::NoToken)?;
    let auth_token = authorization
        .strip_prefix("Bearer ")
        .ok_or(Refused::MalformedToken)?;
    let buyer = world
        .auth_tokens
        .buyer(auth_token)
        .ok_or(Refused::UnknownToken)?;
    text(headers, header::REQUEST_ID)
        .filter(|value| !value.is_empty())
        .ok_or(Refused::NoRequestId)?;
    if !world.has_consent(buyer, SCOPE) {
        return Err(Refused::NoConsent);
    }
    let Profile {
        username,
        email,
        phone_number,
    } = Profile::of(buyer);
    let name = match world.container.profile_name {
        ProfileName::Username => "username",
        ProfileName::Name => "name",
    };
    Ok(json!({"phone_number": phone_number, "email": email, name: username}))
}
