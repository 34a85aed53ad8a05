//! The admin listener: metrics and readiness for the operator.

use super::readiness::{Obstacle, Readiness};
use crate::metrics;
use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use std::sync::Arc;

/// The body of `/readyz`.
#[derive(Serialize)]
struct Report {
    ready: bool,
    obstacles: Vec<Obstacle>,
}

pub(crate) fn router(readiness: Arc<Readiness>) -> Router {
    Router::new()
        .route("/metrics", get(show_metrics))
        .route("/healthz", get(async || "alive"))
        .route("/readyz", get(ready))
        .with_state(readiness)
}

async fn show_metrics(State(readiness): State<Arc<Readiness>>) -> Response {
    readiness.update_metrics().await;
    match readiness.metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn ready(State(readiness): State<Arc<Readiness>>) -> Response {
    let obstacles = readiness.obstacles().await;
    let ready = obstacles.is_empty();
    let status = match ready {
        true => StatusCode::OK,
        false => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(Report { ready, obstacles })).into_response()
}
