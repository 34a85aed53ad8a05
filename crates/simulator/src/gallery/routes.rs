//! The gallery's routes.

use crate::{
    Gallery,
    app_state::AppState,
    input::{PathParameters, refuse},
    pages,
};
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use std::sync::Arc;

const MISSING: &str = "no gallery: start the simulator with --gallery and the folder of the mini \
                       app's states, as `cargo xtask preview` does";

/// The overview, for any page.
pub(crate) fn overview_router(gallery: Option<Arc<Gallery>>) -> Router<Arc<AppState>> {
    Router::new().route("/gallery", get(page)).route(
        "/gallery.json",
        get(
            async move |State(state): State<Arc<AppState>>| match gallery {
                Some(gallery) => {
                    let origin = state.read(|gopay| gopay.mini_apps.first().origin());
                    Json(gallery.to_json(&origin)).into_response()
                }
                None => missing(MISSING),
            },
        ),
    )
}

/// The states, for the app's pages only.
pub(crate) fn state_router(gallery: Option<Arc<Gallery>>) -> Router<Arc<AppState>> {
    Router::new().route(
        "/{name}",
        get(async move |PathParameters(name): PathParameters<String>| {
            let Some(gallery) = gallery else {
                return missing(MISSING);
            };
            match gallery.state(&name) {
                Some(state) => Json(&state.script).into_response(),
                None => missing(&format!(
                    "no state {name}: /gallery.json says which there are"
                )),
            }
        }),
    )
}

async fn page(State(state): State<Arc<AppState>>, request: axum::extract::Request) -> Response {
    pages::framing_page(
        &state,
        None,
        &request,
        include_str!("../../assets/gallery.html"),
    )
}

fn missing(why: &str) -> Response {
    refuse(StatusCode::NOT_FOUND, why)
}
