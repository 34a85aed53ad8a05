//! `POST /v1.0/access-token/b2b`, service 73 `[access-token-api]`.

use super::{freshness::is_fresh, refusal::Refusal, signed::text};
use crate::{account, id, ledger::Event, shared::Shared, world::World};
use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gopay_protocol::{
    ResponseCode, ServiceCode, header, message::access_token::LIFETIME_SECONDS,
    signature::token_string_to_sign, timestamp::parse,
};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::Arc;

const SERVICE: ServiceCode = ServiceCode::AccessToken;

/// Issues a token.
pub(crate) async fn issue(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    shared.write(|world| {
        let checked = check(&shared, world, &headers, &body);
        let success = ResponseCode::new(200, SERVICE, 0);
        world.record(Event::AccessTokenRequested {
            outcome: match &checked {
                Ok(()) => success,
                Err(refusal) => refusal.code,
            },
        });
        if let Err(refusal) = checked {
            let mut answer = json!({
                "responseCode": refusal.code,
                "responseMessage": refusal.message,
            });
            answer["referenceNo"] = json!(id::numeric());
            let status =
                StatusCode::from_u16(refusal.code.http).unwrap_or(StatusCode::UNAUTHORIZED);
            return (status, Json(answer)).into_response();
        }
        let token = id::opaque();
        let now = world.now();
        world.bearers.add(token.clone(), now);
        Json(json!({
            "responseCode": success,
            "responseMessage": "Successful",
            "accessToken": token,
            "tokenType": "Bearer",
            "expiresIn": LIFETIME_SECONDS.to_string(),
        }))
        .into_response()
    })
}

/// Unverified: which code answers a body or a header that is wrong. Only 4017300 and 5007300
/// are documented, so everything the merchant can get wrong is 4017300.
fn check(shared: &Shared, world: &World, headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    let refused = |what: &str| Refusal::unauthorized(SERVICE, what);
    let header = |name: &'static str, shown: &str| {
        text(headers, name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| refused(shown))
    };
    let client_key = header(header::CLIENT_KEY, "X-CLIENT-KEY")?;
    let sent_at = header(header::TIMESTAMP, "X-TIMESTAMP")?;
    let signature = header(header::SIGNATURE, "X-SIGNATURE")?;
    if client_key != account::CLIENT_KEY {
        return Err(refused("X-CLIENT-KEY"));
    }
    let timestamp = parse(sent_at).map_err(|_| refused("X-TIMESTAMP"))?;
    let ahead = SignedDuration::from_secs(world.clock.ahead_seconds());
    if !is_fresh(timestamp, world.now(), ahead) {
        return Err(refused("X-TIMESTAMP is not of now"));
    }
    let string = token_string_to_sign(client_key, sent_at);
    if !shared.keys.merchant.verify(&string, signature) {
        return Err(refused("Signature"));
    }
    // Docs disagree: `grantType` on the API page, `grant_type` in every official library.
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let grant = body.get("grantType").or_else(|| body.get("grant_type"));
    if grant.and_then(Value::as_str) != Some("client_credentials") {
        return Err(refused("grantType"));
    }
    Ok(())
}
