//! What GoPay has configured for the merchant's rewards, gems, reminders and pushes.

use crate::{app_state::AppState, input::Input, mini_app_api::MiniAppSettings};
use axum::extract::State;
use std::sync::Arc;

/// `PUT /control/mini-app {"wallet": 10000, "refused_buyers": ["siti"]}`: a missing setting takes
/// its default.
pub(crate) async fn settings(
    State(state): State<Arc<AppState>>,
    Input(settings): Input<MiniAppSettings>,
) {
    state.write(|gopay| gopay.mini_app_api.settings = settings);
}
