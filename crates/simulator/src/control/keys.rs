//! GoPay's public keys, as its dashboard shows them.

use super::Problem;
use crate::shared::Shared;
use axum::{Json, extract::State};
use serde::Serialize;
use std::sync::Arc;

/// PEM, each.
#[derive(Debug, Serialize)]
pub(crate) struct PublicKeys {
    current: String,
    /// Announced, and used by `repeat` with `"key": "next"`. New with every start.
    next: String,
}

/// `GET /control/keys`: what a merchant verifies notifications with.
pub(crate) async fn keys(State(shared): State<Arc<Shared>>) -> Result<Json<PublicKeys>, Problem> {
    let next = shared.next_key().map_err(|_| Problem::Unsigned)?;
    Ok(Json(PublicKeys {
        current: shared
            .keys
            .gopay
            .public_pem()
            .map_err(|_| Problem::Unsigned)?,
        next: next.public_pem().map_err(|_| Problem::Unsigned)?,
    }))
}
