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
    /// The first merchant without it.
    merchant_id: Option<String>,
    app: Option<String>,
    notify: Option<String>,
    order_history: Option<String>,
}

/// `PUT /control/merchant {"app": "http://...", "notify": "http://...", "order_history": "/..."}`: what
/// is missing stays. Of `merchant_id`, or of the first merchant; `app` is its first mini app's.
pub(crate) async fn merchant(
    State(state): State<Arc<AppState>>,
    Input(addresses): Input<Addresses>,
) -> Result<(), ControlError> {
    let app = parse_url("app", addresses.app)?;
    let notify = parse_url("notify", addresses.notify)?;
    state.write(|gopay| {
        let no = gopay.merchants.named(addresses.merchant_id.as_deref())?;
        let order_history = addresses.order_history;
        let order_history = order_history
            .map(|it| OrderHistory::parse(&it))
            .transpose()?;
        if let Some(app) = app {
            gopay.mini_apps.move_first(no, app)?;
        }
        let merchant = gopay.merchants.of_mut(no);
        merchant.notify = notify.unwrap_or_else(|| merchant.notify.clone());
        merchant.order_history = order_history.unwrap_or_else(|| merchant.order_history.clone());
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

/// `PUT /control/setup {"faults": [...], "outcomes": [...]}`: a missing setting takes its default, and a missing
/// seed stays.
pub(crate) async fn set_up(
    State(state): State<Arc<AppState>>,
    Input(setup): Input<Setup>,
) -> Result<(), ControlError> {
    setup.validate(bridge::check_method)?;
    state.write(|gopay| gopay.set_up(setup))?;
    state.notifications_settled().await;
    Ok(())
}

/// `POST /control/reset`: the state after a start, except for merchants, mini apps and addresses.
pub(crate) async fn reset(State(state): State<Arc<AppState>>) {
    state.write(GoPayState::reset);
    state.exchanges.clear();
    state.release();
}

/// `POST /control/reload`: open pages reload.
pub(crate) async fn reload(State(state): State<Arc<AppState>>) {
    state.reload();
}
