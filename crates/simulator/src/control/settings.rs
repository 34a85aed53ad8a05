//! Choosing how GoPay behaves, and the merchant's addresses.

use super::ControlError;
use crate::{
    app_state::AppState, bridge, checkout::CheckoutSettings, container::Container,
    gopay_state::GoPayState, input::Input, order_history::OrderHistory, scenario::Scenario,
    setup::Setup,
};
use axum::{Json, extract::State};
use serde::Deserialize;
use std::sync::Arc;
use url::Url;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScenarioChoice {
    name: Scenario,
}

/// `PUT /control/scenario {"name": "outside"}`
pub(crate) async fn scenario(
    State(state): State<Arc<AppState>>,
    Input(choice): Input<ScenarioChoice>,
) {
    state.write(|gopay| gopay.scenario = choice.name);
}

/// `PUT /control/container`: how the SDK answers. A missing switch takes its default.
pub(crate) async fn container(
    State(state): State<Arc<AppState>>,
    Input(container): Input<Container>,
) {
    state.write(|gopay| gopay.container = container);
}

/// `PUT /control/checkout`: how payments, notifications, Snap and the sandbox behave. A missing switch takes its default.
pub(crate) async fn checkout(
    State(state): State<Arc<AppState>>,
    Input(checkout): Input<CheckoutSettings>,
) {
    state.write(|gopay| gopay.checkout = checkout);
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Addresses {
    app: Option<String>,
    notify: Option<String>,
    order_history: Option<String>,
}

/// `PUT /control/merchant {"app": "http://...", "notify": "http://...", "order_history": "/..."}`: what
/// is missing stays. `app` is the first mini app's.
pub(crate) async fn merchant(
    State(state): State<Arc<AppState>>,
    Input(addresses): Input<Addresses>,
) -> Result<(), ControlError> {
    let app = parse_url("app", addresses.app)?;
    let notify = parse_url("notify", addresses.notify)?;
    state.write(|gopay| {
        let mut merchant = gopay.merchant.clone();
        if let Some(app) = app {
            merchant.mini_apps.move_first(app)?;
        }
        if let Some(notify) = notify {
            merchant.notify = notify;
        }
        if let Some(shape) = addresses.order_history {
            merchant.order_history = OrderHistory::parse(&shape)?;
        }
        gopay.merchant = merchant;
        Ok(())
    })
}

fn parse_url(name: &'static str, text: Option<String>) -> Result<Option<Url>, ControlError> {
    text.map(|text| {
        Url::parse(&text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .ok_or(ControlError::Address(name))
    })
    .transpose()
}

/// `GET /control/setup`: all settings in one.
pub(crate) async fn setup(State(state): State<Arc<AppState>>) -> Json<Setup> {
    Json(state.read(GoPayState::settings))
}

/// `PUT /control/setup {"faults": [...], "outcomes": [...]}`: a missing setting takes its default.
pub(crate) async fn set_up(
    State(state): State<Arc<AppState>>,
    Input(setup): Input<Setup>,
) -> Result<(), ControlError> {
    setup.validate(bridge::check_method)?;
    state.write(|gopay| gopay.set_up(setup))?;
    state.notifications_settled().await;
    Ok(())
}

/// `POST /control/reset`: the state after a start, except for the merchant's mini apps and addresses.
pub(crate) async fn reset(State(state): State<Arc<AppState>>) {
    state.write(GoPayState::reset);
    state.exchanges.clear();
    state.release();
}

/// `POST /control/reload`: open pages reload.
pub(crate) async fn reload(State(state): State<Arc<AppState>>) {
    state.reload();
}
