//! Setting the plans of faults, of hostile replies and of outcomes.

use super::ControlError;
use crate::{
    app_state::AppState, bridge, faults::FaultPlan, input::Input, outcomes::Outcome,
    sdk_faults::SdkFaultPlan,
};
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

/// `PUT /control/sdk-faults [{"on": "GP.launchPayment", "do": "called_twice", "times": 1}]`: replaces the plan of
/// hostile replies.
pub(crate) async fn sdk_plan(
    State(state): State<Arc<AppState>>,
    Input(plan): Input<SdkFaultPlan>,
) -> Result<(), ControlError> {
    plan.validate(bridge::check_method)?;
    state.write(|gopay| gopay.sdk_faults = plan);
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
