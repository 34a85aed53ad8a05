//! Moving the clock.

use super::ControlError;
use crate::app_state::AppState;
use axum::{Json, extract::State};
use gopay_protocol::timestamp::format_wib;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Advance {
    seconds: u32,
}

#[derive(Debug, Serialize)]
pub(crate) struct Now {
    now: String,
}

/// `POST /control/clock/advance {"seconds": 120}`: returns once everything that became due has
/// happened.
pub(crate) async fn advance(
    State(state): State<Arc<AppState>>,
    Json(advance): Json<Advance>,
) -> Result<Json<Now>, ControlError> {
    let by = SignedDuration::from_secs(advance.seconds.into());
    state.write(|gopay| gopay.clock.advance(by))?;
    state.notifications_settled().await;
    Ok(Json(Now {
        now: format_wib(state.read(|gopay| gopay.now())),
    }))
}
