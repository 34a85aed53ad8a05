//! Moving the clock.

use super::ControlError;
use crate::{app_state::AppState, input::Input};
use axum::{Json, extract::State};
use gopay_protocol::timestamp::format_wib;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Advance {
    /// Negative to move it back.
    seconds: i64,
}

/// `POST /control/clock/advance {"seconds": 120}`: returns once everything that became due has
/// happened.
pub(crate) async fn advance(
    State(state): State<Arc<AppState>>,
    Input(advance): Input<Advance>,
) -> Result<Json<Value>, ControlError> {
    let by = SignedDuration::from_secs(advance.seconds);
    state.write(|gopay| gopay.clock.advance(by))?;
    Ok(moved(&state).await)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ahead {
    /// Of real time; negative for behind it.
    ahead_seconds: i64,
}

/// `PUT /control/clock {"ahead_seconds": 0}`: returns once everything that became due has happened.
pub(crate) async fn set(
    State(state): State<Arc<AppState>>,
    Input(ahead): Input<Ahead>,
) -> Result<Json<Value>, ControlError> {
    let ahead = SignedDuration::from_secs(ahead.ahead_seconds);
    state.write(|gopay| gopay.clock.set(ahead))?;
    Ok(moved(&state).await)
}

async fn moved(state: &AppState) -> Json<Value> {
    state.notifications_settled().await;
    Json(json!({"now": format_wib(state.read(|gopay| gopay.now()))}))
}
