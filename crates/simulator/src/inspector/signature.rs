//! The signature of an exchange: what was to be signed, what was, and what the mistake most likely is.

use super::secrets::Mask;
use crate::{
    account::Account,
    api::signature_mistake::{self, Diagnosis, MerchantKeys, SignedTransaction},
    app_state::AppState,
    exchanges::{Exchange, Line},
};
use axum::http::Uri;
use gopay_protocol::{
    header,
    message::access_token,
    signature::{
        body_hash, body_hashes, notification_string_to_sign, token_string_to_sign,
        transaction_string_to_sign,
    },
};
use serde_json::{Value, json};

/// `null` where the message has none.
pub(super) fn of(state: &AppState, account: &Account, exchange: &Exchange, mask: &Mask) -> Value {
    let sent = &exchange.sent;
    let header = |name: &str| {
        let found = sent.headers.iter().find(|(header, _)| header == name);
        found.map(|(_, value)| value.as_str())
    };
    let (Some(given), Some(timestamp)) = (header(header::SIGNATURE), header(header::TIMESTAMP))
    else {
        return Value::Null;
    };
    let Ok(uri) = sent.url.parse::<Uri>() else {
        return Value::Null;
    };
    let keys = MerchantKeys::of(state, &exchange.keys, account);
    match sent.line {
        Line::Notification => {
            let hash = body_hash(&sent.body);
            let string = notification_string_to_sign(uri.path(), &hash, timestamp);
            json!({"string_to_sign": string, "given": given})
        }
        Line::BiSnap if uri.path() == access_token::PATH => {
            let client_key = header(header::CLIENT_KEY).unwrap_or_default();
            let string = token_string_to_sign(client_key, timestamp);
            if exchange.keys.merchant.verify(&string, given) {
                return json!({"string_to_sign": string, "given": given, "verifies": true});
            }
            let found = signature_mistake::of_token_request(client_key, timestamp, given, &keys);
            refused(given, None, found)
        }
        Line::BiSnap => {
            let authorization = header(header::AUTHORIZATION).unwrap_or_default();
            let token = authorization.strip_prefix("Bearer ").unwrap_or_default();
            let string =
                |hash: &str| transaction_string_to_sign(uri.path(), token, hash, timestamp);
            let secret = &exchange.keys.client_secret;
            let right = string(&body_hash(&sent.body));
            let expected = secret.sign(&right);
            if body_hashes(&sent.body).any(|(_, hash)| secret.verify(&string(&hash), given)) {
                return json!({
                    "string_to_sign": mask.apply(&right),
                    "given": given,
                    "expected": expected,
                    "verifies": true,
                });
            }
            let transaction = SignedTransaction {
                target: uri.path_and_query().map_or(uri.path(), |it| it.as_str()),
                host: header("host").unwrap_or_default(),
                access_token: token,
                timestamp,
                body: &sent.body,
                signature: given,
            };
            let found = signature_mistake::of_transaction(&transaction, &keys);
            refused(given, Some(expected), found)
        }
        Line::Sdk | Line::MiniAppApi | Line::Snap | Line::Unknown => Value::Null,
    }
}

fn refused(given: &str, expected: Option<String>, found: Diagnosis) -> Value {
    json!({
        "string_to_sign": found.string_to_sign,
        "signed_string": found.signed_string,
        "given": given,
        "expected": expected,
        "verifies": false,
        "mistake": found.mistake,
    })
}
