//! Planning what goes wrong.

use super::Problem;
use crate::{faults::Plan, shared::Shared};
use axum::{Json, extract::State};
use std::sync::Arc;

/// `PUT /control/faults [{"on": "payment", "do": "answer_lost", "times": 1}]`: the whole plan.
pub(crate) async fn plan(
    State(shared): State<Arc<Shared>>,
    Json(plan): Json<Plan>,
) -> Result<(), Problem> {
    plan.check()?;
    shared.write(|world| world.faults = plan);
    Ok(())
}

/// `POST /control/faults/release`: the answers that are held go out.
pub(crate) async fn release(State(shared): State<Arc<Shared>>) {
    shared.release();
}
