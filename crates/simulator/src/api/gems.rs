//! The buyer's gems in the mini-app API: `GET /v1/mini-apps/gems/balance` and
//! `POST /v1/mini-apps/gems/collect` `[reward-gems-v2]`.

use super::{
    mini_app_request::{json_body, read, serve},
    unknown,
};
use crate::{app_state::AppState, checkout::Requests, faults::Endpoint, host::Host};
use axum::{
    Extension,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use gopay_protocol::{MiniAppErrorCode, message::gems::CollectRequest};
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) async fn balance(State(state): State<Arc<AppState>>, headers: HeaderMap) -> Response {
    let nothing = Ok(Value::Null);
    serve(
        &state,
        Endpoint::GemsBalance,
        &headers,
        nothing,
        |gopay, user, _| Ok(json!({"balance": gopay.mini_app_api.gems(&user.buyer)})),
    )
}

/// Of the older page, which `requests: literal` refuses.
pub(crate) async fn older_balance(
    State(state): State<Arc<AppState>>,
    Extension(host): Extension<Host>,
    uri: Uri,
    method: Method,
    headers: HeaderMap,
) -> Response {
    match state.read(|gopay| gopay.checkout.requests) {
        Requests::EachForm => balance(State(state), headers).await,
        Requests::Literal => unknown::refuse(State(state), Extension(host), uri, method).await,
    }
}

/// Unverified: that collecting takes gems away.
pub(crate) async fn collect(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = json_body(&body, MiniAppErrorCode::MalformedJson);
    serve(
        &state,
        Endpoint::GemsCollect,
        &headers,
        body,
        |gopay, user, body| {
            let request: CollectRequest = read(body, MiniAppErrorCode::IllegalLengthForField)?;
            gopay.mini_app_api.collect(&user.buyer, request.amount)?;
            Ok(json!({"payment_id": gopay.ids.payment_id(gopay.now())}))
        },
    )
}
