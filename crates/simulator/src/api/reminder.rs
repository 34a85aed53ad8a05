//! Reminders on GoPay's home page by the mini-app API: `PUT /v1/mini-apps/reminder` creates one,
//! `DELETE /v1/mini-apps/reminder/<reminder_id>` removes it `[reminder-v2]`.

use super::mini_app_request::{MiniAppError, json_body, read, serve};
use crate::{app_state::AppState, faults::Endpoint, input::PathParameters, mini_app_api::Template};
use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use gopay_protocol::MiniAppErrorCode;
use serde_json::{Value, json};
use std::sync::Arc;

/// Unverified: 310 for a body that the page does not describe. The `reminder_id` of the sample is
/// ignored.
pub(crate) async fn create(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let invalid = MiniAppErrorCode::MalformedData;
    let body = json_body(&body, invalid.clone());
    serve(
        &state,
        Endpoint::Reminder,
        &headers,
        body,
        |gopay, user, body| {
            let template: Template = read(body, invalid)?;
            let reminder_id = gopay.ids.reminder_id();
            let data = json!({"reminder_id": reminder_id});
            gopay.mini_app_api.remind(user, reminder_id, template)?;
            Ok(data)
        },
    )
}

pub(crate) async fn remove(
    State(state): State<Arc<AppState>>,
    PathParameters(reminder_id): PathParameters<String>,
    headers: HeaderMap,
) -> Response {
    let request = Ok(json!({"reminder_id": reminder_id}));
    serve(
        &state,
        Endpoint::Reminder,
        &headers,
        request,
        |gopay, user, _| {
            if gopay
                .mini_app_api
                .remove_reminder(&user.buyer, &reminder_id.into())
            {
                return Ok(Value::Null);
            }
            let error = MiniAppError::described(StatusCode::NOT_FOUND, "Reminder not found");
            Err(error.because("the reminder is there, and the buyer's own"))
        },
    )
}
