//! `POST /v1/mini-apps/notifications/push` of the mini-app API: one push to the buyer's phone
//! `[push-notification-v2]`.

use super::mini_app_request::{MiniAppError, json_body, read, serve};
use crate::{app_state::AppState, faults::Endpoint, mini_app_api::Template};
use axum::{body::Bytes, extract::State, http::HeaderMap, response::Response};
use gopay_protocol::{MiniAppErrorCode, message::push::Request};
use serde_json::Value;
use std::sync::Arc;

/// Unverified: 305 for a field that is missing, 2903 for one of another type.
pub(crate) async fn push(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = json_body(&body, MiniAppErrorCode::MalformedJson);
    serve(
        &state,
        Endpoint::Push,
        &headers,
        body,
        |gopay, user, body| {
            if body["template_name"].is_null() || body["template_parameters"].is_null() {
                let error = MiniAppError::from(MiniAppErrorCode::IllegalLengthForField);
                return Err(error.because("template_name and template_parameters are mandatory"));
            }
            read::<Request>(body, MiniAppErrorCode::InvalidRequestError)?;
            let template: Template = read(body, MiniAppErrorCode::InvalidRequestError)?;
            gopay.mini_app_api.push(user, template)?;
            Ok(Value::Null)
        },
    )
}
