//! Moving the clock.

use super::Problem;
use crate::shared::Shared;
use axum::{Json, extract::State};
use gopay_protocol::timestamp::format_wib;
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

/// `POST /control/clock/advance {"seconds": 120}`: forward only. Answers once everything that
/// became due has happened.
pub(crate) async fn advance(
    State(shared): State<Arc<Shared>>,
    Json(advance): Json<Advance>,
) -> Result<Json<Now>, Problem> {
    shared.write(|world| world.clock.advance(advance.seconds))?;
    shared.settled().await;
    Ok(Json(Now {
        now: format_wib(shared.read(|world| world.now())),
    }))
}
