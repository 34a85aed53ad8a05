//! The recording of a run, and playing it again.

use super::{ControlError, settings::reset};
use crate::{
    app_state::AppState,
    bridge,
    input::Input,
    recording::{self, Recording},
};
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

/// `POST /control/recording/replay {"steps": [{"call": "POST /control/payments/{1}/pay"}]}`: plays a recording up to the
/// first step that waits for a payment, and returns the rest. With `setup` it begins with a reset.
pub(crate) async fn replay(
    State(state): State<Arc<AppState>>,
    Input(Recording { setup, steps }): Input<Recording>,
) -> Result<Json<Recording>, ControlError> {
    if let Some(setup) = setup {
        setup.validate(bridge::check_method)?;
        reset(State(Arc::clone(&state))).await;
        state.write(|gopay| {
            gopay.set_up(setup)?;
            gopay.recording.setup = Some(gopay.settings());
            Ok::<_, ControlError>(())
        })?;
    }
    let steps = recording::play(&state, steps).await?;
    Ok(Json(Recording { setup: None, steps }))
}
