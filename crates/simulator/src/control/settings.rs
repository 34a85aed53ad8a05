//! Choosing how GoPay behaves, and where the merchant is.

use super::Problem;
use crate::{container::Container, scenario::Scenario, shared::Shared};
use axum::{Json, extract::State};
use serde::Deserialize;
use std::sync::Arc;
use url::Url;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chosen {
    name: Scenario,
}

/// `PUT /control/scenario {"name": "outside"}`
pub(crate) async fn scenario(State(shared): State<Arc<Shared>>, Json(chosen): Json<Chosen>) {
    shared.write(|world| world.scenario = chosen.name);
}

/// `PUT /control/container`: how the SDK answers. What is left out takes its default.
pub(crate) async fn container(State(shared): State<Arc<Shared>>, Json(container): Json<Container>) {
    shared.write(|world| world.container = container);
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Addresses {
    app: Option<String>,
    notify: Option<String>,
}

/// `PUT /control/merchant {"app": "http://...", "notify": "http://..."}`: either or both.
pub(crate) async fn merchant(
    State(shared): State<Arc<Shared>>,
    Json(addresses): Json<Addresses>,
) -> Result<(), Problem> {
    let app = checked("app", addresses.app)?;
    let notify = checked("notify", addresses.notify)?;
    shared.write(|world| {
        if let Some(app) = app {
            world.merchant.app = app;
        }
        if let Some(notify) = notify {
            world.merchant.notify = notify;
        }
    });
    Ok(())
}

fn checked(name: &'static str, text: Option<String>) -> Result<Option<Url>, Problem> {
    text.map(|text| {
        Url::parse(&text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or(Problem::Address(name))
    })
    .transpose()
}

/// `POST /control/reset`: as after a start, but for the merchant's addresses.
pub(crate) async fn reset(State(shared): State<Arc<Shared>>) {
    shared.write(crate::world::World::reset);
    shared.release();
}

/// `POST /control/reload`: pages that are open load themselves again.
pub(crate) async fn reload(State(shared): State<Arc<Shared>>) {
    shared.reload();
}
