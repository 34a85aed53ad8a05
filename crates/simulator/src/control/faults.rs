//! Setting the plan of faults, and that of outcomes.

use super::ControlError;
use crate::{app_state::AppState, faults::FaultPlan, input::Input, outcomes::Outcome};
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

/// `PUT /control/outcomes [{"do": "fail", "for": {"amount": 13000}, "after_seconds": 2}]`: replaces the plan of
/// what becomes of payments that are requested from now on.
pub(crate) async fn outcomes(State(state): State<Arc<AppState>>, Input(plan): Input<Vec<Outcome>>) {
    state.write(|gopay| gopay.outcomes.plan = plan);
}

/// `POST /control/faults/release`: sends the responses that `hold` keeps back.
pub(crate) async fn release(State(state): State<Arc<AppState>>) {
    state.release();
}
