//! `POST /v1.0/access-token/b2b`, service 73 `[access-token-api]`.

use super::{
    error::ApiError,
    freshness::{FRESHNESS_RULE, JAKARTA_TIME_RULE, TIMESTAMP_RULE, is_fresh},
    headers::header_text,
    literal::is_jakarta_time,
    signature_mistake::{self, Diagnosis, MerchantKeys},
};
use crate::{
    app_state::AppState, caller::MerchantNo, checkout::Requests, gopay_state::GoPayState,
    host::Host, ledger::Event,
};
use axum::{
    Extension, Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use gopay_protocol::{
    ResponseCode, ServiceCode, header, message::access_token::LIFETIME_SECONDS,
    signature::token_string_to_sign, timestamp::parse,
};
use serde_json::{Value, json};
use std::sync::Arc;

const SERVICE: ServiceCode = ServiceCode::AccessToken;

pub(crate) async fn issue(
    State(state): State<Arc<AppState>>,
    Extension(host): Extension<Host>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    state.write(|gopay| {
        let checked = check(&state, gopay, &headers, &body);
        let success = ResponseCode::new(200, SERVICE, 0);
        let success_code = gopay.checkout.response_codes.success(SERVICE);
        gopay.record(Event::AccessTokenRequested {
            outcome: match &checked {
                Ok(_) => success,
                Err(error) => error.code,
            },
            message: match &checked {
                Ok(_) => "Successful".to_owned(),
                Err(error) => error.message.clone(),
            },
        });
        let merchant = match checked {
            Ok(merchant) => merchant,
            Err(error) => {
                let status =
                    StatusCode::from_u16(error.code.http).unwrap_or(StatusCode::UNAUTHORIZED);
                let body = json!({
                    "responseCode": error.code,
                    "responseMessage": error.message,
                    "referenceNo": gopay.ids.token_reference_no(),
                });
                return (status, error.rule.map(Extension), Json(body)).into_response();
            }
        };
        let token = gopay.ids.access_token();
        let now = gopay.now();
        let tokens = gopay.access_tokens.of_mut(host);
        tokens.add(token.clone(), merchant, now);
        Json(json!({
            "responseCode": success_code,
            "responseMessage": "Successful",
            "accessToken": token,
            "tokenType": "Bearer",
            "expiresIn": LIFETIME_SECONDS.to_string(),
        }))
        .into_response()
    })
}

/// Unverified: the code for a wrong body or header. Only 4017300 and 5007300 are documented, so
/// every mistake of the merchant's is 4017300.
fn check(
    state: &AppState,
    gopay: &mut GoPayState,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<MerchantNo, ApiError> {
    let unauthorized = |what: &str, says: &str| ApiError::unauthorized(SERVICE, what, says);
    let header = |name: &'static str, shown: &str| {
        header_text(headers, name)
            .filter(|value| !value.is_empty())
            .ok_or_else(|| {
                unauthorized(
                    shown,
                    "X-CLIENT-KEY, X-TIMESTAMP and X-SIGNATURE are mandatory",
                )
            })
    };
    let client_key = header(header::CLIENT_KEY, "X-CLIENT-KEY")?;
    let sent_at = header(header::TIMESTAMP, "X-TIMESTAMP")?;
    let signature = header(header::SIGNATURE, "X-SIGNATURE")?;
    let merchant = gopay
        .merchants
        .by_client_key(client_key)
        .ok_or_else(|| unauthorized("X-CLIENT-KEY", "X-CLIENT-KEY is the account's client key"))?;
    let timestamp = parse(sent_at).map_err(|_| unauthorized("X-TIMESTAMP", TIMESTAMP_RULE))?;
    let ahead = gopay.clock.ahead();
    let is_literal = gopay.checkout.requests == Requests::Literal;
    if is_literal && !is_jakarta_time(sent_at) {
        return Err(unauthorized("X-TIMESTAMP", JAKARTA_TIME_RULE));
    }
    if !is_fresh(timestamp, gopay.now(), ahead) {
        return Err(unauthorized("X-TIMESTAMP is not of now", FRESHNESS_RULE));
    }
    let string = token_string_to_sign(client_key, sent_at);
    let keys = state.exchanged();
    if !keys.of(merchant).merchant.verify(&string, signature) {
        let keys = MerchantKeys::of(gopay, &keys, merchant);
        let Diagnosis {
            string_to_sign,
            mistake,
            ..
        } = signature_mistake::of_token_request(client_key, sent_at, signature, &keys);
        gopay.record(Event::SignatureRefused {
            external_id: None,
            string_to_sign,
            mistake,
        });
        let says = "X-SIGNATURE is the base64 of SHA256withRSA over client key|X-TIMESTAMP, under the \
                    private key whose public key GoPay has";
        return Err(unauthorized("Signature", says).on_page("signature-generation"));
    }
    // Docs disagree: `grantType` on the API page, `grant_type` in every official library.
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let grant = body
        .get("grantType")
        .or_else(|| body.get("grant_type").filter(|_| !is_literal));
    if grant.and_then(Value::as_str) != Some("client_credentials") {
        return Err(unauthorized("grantType", "grantType is client_credentials"));
    }
    Ok(merchant)
}
