//! Moving the clock.

use super::ControlError;
use crate::app_state::AppState;
use axum::{Json, extract::State};
use gopay_protocol::timestamp::format_wib;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Advance {
    seconds: u32,
}

/// `POST /control/clock/advance {"seconds": 120}`: returns once everything that became due has
/// happened.
pub(crate) async fn advance(
    State(state): State<Arc<AppState>>,
    Json(advance): Json<Advance>,
) -> Result<Json<Value>, ControlError> {
    let by = SignedDuration::from_secs(advance.seconds.into());
    state.write(|gopay| gopay.clock.advance(by))?;
    state.notifications_settled().await;
    let now = state.read(|gopay| gopay.now());
    Ok(Json(json!({"now": format_wib(now)})))
}
