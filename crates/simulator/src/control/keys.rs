//! The keys that GoPay and the merchant know each other by.

use super::ControlError;
use crate::{app_state::AppState, host::Host, input::Input};
use axum::{Json, extract::State};
use gopay_protocol::{ClientSecret, Secret, ServerKey, SigningKey, VerifyingKey};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /control/keys`: the keys that verify notifications, in PEM. `next` is announced, and used by
/// `repeat` with `"key": "next"`; it is generated anew with every start.
pub(crate) async fn keys(State(state): State<Arc<AppState>>) -> Result<Json<Value>, ControlError> {
    let next = state.next_key().and_then(SigningKey::public_pem);
    let current = state.first_key().public_pem();
    match (current, next) {
        (Ok(current), Ok(next)) => Ok(Json(json!({"current": current, "next": next}))),
        _ => Err(ControlError::Unsigned),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyChange {
    /// Whose keys; the first merchant's without it.
    merchant_id: Option<String>,
    /// The merchant's public key, in PEM.
    merchant: Option<String>,
    client_secret: Option<Secret>,
    /// Of the merchant's first mini app.
    auth_credentials: Option<Secret>,
    /// Of production.
    server_key: Option<Secret>,
    gopay: Option<GoPayKey>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum GoPayKey {
    Current,
    Next,
}

/// `PUT /control/keys {"client_secret": "..."}`: GoPay changes a key, and knows the former one no more.
/// What is missing stays.
///
/// Unverified: whether GoPay knows both for a while.
pub(crate) async fn change(
    State(state): State<Arc<AppState>>,
    Input(change): Input<KeyChange>,
) -> Result<(), ControlError> {
    let no = state.read(|gopay| gopay.merchants.named(change.merchant_id.as_deref()))?;
    let mut exchanged = (*state.exchanged()).clone();
    let keys = exchanged.merchants.of_mut(no);
    if let Some(pem) = change.merchant {
        keys.merchant = VerifyingKey::from_pem(&pem).map_err(|_| ControlError::Key("merchant"))?;
    }
    if let Some(secret) = change.client_secret {
        keys.client_secret = ClientSecret::new(&secret);
        keys.client_secret_text = secret;
    }
    if let Some(key) = change.server_key {
        let key = ServerKey::new(&key).map_err(|_| ControlError::Key("server_key"))?;
        let owner = exchanged.by_server_key(Host::Production, key.authorization().expose());
        if owner.is_some_and(|owner| owner != no) {
            return Err(ControlError::ServerKeyTaken);
        }
        let keys = exchanged.merchants.of_mut(no);
        *keys.server_keys.of_mut(Host::Production) = key;
    }
    if let Some(key) = change.gopay {
        // Generated here rather than under the lock of the state.
        state.next_key().map_err(|_| ControlError::Unsigned)?;
        exchanged.signs_with_next = key == GoPayKey::Next;
    }
    if let Some(credentials) = change.auth_credentials {
        state.write(|gopay| gopay.mini_apps.change_first_credentials(no, credentials))?;
    }
    state.exchange(exchanged);
    Ok(())
}
