//! Setting the fault plan.

use super::ControlError;
use crate::{app_state::AppState, faults::FaultPlan, input::Input};
use axum::extract::State;
use std::sync::Arc;

/// `PUT /control/faults [{"on": "payment", "do": "answer_lost", "times": 1}]`: replaces the plan.
pub(crate) async fn plan(
    State(state): State<Arc<AppState>>,
    Input(plan): Input<FaultPlan>,
) -> Result<(), ControlError> {
    plan.validate()?;
    state.write(|gopay| gopay.faults = plan);
    Ok(())
}

/// `POST /control/faults/release`: sends the responses that `hold` keeps back.
pub(crate) async fn release(State(state): State<Arc<AppState>>) {
    state.release();
}
