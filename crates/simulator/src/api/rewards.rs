//! `POST /v1/mini-apps/rewards` of the mini-app API: gives the buyer coins, e-money or gems
//! `[reward-coins-emoney-v2]` `[reward-gems-v2]`.

use super::mini_app_request::{json_body, read, serve};
use crate::{app_state::AppState, faults::Endpoint};
use axum::{body::Bytes, extract::State, http::HeaderMap, response::Response};
use gopay_protocol::{
    MiniAppErrorCode,
    message::{
        gems,
        rewards::{Request, RewardType},
    },
};
use serde_json::json;
use std::sync::Arc;

/// Unverified: 305 for a body that the page does not describe.
pub(crate) async fn give(
    State(state): State<Arc<AppState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = json_body(&body, MiniAppErrorCode::MalformedJson);
    serve(
        &state,
        Endpoint::Rewards,
        &headers,
        body,
        |gopay, user, body| {
            let reward_type: RewardType =
                read(&body["reward_type"], MiniAppErrorCode::MalformedData)?;
            let invalid = MiniAppErrorCode::IllegalLengthForField;
            let request: Request = read(body, invalid.clone())?;
            if reward_type == RewardType::GopayGems {
                read::<gems::Metadata>(&body["metadata"], invalid)?;
            }
            gopay
                .mini_app_api
                .reward(&user.buyer, reward_type, request.amount)?;
            Ok(json!({"payment_id": gopay.ids.payment_id(gopay.now())}))
        },
    )
}
