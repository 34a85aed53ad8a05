//! GoPay's public keys, as its dashboard shows them.

use super::ControlError;
use crate::app_state::AppState;
use axum::{Json, extract::State};
use gopay_protocol::SigningKey;
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /control/keys`: the keys that verify notifications, in PEM. `next` is announced, and used by
/// `repeat` with `"key": "next"`; it is generated anew with every start.
pub(crate) async fn keys(State(state): State<Arc<AppState>>) -> Result<Json<Value>, ControlError> {
    let next = state.next_key().and_then(SigningKey::public_pem);
    let current = state.keys.gopay.public_pem();
    match (current, next) {
        (Ok(current), Ok(next)) => Ok(Json(json!({"current": current, "next": next}))),
        _ => Err(ControlError::Unsigned),
    }
}
