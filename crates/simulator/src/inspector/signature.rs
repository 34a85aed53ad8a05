//! The signature of an exchange: what was to be signed, what was, and what the mistake most likely is.

use super::secrets::Mask;
use crate::{
    api::{
        caller,
        signature_mistake::string_to_sign,
        signature_mistake::{self, Diagnosis, MerchantKeys, SignedTransaction},
        signed_request::accepted_hashes,
    },
    app_state::AppState,
    exchanges::{Exchange, Line},
};
use axum::http::Uri;
use gopay_protocol::{
    SigningKey, header,
    message::access_token,
    signature::{body_hash, body_hashes, notification_string_to_sign, token_string_to_sign},
};
use serde_json::{Value, json};

/// `null` where the message has none.
pub(super) fn of(state: &AppState, exchange: &Exchange, mask: &Mask) -> Value {
    let mut signature = match exchange.has_ended() {
        true => exchange
            .signature
            .get_or_init(|| examine(state, exchange))
            .clone(),
        false => examine(state, exchange),
    };
    for name in ["string_to_sign", "signed_string"] {
        if let Some(Value::String(text)) = signature.get_mut(name) {
            *text = mask.apply(text);
        }
    }
    signature
}

/// With the secrets.
fn examine(state: &AppState, exchange: &Exchange) -> Value {
    let sent = &exchange.sent;
    let header = |name| sent.header(name);
    let (Some(given), Some(timestamp)) = (header(header::SIGNATURE), header(header::TIMESTAMP))
    else {
        return Value::Null;
    };
    let Ok(uri) = sent.url.parse::<Uri>() else {
        return Value::Null;
    };
    let Some(body) = sent.body.whole() else {
        return json!({"given": given});
    };
    let merchant = state.read(|gopay| caller::of_exchange(gopay, exchange));
    let known = exchange.keys.of(merchant);
    let diagnosed = |diagnose: &dyn Fn(&MerchantKeys<'_>) -> Diagnosis| {
        state.read(|gopay| diagnose(&MerchantKeys::of(gopay, &exchange.keys, merchant)))
    };
    match sent.line {
        Line::Notification => notification(state, uri.path(), body, timestamp, given),
        Line::BiSnap if uri.path() == access_token::PATH => {
            let client_key = header(header::CLIENT_KEY).unwrap_or_default();
            let string = token_string_to_sign(client_key, timestamp);
            if known.merchant.verify(&string, given) {
                return json!({"string_to_sign": string, "given": given, "verifies": true});
            }
            let found = diagnosed(&|keys| {
                signature_mistake::of_token_request(client_key, timestamp, given, keys)
            });
            refused(exchange, given, None, found)
        }
        Line::BiSnap => {
            let authorization = header(header::AUTHORIZATION).unwrap_or_default();
            let token = authorization.strip_prefix("Bearer ").unwrap_or_default();
            let string =
                |hash: &str| string_to_sign(&sent.method, uri.path(), token, hash, timestamp);
            let secret = &known.client_secret;
            let right = string(&body_hash(body));
            let expected = secret.sign(&right);
            let requests = state.read(|gopay| gopay.checkout.requests);
            let mut accepted = accepted_hashes(body, requests);
            if accepted.any(|(_, hash)| secret.verify(&string(&hash), given)) {
                return json!({
                    "string_to_sign": right,
                    "given": given,
                    "expected": expected,
                    "verifies": true,
                });
            }
            let transaction = SignedTransaction {
                method: &sent.method,
                target: uri.path_and_query().map_or(uri.path(), |it| it.as_str()),
                host: header("host").unwrap_or_default(),
                access_token: token,
                timestamp,
                body,
                signature: given,
            };
            let found = diagnosed(&|keys| signature_mistake::of_transaction(&transaction, keys));
            refused(exchange, given, Some(expected), found)
        }
        Line::Sdk | Line::MiniAppApi | Line::Snap | Line::Unknown => Value::Null,
    }
}

/// GoPay signs some forms of a body over another one: see the switch `notification_body`.
fn notification(state: &AppState, path: &str, body: &[u8], timestamp: &str, given: &str) -> Value {
    let string = |hash: &str| notification_string_to_sign(path, hash, timestamp);
    let keys = [state.gopay_key(), Ok(state.first_key())];
    let keys: Vec<_> = keys
        .into_iter()
        .filter_map(|key| key.and_then(SigningKey::public_key).ok())
        .collect();
    let signed = body_hashes(body)
        .map(|(_, hash)| string(&hash))
        .find(|string| keys.iter().any(|key| key.verify(string, given)));
    json!({
        "verifies": signed.is_some(),
        "string_to_sign": signed.unwrap_or_else(|| string(&body_hash(body))),
        "given": given,
    })
}

fn refused(exchange: &Exchange, given: &str, expected: Option<String>, found: Diagnosis) -> Value {
    // A request may be refused before its signature is looked at: for its access token, its time, a header.
    let answer = exchange.answer.as_ref().and_then(|it| it.body.whole());
    let answer: Value = serde_json::from_slice(answer.unwrap_or_default()).unwrap_or_default();
    let message = answer["responseMessage"].as_str().unwrap_or_default();
    let mistake = message.ends_with("Signature").then_some(found.mistake);
    json!({
        "string_to_sign": found.string_to_sign,
        "signed_string": found.signed_string,
        "given": given,
        "expected": expected,
        "verifies": false,
        "mistake": mistake,
    })
}
