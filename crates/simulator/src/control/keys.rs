//! GoPay's public keys, as its dashboard shows them.

use super::ControlError;
use crate::app_state::AppState;
use axum::{Json, extract::State};
use serde::Serialize;
use std::sync::Arc;

/// In PEM.
#[derive(Debug, Serialize)]
pub(crate) struct PublicKeys {
    current: String,
    /// Announced, and used by `repeat` with `"key": "next"`. Generated anew with every start.
    next: String,
}

/// `GET /control/keys`: the keys that verify notifications.
pub(crate) async fn keys(
    State(state): State<Arc<AppState>>,
) -> Result<Json<PublicKeys>, ControlError> {
    let next = state.next_key().map_err(|_| ControlError::Unsigned)?;
    Ok(Json(PublicKeys {
        current: state
            .keys
            .gopay
            .public_pem()
            .map_err(|_| ControlError::Unsigned)?,
        next: next.public_pem().map_err(|_| ControlError::Unsigned)?,
    }))
}
