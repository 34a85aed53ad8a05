//! The gallery's addresses.

use crate::{Gallery, frame, guard::app_origin, shared::Shared};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use std::sync::Arc;

const MISSING: &str = "no gallery: start the simulator with --gallery and the folder of the mini \
                       app's states, as `cargo xtask preview` does";

/// What anybody may look at.
pub(crate) fn shown(gallery: Option<Arc<Gallery>>) -> Router<Arc<Shared>> {
    Router::new().route("/gallery", get(page)).route(
        "/gallery.json",
        get(
            async move |State(shared): State<Arc<Shared>>| match gallery {
                Some(gallery) => Json(gallery.listed(&app_origin(&shared))).into_response(),
                None => missing(MISSING.to_owned()),
            },
        ),
    )
}

/// What the app's pages ask for.
pub(crate) fn router(gallery: Option<Arc<Gallery>>) -> Router<Arc<Shared>> {
    Router::new().route(
        "/{name}",
        get(async move |Path(name): Path<String>| {
            let Some(gallery) = gallery else {
                return missing(MISSING.to_owned());
            };
            match gallery.scene(&name) {
                Some(scene) => Json(&scene.play).into_response(),
                None => missing(format!(
                    "no state {name}: /gallery.json says which there are"
                )),
            }
        }),
    )
}

async fn page(State(shared): State<Arc<Shared>>, request: axum::extract::Request) -> Response {
    frame::own_page(&shared, &request, include_str!("../../assets/gallery.html"))
}

fn missing(why: String) -> Response {
    (StatusCode::NOT_FOUND, Json(json!({"error": why}))).into_response()
}
