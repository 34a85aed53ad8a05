//! The recording of a run.

use crate::{app_state::AppState, recording::Recording};
use axum::{Json, extract::State};
use std::sync::Arc;

/// `GET /control/recording`: what GoPay's side did since the start or the last reset.
pub(crate) async fn recording(State(state): State<Arc<AppState>>) -> Json<Recording> {
    Json(state.read(|gopay| {
        let setup = gopay.recording.setup.as_ref().unwrap_or(&gopay.setup);
        Recording {
            setup: Some(setup.clone()),
            steps: gopay.recording.steps.clone(),
        }
    }))
}
