//! `GET /control/exchanges`: the messages that crossed the line, whole.

use super::ControlError;
use crate::{
    app_state::AppState,
    input::{Parameters, PathParameters},
    inspector::{Secrets, view},
};
use axum::{Json, extract::State};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// Without `last`.
const DEFAULT_COUNT: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExchangesQuery {
    last: Option<usize>,
    #[serde(default)]
    secrets: Secrets,
}

/// `GET /control/exchanges[?last=50&secrets=show]`: oldest first.
pub(crate) async fn list(
    State(state): State<Arc<AppState>>,
    Parameters(query): Parameters<ExchangesQuery>,
) -> Json<Value> {
    let exchanges = state.exchanges.last(query.last.unwrap_or(DEFAULT_COUNT));
    let views = exchanges.iter().map(|it| view(&state, it, query.secrets));
    Json(views.collect())
}

/// `GET /control/exchanges/{number}[?secrets=show]`
pub(crate) async fn one(
    State(state): State<Arc<AppState>>,
    PathParameters(number): PathParameters<String>,
    Parameters(query): Parameters<ExchangesQuery>,
) -> Result<Json<Value>, ControlError> {
    let exchange = number.parse().ok();
    let exchange = exchange.and_then(|number| state.exchanges.get(number));
    let exchange = exchange.ok_or(ControlError::UnknownExchange(number))?;
    Ok(Json(view(&state, &exchange, query.secrets)))
}
